"""What a channel is: a way in and out beside the widget.

One module implements it for each kind of channel: it verifies what comes in, reads it, and sends
what is to be told. All else is the same for all: what comes in is stored once before it is
confirmed (:mod:`gateway.channels.inbox`), and what goes out is taken from an outbox
(:mod:`gateway.courier`). An account is one use of a channel by the shop, with a name of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from store.records import MessageRecord
from store.status import Status


@dataclass(frozen=True, slots=True)
class _Inbound:
    """What all events have in common.

    Attributes:
        event_id: the channel's own; the same when the event is delivered again.
        external_id: what the channel calls the customer.
    """

    event_id: str
    external_id: str


@dataclass(frozen=True, slots=True)
class InboundMessage(_Inbound):
    """The customer wrote, or pressed the button whose ``payload`` this is.

    ``language`` is the tag of the language that the customer's page or device has, if known.
    """

    text: str
    payload: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class InboundRating(_Inbound):
    """What the customer thinks of an answer."""

    message_id: str
    value: Literal[1, -1]
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class InboundSeen(_Inbound):
    """The customer has seen everything up to the message with this number."""

    seq: int


@dataclass(frozen=True, slots=True)
class InboundEnd(_Inbound):
    """The customer ends the conversation."""


@dataclass(frozen=True, slots=True)
class InboundSurvey(_Inbound):
    """How satisfied the customer was with the whole, 1 to 5."""

    score: int
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class InboundContact(_Inbound):
    """Where the customer can be reached, and about what."""

    email: str
    text: str
    name: str | None = None
    language: str | None = None


InboundEvent = (
    InboundMessage | InboundRating | InboundSeen | InboundEnd | InboundSurvey | InboundContact
)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel's customers can be shown; all else reaches them as text.

    Attributes:
        buttons: quick replies to press.
        cards: products side by side, with pictures.
    """

    buttons: bool = True
    cards: bool = True


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What a channel is to be told: a message or, where there is none, ``status``.

    Attributes:
        event_id: the same at every attempt: what the receiver knows a repetition by.
        in_reply_to: the event id with which the message came that this one replies to.
    """

    event_id: str
    conversation_id: str
    external_id: str
    message: MessageRecord | None = None
    in_reply_to: str | None = None
    status: Status | None = None


class Channel(Protocol):
    """An account of a channel."""

    @property
    def name(self) -> str:
        """The account's name."""

    @property
    def capabilities(self) -> Capabilities:
        """What its customers can be shown."""

    def read(self, headers: Mapping[str, str], body: bytes) -> list[InboundEvent]:
        """Verify a request, and only then read it.

        Args:
            headers: by their names in lower case.

        Raises:
            BadSignature: it does not come from the account.
            BadDelivery: it is not understood.
        """

    async def send(self, delivery: Outgoing) -> None:
        """Send it, once; it is taken when this returns.

        Raises:
            DeliveryFailed: it was not taken, as far as can be known.
        """

    async def close(self) -> None:
        """Close the connections."""
