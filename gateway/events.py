"""What happens in a conversation, as told to everyone who follows it."""

from dataclasses import dataclass
from typing import Protocol

from store.records import MessageRecord, RatingRecord
from store.status import Status


@dataclass(frozen=True, slots=True)
class Opened:
    """The state of things, to a follower who has just come.

    Attributes:
        continues: whether ``messages`` goes on from what the follower has seen; if not, it is all
            that there is.
    """

    continues: bool
    status: Status
    messages: list[MessageRecord]


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The customer's message is stored; told to the one who sent it."""

    message: MessageRecord


@dataclass(frozen=True, slots=True)
class MessageStored:
    """There is a new message."""

    message: MessageRecord


@dataclass(frozen=True, slots=True)
class TypingChanged:
    """The assistant began or ended writing."""

    on: bool


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """Somebody else has the conversation now."""

    status: Status


@dataclass(frozen=True, slots=True)
class Rated:
    """An answer was rated."""

    rating: RatingRecord


Event = Opened | Acknowledged | MessageStored | TypingChanged | StatusChanged | Rated


class Follower(Protocol):
    """Whoever is to be told at once: a socket of the widget, later an agent's desk."""

    def tell(self, event: Event) -> None:
        """Take the event without waiting; whoever cannot keep up drops out by itself."""
