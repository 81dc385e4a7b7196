"""Whether everything that an answer needs is there."""

import asyncio
import logging
import time
from dataclasses import dataclass

import httpx
from sqlalchemy.exc import SQLAlchemyError

from gateway.assistant import Assistant
from gateway.errors import AssistantError
from store.database import Database

_log = logging.getLogger(__name__)
_TIMEOUT = 3.0


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must be there. ``detail`` is shown to the public: no addresses, no secrets."""

    name: str
    ok: bool
    detail: str


class Readiness:
    """Asks everybody, at most once a second however often it is asked.

    Args:
        actions_url: of the action server, ``http://127.0.0.1:5055``.
        action_token: shared with it.
    """

    def __init__(
        self, database: Database, assistant: Assistant, *, actions_url: str, action_token: str
    ) -> None:
        self._database = database
        self._assistant = assistant
        self._client = httpx.AsyncClient(
            base_url=actions_url,
            headers={"Authorization": f"Bearer {action_token}"},
            timeout=_TIMEOUT,
            trust_env=False,
        )
        self._turn = asyncio.Lock()
        self._asked_at = float("-inf")
        self._checks: list[Check] = []

    async def checks(self) -> list[Check]:
        """The database, Rasa, the action server and its index."""
        async with self._turn:
            if time.monotonic() - self._asked_at > 1:
                parts = await asyncio.gather(self._database_(), self._rasa(), self._actions())
                self._checks = [check for part in parts for check in part]
                self._asked_at = time.monotonic()
            return self._checks

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _database_(self) -> list[Check]:
        try:
            async with asyncio.timeout(_TIMEOUT):
                await asyncio.to_thread(self._database.ping)
        except (SQLAlchemyError, OSError, TimeoutError):
            _log.exception("the database does not answer")
            return [Check("database", False, "does not answer")]
        return [Check("database", True, "answers")]

    async def _rasa(self) -> list[Check]:
        try:
            await self._assistant.check()
        except AssistantError as error:
            return [Check("rasa", False, str(error))]
        return [Check("rasa", True, "has its model loaded")]

    async def _actions(self) -> list[Check]:
        try:
            response = await self._client.get("/ready")
        except httpx.HTTPError:
            return [
                Check("actions", False, "does not answer"),
                Check("index", False, "unknown: the action server does not answer"),
            ]
        if response.status_code != httpx.codes.OK:
            status = response.status_code
            return [
                Check("actions", False, f"answers with HTTP status {status}"),
                Check("index", False, "not loaded"),
            ]
        return [Check("actions", True, "answers"), _index(response)]


def _index(response: httpx.Response) -> Check:
    try:
        passages = response.json()["index"]["passages"]
    except (ValueError, KeyError, TypeError):
        return Check("index", False, "not described by the action server")
    if not isinstance(passages, int) or passages < 1:
        return Check("index", False, "holds no passages")
    return Check("index", True, f"{passages} passages")
