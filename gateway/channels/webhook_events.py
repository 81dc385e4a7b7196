"""The events that the shop's system sends to the generic webhook, as JSON."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    EmailStr,
    Field,
    TypeAdapter,
    ValidationError,
)

from gateway.channels.channel import (
    InboundContact,
    InboundEnd,
    InboundEvent,
    InboundMessage,
    InboundRating,
    InboundSeen,
    InboundSurvey,
)
from gateway.channels.errors import BadDelivery
from gateway.widget.frames import LONGEST_COMMENT, LONGEST_TEXT


def _without_controls(text: str) -> str:
    """Drop what no keyboard makes and no database likes, line breaks and tabs apart."""
    return "".join(c for c in text if (c >= " " and c != "\x7f") or c in "\n\t")


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("expected more than white space")
    return text


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("expected printable characters")
    return text


_Words = Annotated[str, AfterValidator(_without_controls)]
_Text = Annotated[_Words, Field(min_length=1, max_length=LONGEST_TEXT), AfterValidator(_not_blank)]
_Comment = Annotated[_Words, Field(max_length=LONGEST_COMMENT)] | None
_Language = Annotated[str, Field(max_length=35)] | None


class _Event(BaseModel):
    # Strict: "5" is no number. Nothing but the fields below: an event of the other direction,
    # signed with the same secret and thrown back at us, is none of these.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    customer: Annotated[
        str,
        Field(min_length=1, max_length=255, description="What your system calls the customer."),
        AfterValidator(_printable),
    ]


class MessageEvent(_Event):
    """The customer wrote, or pressed a button."""

    type: Literal["message"]
    text: _Text
    payload: Annotated[str, Field(max_length=500)] | None = None
    language: _Language = None


class RatingEvent(_Event):
    """What the customer thinks of an answer."""

    type: Literal["rating"]
    message: Annotated[UUID, Field(strict=False)]
    value: Literal[1, -1]
    comment: _Comment = None


class SeenEvent(_Event):
    """The customer has seen everything up to this message."""

    type: Literal["seen"]
    seq: Annotated[int, Field(ge=1, le=2_147_483_647)]


class EndEvent(_Event):
    """The customer ends the conversation."""

    type: Literal["end"]


class SurveyEvent(_Event):
    """How satisfied the customer was with the whole."""

    type: Literal["survey"]
    score: Annotated[int, Field(ge=1, le=5)]
    comment: _Comment = None


class ContactEvent(_Event):
    """Where the customer can be reached, and about what."""

    type: Literal["contact"]
    email: Annotated[EmailStr, Field(max_length=320)]
    text: _Text
    name: Annotated[_Words, Field(max_length=255)] | None = None
    language: _Language = None


_KINDS = (MessageEvent, RatingEvent, SeenEvent, EndEvent, SurveyEvent, ContactEvent)
_AnyEvent = MessageEvent | RatingEvent | SeenEvent | EndEvent | SurveyEvent | ContactEvent
_EVENTS: TypeAdapter[_AnyEvent] = TypeAdapter(Annotated[_AnyEvent, Field(discriminator="type")])


def event_schemas() -> list[dict[str, Any]]:
    """The JSON Schema of each event, self-contained."""
    return [kind.model_json_schema() for kind in _KINDS]


def parse_event(event_id: str, body: bytes) -> InboundEvent:
    """Read the body of a request.

    Args:
        event_id: the ``webhook-id``.

    Raises:
        BadDelivery: it does not fit; says where and what was expected.
    """
    try:
        event = _EVENTS.validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise BadDelivery(f"{where}: {first['msg']}") from error
    customer = event.customer
    match event:
        case MessageEvent():
            return InboundMessage(event_id, customer, event.text, event.payload, event.language)
        case RatingEvent():
            return InboundRating(event_id, customer, str(event.message), event.value, event.comment)
        case SeenEvent():
            return InboundSeen(event_id, customer, event.seq)
        case EndEvent():
            return InboundEnd(event_id, customer)
        case SurveyEvent():
            return InboundSurvey(event_id, customer, event.score, event.comment)
        case ContactEvent():
            return InboundContact(
                event_id, customer, event.email, event.text, event.name, event.language
            )
