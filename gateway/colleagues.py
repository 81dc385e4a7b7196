"""Hearing what other gateways on the same PostgreSQL have stored, for the followers here."""

import asyncio
import logging
from contextlib import suppress

from gateway.events import Rated, Revoked, SeenChanged, StatusChanged
from gateway.exchange import Exchange
from gateway.hub import Hub
from store import conversations, ratings
from store.bulletin import Notice, listen
from store.database import Database
from store.errors import StoreError

_log = logging.getLogger(__name__)
_LONGEST_PAUSE = 5.0


class Colleagues:
    """Listens to the other gateways; does nothing on SQLite, which has only one.

    Args:
        name: of this gateway, whose own notices are no news.
    """

    def __init__(self, database: Database, hub: Hub, exchange: Exchange, name: str) -> None:
        self._database = database
        self._hub = hub
        self._exchange = exchange
        self._name = name
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Listen from now on."""
        if self._database.url.get_backend_name() == "postgresql":
            self._task = asyncio.create_task(self._listen())

    async def stop(self) -> None:
        """Listen no more."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _listen(self) -> None:
        pause = 0.1
        while True:
            try:
                async for notice in listen(self._database.url):
                    pause = 0.1
                    if notice is None:
                        await self._look_everywhere()
                    elif notice.sender != self._name:
                        await self._tell(notice)
            except StoreError as error:
                _log.warning("%s; will listen again in %.1f s", error, pause)
            except Exception:
                _log.exception("a notice of another gateway could not be told")
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _look_everywhere(self) -> None:
        for conversation_id in self._hub.followed():
            await self._exchange.catch_up(conversation_id)

    async def _tell(self, notice: Notice) -> None:
        conversation_id = notice.conversation_id
        if self._hub.position(conversation_id) is None:
            return
        if notice.what == "session":
            self._hub.tell(conversation_id, Revoked())
            return
        # Whatever else it is about: messages that were stored before it come before it.
        await self._exchange.catch_up(conversation_id)
        found = await self._database.read(
            lambda session: conversations.find(session, conversation_id)
        )
        if found is None:
            return
        if notice.what == "status":
            self._hub.tell(conversation_id, StatusChanged(found.status))
        elif notice.what == "seen":
            self._hub.tell(conversation_id, SeenChanged(found.seen_seq))
        elif notice.what == "rating" and notice.message_id is not None:
            rated = notice.message_id
            rating = await self._database.read(lambda session: ratings.rating_of(session, rated))
            if rating is not None:
                self._hub.tell(conversation_id, Rated(rating))
