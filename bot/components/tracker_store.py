"""Where Rasa keeps conversations: in a database, and only as much of each as is needed.

A restart of Rasa in the middle of a form loses nothing, and several Rasas may share one database.
The gateway's database is where conversations live; Rasa needs only what its next decision rests
on. Its own stores keep everything: each turn reads, replays and writes the whole conversation, so
that the hundredth turn costs four times the fifth.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SerializedTrackerAsText, TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    Event,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.exc import SQLAlchemyError

from bot.components.tracker_rows import CONNECTIONS, TrackerRows

DATABASE = "SHOPDESK_TRACKERS"
"""The environment variable that names the database; without it, a file in ``var``."""
_DEFAULT = "sqlite:///var/trackers.db"

_NOT_UNDERSTOOD = (ValueError, KeyError, TypeError, AttributeError)

_log = logging.getLogger(__name__)
T = TypeVar("T")


class BoundedTrackerStore(TrackerStore, SerializedTrackerAsText):
    """Keeps the last turns of every conversation, its slots and its active form.

    There is no cache: another Rasa may have gone on with the conversation. The gateway asks one
    message of a conversation after the other, so no two of them write it at once.

    Where the database fails the turn is answered all the same, and the log has an ERROR. What
    could not be read is not written over either: the conversation is as it was once the database
    is back.
    """

    def __init__(
        self,
        domain: Domain,
        event_broker: EventBroker | None = None,
        turns: int = 5,
        days: float = 30,
        **kwargs: Any,
    ) -> None:
        """Keep between ``turns`` and twice as many turns of each, for ``days`` after the last.

        Raises:
            ValueError: one of the two is too small, or the database's URL cannot be used.
        """
        if turns < 1:
            raise ValueError(
                f"The tracker store's turns is {turns}; expected 1 or more. "
                "Change it in endpoints.yml."
            )
        super().__init__(domain, event_broker, **kwargs)
        self._turns = turns
        self._rows = TrackerRows(os.environ.get(DATABASE) or _DEFAULT, days)
        # Rasa has one loop for all customers; a database that hesitates must not hold it.
        self._threads = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="trackers")
        self._unread: set[str] = set()

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store the end of the conversation."""
        await self.stream_events(tracker)
        key = tracker.sender_id
        if key in self._unread:
            _log.error("Conversation %s is not stored: it could not be read before", key)
            return
        text = self.serialise_tracker(self._shortened(tracker))
        try:
            await self._in_thread(lambda: self._rows.put(key, text))
        except SQLAlchemyError:
            _log.exception("Conversation %s could not be stored; its last turn is lost", key)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The conversation as it was stored, or None."""
        try:
            text = await self._in_thread(lambda: self._rows.get(sender_id))
        except SQLAlchemyError:
            _log.exception("Conversation %s could not be read; it is answered anew", sender_id)
            self._unread.add(sender_id)
            return None
        self._unread.discard(sender_id)
        if text is None:
            return None
        try:
            return self.deserialise_tracker(sender_id, text)
        except _NOT_UNDERSTOOD:
            # Written by another version, or by somebody else.
            _log.exception("Conversation %s cannot be understood; it begins anew", sender_id)
            return None

    async def said_to(self, sender_id: str, message_id: str) -> list[BotUttered]:
        """What the bot said to the message, if it was the last one of the conversation.

        Empty where it was not, and where the conversation cannot be read.
        """
        try:
            text = await self._in_thread(lambda: self._rows.get(sender_id))
        except SQLAlchemyError:
            return []  # Whoever retrieves the conversation next says so.
        # Nearly every message is new, and to understand a conversation takes milliseconds.
        if text is None or json.dumps(message_id) not in text:
            return []
        try:
            tracker = self.deserialise_tracker(sender_id, text)
        except _NOT_UNDERSTOOD:
            return []
        events = list(tracker.events) if tracker else []
        last = max((i for i, e in enumerate(events) if isinstance(e, UserUttered)), default=0)
        if not events or (events[last].metadata or {}).get("message_id") != message_id:
            return []
        return [event for event in events[last:] if isinstance(event, BotUttered)]

    async def keys(self) -> Iterable[str]:
        """The conversations that are stored."""
        return await self._in_thread(self._rows.keys)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _shortened(self, tracker: DialogueStateTracker) -> DialogueStateTracker:
        events: list[Event] = list(tracker.events)
        said = [i for i, event in enumerate(events) if isinstance(event, UserUttered)]
        if len(said) <= 2 * self._turns:
            return tracker
        cut = said[-self._turns]
        slots = list(tracker.slots.values())
        # What the slots and the form were when the kept part begins: its events are replayed over
        # them.
        before = DialogueStateTracker.from_events(tracker.sender_id, events[:cut], slots)
        start: list[Event] = [
            SlotSet(name, value) for name, value in before.current_slot_values().items()
        ]
        if before.active_loop_name:
            start.append(ActiveLoop(before.active_loop_name))
        start.append(ActionExecuted(ACTION_LISTEN_NAME))
        return DialogueStateTracker.from_events(tracker.sender_id, start + events[cut:], slots)
