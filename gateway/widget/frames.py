"""The frames of the widget's protocol, version 1; described in ``docs/protocol.md``."""

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    EmailStr,
    Field,
    PlainSerializer,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
)

from gateway.errors import GatewayError
from gateway.markdown import Block

PROTOCOL = 1
LONGEST_FRAME = 65_536
"""Bytes."""
LONGEST_TEXT = 4_000
"""Unicode code points."""
LONGEST_COMMENT = 2_000
MOST_FILES = 5
"""Files in one message."""


class FrameError(GatewayError):
    """A frame that is not one of the protocol's."""


class _Frame(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def _without_controls(text: str) -> str:
    """Drop what no keyboard makes and no database or screen likes, line breaks and tabs apart."""
    return "".join(c for c in text if (c >= " " and c != "\x7f") or c in "\n\t")


_Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
_Words = Annotated[str, AfterValidator(_without_controls)]
_Seq = Annotated[int, Field(ge=0, le=2_147_483_647)]
_Line = Annotated[_Words, Field(max_length=255)]


class Hello(_Frame):
    """The first frame of a client."""

    type: Literal["hello"]
    protocol: Literal[1]
    session: Annotated[str, Field(max_length=512)] | None = None
    identity: Annotated[str, Field(max_length=4_096)] | None = None
    last_seq: _Seq = 0
    language: Annotated[str, Field(max_length=35)] = "en"


class CustomerMessage(_Frame):
    """A message of the customer; sent again with the same id until it is acknowledged."""

    type: Literal["message"]
    id: _Id
    text: _Words
    payload: Annotated[str, Field(max_length=500)] | None = None
    files: Annotated[tuple[UUID, ...], Field(max_length=MOST_FILES)] = ()


class RatingFrame(_Frame):
    """What the customer thinks of an answer."""

    type: Literal["rating"]
    message: UUID
    value: Literal[1, -1]
    comment: Annotated[_Words, Field(max_length=LONGEST_COMMENT)] | None = None


class Ping(_Frame):
    """Answered by ``pong``: browsers do not show the WebSocket's own pings to a page."""

    type: Literal["ping"]


class SeenFrame(_Frame):
    """The customer has seen everything up to this message."""

    type: Literal["seen"]
    seq: _Seq


class CustomerTyping(_Frame):
    """The customer began or ended writing; told only to a person who has the conversation."""

    type: Literal["typing"]
    on: bool


class HistoryRequest(_Frame):
    """The page of messages before this one is wanted."""

    type: Literal["history"]
    before: Annotated[int, Field(ge=1, le=2_147_483_647)]


class EndFrame(_Frame):
    """The customer ends the conversation; it is opened again by the next message."""

    type: Literal["end"]


class SurveyFrame(_Frame):
    """How satisfied the customer was with the whole, at its end."""

    type: Literal["survey"]
    score: Annotated[int, Field(ge=1, le=5)]
    comment: Annotated[_Words, Field(max_length=LONGEST_COMMENT)] | None = None


class ContactFrame(_Frame):
    """The offline form; sent again with the same id until ``contacted`` comes."""

    type: Literal["contact"]
    id: _Id
    email: Annotated[EmailStr, Field(max_length=320)]
    text: Annotated[_Words, Field(min_length=1, max_length=LONGEST_TEXT)]
    name: _Line | None = None


class LogoutFrame(_Frame):
    """The customer signed out of the shop: nobody may come back with this conversation's tokens."""

    type: Literal["logout"]


AnyClientFrame = (
    Hello
    | CustomerMessage
    | RatingFrame
    | SeenFrame
    | CustomerTyping
    | HistoryRequest
    | EndFrame
    | SurveyFrame
    | ContactFrame
    | LogoutFrame
    | Ping
)
ClientFrame = Annotated[AnyClientFrame, Field(discriminator="type")]
_CLIENT_FRAMES: TypeAdapter[AnyClientFrame] = TypeAdapter(ClientFrame)


class _AnyVersion(BaseModel):
    type: Literal["hello"]
    protocol: int


def parse_frame(text: str) -> AnyClientFrame:
    """Read a client's frame.

    Raises:
        FrameError: it does not fit; says where and what was expected.
    """
    try:
        return _CLIENT_FRAMES.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "frame"
        raise FrameError(f"{where}: {first['msg']}") from error


def speaks_another_version(text: str) -> bool:
    """Whether the frame is the hello of another version of the protocol."""
    try:
        return _AnyVersion.model_validate_json(text).protocol != PROTOCOL
    except ValidationError:
        return False


def _timestamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


_Timestamp = WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization")


class SourceView(_Frame):
    """A passage that an answer cites."""

    id: str
    title: str
    url: str | None
    quote: str


class QuickReplyView(_Frame):
    """A button; when pressed, its payload is sent with its title as text."""

    title: str
    payload: str


class CardView(_Frame):
    """A product, say; several stand side by side."""

    title: str
    subtitle: str | None
    image: str | None
    url: str | None
    quick_replies: list[QuickReplyView]


class FileView(_Frame):
    """A file of the customer's. ``url`` is a path on the gateway, good for an hour."""

    id: str
    name: str
    media_type: str
    size: int
    width: int | None
    height: int | None
    url: str


class MessageView(_Frame):
    """A message as a client sees it.

    ``rich`` is the text as a tree of :mod:`gateway.markdown`, null when it has no markup, and in
    the customer's own messages. ``reply_to`` is the ``seq`` of the customer's message that it
    replies to.
    """

    id: str
    seq: int
    author: Literal["customer", "assistant", "agent", "system"]
    text: str
    language: str
    at: Annotated[datetime, PlainSerializer(_timestamp, return_type=str), _Timestamp]
    client_id: str | None
    sources: list[SourceView]
    quick_replies: list[QuickReplyView]
    cards: list[CardView]
    files: list[FileView]
    rich: list[Block] | None
    reply_to: int | None
    rateable: bool
    rating: Literal[1, -1] | None


class CustomerView(_Frame):
    """Who the shop says the customer is."""

    name: str | None
    email: str | None


class Welcome(_Frame):
    """The answer to hello."""

    type: Literal["welcome"] = "welcome"
    protocol: Literal[1] = 1
    session: str
    resumed: bool
    status: Literal["bot", "waiting", "human", "closed"]
    messages: list[MessageView]
    earlier: bool
    seen_seq: int
    customer: CustomerView | None


class HistoryPage(_Frame):
    """The messages before the one that was asked for, in order; ``earlier``: there are more."""

    type: Literal["history"] = "history"
    before: int
    messages: list[MessageView]
    earlier: bool


class Ack(_Frame):
    """The customer's message is stored."""

    type: Literal["ack"] = "ack"
    id: str
    message: MessageView


class MessageFrame(_Frame):
    """There is a new message."""

    type: Literal["message"] = "message"
    message: MessageView


class TypingFrame(_Frame):
    """The assistant, or a person of the shop, began or ended writing."""

    type: Literal["typing"] = "typing"
    author: Literal["assistant", "agent"] = "assistant"
    on: bool


class Seen(_Frame):
    """The customer has seen everything up to this message, perhaps on another device."""

    type: Literal["seen"] = "seen"
    seq: int


class Surveyed(_Frame):
    """The survey is stored."""

    type: Literal["surveyed"] = "surveyed"
    score: int


class Contacted(_Frame):
    """The offline form is stored."""

    type: Literal["contacted"] = "contacted"
    id: str


class StatusFrame(_Frame):
    """Somebody else has the conversation now."""

    type: Literal["status"] = "status"
    status: Literal["bot", "waiting", "human", "closed"]


class RatedFrame(_Frame):
    """An answer was rated, perhaps in another tab."""

    type: Literal["rated"] = "rated"
    message: str
    value: Literal[1, -1]
    comment: str | None


ErrorCode = Literal[
    "bad_frame",
    "bad_hello",
    "unsupported_protocol",
    "bad_session",
    "message_too_long",
    "message_empty",
    "unknown_message",
    "unknown_file",
    "nothing_yet",
    "bad_identity",
    "too_many",
    "internal",
]


class ErrorFrame(_Frame):
    """Something the client sent was refused; ``text`` is for its developer, not its user."""

    type: Literal["error"] = "error"
    code: ErrorCode
    text: str
    id: str | None = None


class Pong(_Frame):
    """The answer to ping."""

    type: Literal["pong"] = "pong"


ServerFrame = (
    Welcome
    | HistoryPage
    | Ack
    | MessageFrame
    | TypingFrame
    | StatusFrame
    | RatedFrame
    | Seen
    | Surveyed
    | Contacted
    | ErrorFrame
    | Pong
)
