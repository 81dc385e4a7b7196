"""The frames of the widget's protocol, version 1; described in ``docs/protocol.md``."""

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    TypeAdapter,
    ValidationError,
)

from gateway.errors import GatewayError
from store.records import MessageRecord

PROTOCOL = 1
LONGEST_FRAME = 65_536
"""Bytes."""
LONGEST_TEXT = 4_000
"""Unicode code points."""
LONGEST_COMMENT = 2_000


class FrameError(GatewayError):
    """A frame that is not one of the protocol's."""


class _Frame(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _without_controls(text: str) -> str:
    """Drop what no keyboard makes and no database or screen likes, line breaks and tabs apart."""
    return "".join(c for c in text if (c >= " " and c != "\x7f") or c in "\n\t")


_Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
_Words = Annotated[str, AfterValidator(_without_controls)]


class Hello(_Frame):
    """The first frame of a client."""

    type: Literal["hello"]
    protocol: Literal[1]
    session: Annotated[str, Field(max_length=512)] | None = None
    last_seq: Annotated[int, Field(ge=0, le=2_147_483_647)] = 0
    language: Annotated[str, Field(max_length=35)] = "en"


class CustomerMessage(_Frame):
    """A message of the customer; sent again with the same id until it is acknowledged."""

    type: Literal["message"]
    id: _Id
    text: _Words
    payload: Annotated[str, Field(max_length=500)] | None = None


class RatingFrame(_Frame):
    """What the customer thinks of an answer."""

    type: Literal["rating"]
    message: UUID
    value: Literal[1, -1]
    comment: Annotated[_Words, Field(max_length=LONGEST_COMMENT)] | None = None


class Ping(_Frame):
    """Answered by ``pong``: browsers do not show the WebSocket's own pings to a page."""

    type: Literal["ping"]


ClientFrame = Annotated[Hello | CustomerMessage | RatingFrame | Ping, Field(discriminator="type")]
_CLIENT_FRAMES: TypeAdapter[Hello | CustomerMessage | RatingFrame | Ping] = TypeAdapter(ClientFrame)


class _AnyVersion(BaseModel):
    type: Literal["hello"]
    protocol: int


def parse_frame(text: str) -> Hello | CustomerMessage | RatingFrame | Ping:
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


class MessageView(_Frame):
    """A message as a client sees it."""

    id: str
    seq: int
    author: Literal["customer", "assistant", "agent", "system"]
    text: str
    language: str
    at: Annotated[datetime, PlainSerializer(_timestamp, return_type=str)]
    client_id: str | None
    sources: list[SourceView]
    quick_replies: list[QuickReplyView]
    rateable: bool
    rating: Literal[1, -1] | None

    @classmethod
    def of(cls, message: MessageRecord) -> "MessageView":
        """What a client may know of a stored message."""
        return cls.model_validate(
            {name: getattr(message, name) for name in cls.model_fields}, from_attributes=True
        )


class Welcome(_Frame):
    """The answer to hello."""

    type: Literal["welcome"] = "welcome"
    protocol: Literal[1] = 1
    session: str
    resumed: bool
    status: Literal["bot", "waiting", "human", "closed"]
    messages: list[MessageView]


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
    """The assistant began or ended writing."""

    type: Literal["typing"] = "typing"
    author: Literal["assistant"] = "assistant"
    on: bool


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
    Welcome | Ack | MessageFrame | TypingFrame | StatusFrame | RatedFrame | ErrorFrame | Pong
)
