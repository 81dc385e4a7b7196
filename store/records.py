"""What goes into the store and comes out of it: plain frozen values, no database objects."""

from dataclasses import dataclass
from datetime import datetime

from store.status import About, Author, InboundState, Status

WIDGET = "widget"
"""The channel that fetches its messages by itself; all others are told through the outbox."""


@dataclass(frozen=True, slots=True)
class Source:
    """A passage that an answer cites: its id, what the customer sees, and the words quoted."""

    id: str
    title: str
    url: str | None
    quote: str


@dataclass(frozen=True, slots=True)
class QuickReply:
    """A button under a message. ``payload`` goes to the assistant when it is pressed."""

    title: str
    payload: str


@dataclass(frozen=True, slots=True)
class Card:
    """A product, or whatever else is best shown as a card; several are shown side by side.

    Attributes:
        subtitle: one line under the title, the price for example.
        image: of a picture: ``https:`` or a path on the shop's site.
        url: where the card leads, the same.
        quick_replies: buttons on the card.
    """

    title: str
    subtitle: str | None = None
    image: str | None = None
    url: str | None = None
    quick_replies: tuple[QuickReply, ...] = ()


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A stored file.

    Attributes:
        name: as the customer called it; for showing only, never for opening.
        media_type: by its content, ``image/png``.
        size: bytes.
        width, height: pixels, None unless it is a picture.
    """

    id: str
    conversation_id: str
    message_id: str | None
    name: str
    media_type: str
    size: int
    width: int | None
    height: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class PassageScore:
    """A passage that was retrieved for an answer, with its score, 0 to 1."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class AnswerRecord:
    """How an answer came about; stored beside its message so that ratings can be explained.

    Attributes:
        question: what was searched for; it may differ from the customer's words.
        writer: which writer wrote it, None when nothing was written.
        answered: whether it answers, or says honestly that it cannot.
        reason: why it does not answer.
        confidence: 0 to 1.
        latency_ms: time that the action server took.
        language: the language of the answer.
        passages: what was retrieved, best first.
    """

    question: str
    writer: str | None
    answered: bool
    reason: str | None
    confidence: float
    latency_ms: float
    language: str
    passages: tuple[PassageScore, ...] = ()


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message that is to be stored for the customer to read."""

    author: Author
    text: str
    language: str
    sources: tuple[Source, ...] = ()
    quick_replies: tuple[QuickReply, ...] = ()
    answer: AnswerRecord | None = None
    cards: tuple[Card, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """A stored message.

    Attributes:
        id: made by the store, a UUID.
        seq: its place in the conversation: from 1, without gaps.
        at: when it was stored, UTC.
        client_id: the id that the customer's client gave it; None unless the customer wrote it.
        command: the payload of the quick reply that was pressed, None for typed text.
        state: what became of a customer's message, None for all others.
        reply_to: the id of the customer's message that it replies to; ``reply_to_seq``: its place.
        rateable: whether it is an answer, which can be rated.
        rating: the latest rating, 1 or -1.
        cards: shown under the text, side by side.
        files: what the customer sent with it.
    """

    id: str
    conversation_id: str
    seq: int
    author: Author
    text: str
    language: str
    at: datetime
    client_id: str | None
    command: str | None
    state: InboundState | None
    reply_to: str | None
    sources: tuple[Source, ...]
    quick_replies: tuple[QuickReply, ...]
    rateable: bool
    rating: int | None
    cards: tuple[Card, ...] = ()
    files: tuple[FileRecord, ...] = ()
    reply_to_seq: int | None = None


@dataclass(frozen=True, slots=True)
class ConversationRecord:
    """A stored conversation.

    Attributes:
        language: of the page it is held on.
        last_seq: the number of its latest message, 0 for none.
        channel: ``widget``, or the name of a channel's account.
        external_id: what the channel calls the customer, None in the widget.
        customer_id: the customer whom the shop vouched for, None for an anonymous one.
        seen_seq: up to which message the customer has seen everything.
        attempts: how often the assistant was asked in vain for the earliest pending message.
        outage_told_at: when the customer was told that the assistant is out of order, None while
            it is not.
    """

    id: str
    created_at: datetime
    status: Status
    language: str
    last_seq: int
    channel: str = WIDGET
    external_id: str | None = None
    customer_id: str | None = None
    seen_seq: int = 0
    attempts: int = 0
    outage_told_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RatingRecord:
    """One rating, 1 or -1, of the answer in ``message_id``."""

    message_id: str
    value: int
    comment: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class CustomerRecord:
    """A customer whom the shop's server vouched for; ``external_id`` is the shop's name for it."""

    id: str
    external_id: str
    name: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class SurveyRecord:
    """How satisfied a customer was, 1 to 5, and with whom."""

    about: About
    score: int
    comment: str | None
    at: datetime
