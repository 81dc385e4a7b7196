"""Where Rasa keeps conversations: in memory, and within bounds.

The gateway's database is where conversations live; Rasa needs only what its next decision rests
on. Its own stores keep everything: each turn reads, replays and writes the whole conversation, so
the hundredth turn costs four times the fifth, and the one in memory never forgets a customer.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker


class BoundedTrackerStore(InMemoryTrackerStore):
    """Keeps the last turns of the conversations that were active last.

    After a restart of Rasa a conversation goes on without its slots: the language is told anew
    from the next message, and a "yes" no longer accepts a person who was offered before.
    """

    def __init__(
        self,
        domain: Domain,
        event_broker: EventBroker | None = None,
        conversations: int = 5000,
        turns: int = 8,
        **kwargs: Any,
    ) -> None:
        """Keep at most ``conversations``, and between ``turns`` and twice as many turns of each.

        Raises:
            ValueError: one of the two is below 1.
        """
        if conversations < 1 or turns < 1:
            raise ValueError(
                f"The tracker store's conversations is {conversations} and its turns {turns}; "
                "expected 1 or more for both. Change them in endpoints.yml."
            )
        super().__init__(domain, event_broker, **kwargs)
        self.store: OrderedDict[str, str] = OrderedDict()
        self._conversations = conversations
        self._turns = turns

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store the end of the conversation, and forget the one that was quiet longest."""
        await super().save(self._shortened(tracker))
        self.store.move_to_end(tracker.sender_id)
        while len(self.store) > self._conversations:
            self.store.popitem(last=False)

    def _shortened(self, tracker: DialogueStateTracker) -> DialogueStateTracker:
        events: list[Event] = list(tracker.events)
        said = [i for i, event in enumerate(events) if isinstance(event, UserUttered)]
        if len(said) <= 2 * self._turns:
            return tracker
        cut = said[-self._turns]
        slots = list(tracker.slots.values())
        # What the slots were when the kept part begins: its events are replayed over them.
        before = DialogueStateTracker.from_events(tracker.sender_id, events[:cut], slots)
        start: list[Event] = [
            *(SlotSet(name, value) for name, value in before.current_slot_values().items()),
            ActionExecuted(ACTION_LISTEN_NAME),
        ]
        return DialogueStateTracker.from_events(tracker.sender_id, start + events[cut:], slots)
