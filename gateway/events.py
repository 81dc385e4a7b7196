"""What happens in a conversation, as told to everyone who follows it."""

from dataclasses import dataclass
from typing import Protocol

from store.records import MessageRecord, RatingRecord, SurveyRecord
from store.status import Author, Status


@dataclass(frozen=True, slots=True)
class Opened:
    """The state of things, to a follower who has just come.

    Attributes:
        continues: whether ``messages`` belongs to what the follower has seen; if not, it is of
            another history.
        messages: what the follower has not seen, the latest page of it.
        earlier: whether there are messages before these.
        seen_seq: up to which message the customer has seen everything, on any device.
    """

    continues: bool
    status: Status
    messages: list[MessageRecord]
    earlier: bool
    seen_seq: int


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
    """The assistant, or a person of the shop, began or ended writing."""

    on: bool
    author: Author = Author.ASSISTANT


@dataclass(frozen=True, slots=True)
class CustomerTyping:
    """The customer began or ended writing."""

    on: bool


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """Somebody else has the conversation now."""

    status: Status


@dataclass(frozen=True, slots=True)
class Rated:
    """An answer was rated."""

    rating: RatingRecord


@dataclass(frozen=True, slots=True)
class SeenChanged:
    """The customer has seen everything up to this message."""

    seq: int


@dataclass(frozen=True, slots=True)
class SurveyStored:
    """The customer said how satisfied she was."""

    survey: SurveyRecord


@dataclass(frozen=True, slots=True)
class Revoked:
    """The tokens that opened the conversation are good no more; whoever came by one must go."""


Event = (
    Opened
    | Acknowledged
    | MessageStored
    | TypingChanged
    | CustomerTyping
    | StatusChanged
    | Rated
    | SeenChanged
    | SurveyStored
    | Revoked
)


class Follower(Protocol):
    """Whoever is to be told at once: a socket of the widget, later an agent's desk."""

    def tell(self, event: Event) -> None:
        """Take the event without waiting; whoever cannot keep up drops out by itself."""
