"""What goes into the store and comes out of it: plain frozen values, no database objects."""

from dataclasses import dataclass
from datetime import datetime

from store.status import Author, InboundState, Status


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
        reply_to: the id of the customer's message that it replies to.
        rateable: whether it is an answer, which can be rated.
        rating: the latest rating, 1 or -1.
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


@dataclass(frozen=True, slots=True)
class ConversationRecord:
    """A stored conversation. ``language`` is that of the page it is held on."""

    id: str
    created_at: datetime
    status: Status
    language: str
    last_seq: int


@dataclass(frozen=True, slots=True)
class RatingRecord:
    """One rating, 1 or -1, of the answer in ``message_id``."""

    message_id: str
    value: int
    comment: str | None
    at: datetime
