"""Reading answers, and reading and writing what customers thought of them."""

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.errors import StoreError, UnknownMessage
from store.models import Answer, Message, Rating
from store.records import AnswerRecord, PassageScore, RatingRecord


def rate(session: Session, message_id: str, value: int, comment: str | None = None) -> RatingRecord:
    """Rate the answer in ``message_id``; it replaces an earlier rating, which stays on record.

    Raises:
        StoreError: ``value`` is neither 1 nor -1.
    """
    if value not in (1, -1):
        raise StoreError(f"a rating of {value!r}; expected 1 (helpful) or -1 (not helpful)")
    rating = Rating(message_id=message_id, value=value, comment=comment, at=datetime.now(UTC))
    session.add(rating)
    session.flush()
    return RatingRecord(message_id, value, comment, rating.at)


def rating_of(session: Session, message_id: str) -> RatingRecord | None:
    """The rating that counts: the latest."""
    row = session.scalar(
        select(Rating).where(Rating.message_id == message_id).order_by(Rating.id.desc()).limit(1)
    )
    return None if row is None else RatingRecord(row.message_id, row.value, row.comment, row.at)


def answer_of(session: Session, message_id: str) -> AnswerRecord | None:
    """How the answer in ``message_id`` came about; None when that message is no answer."""
    row = session.get(Answer, message_id)
    if row is None:
        return None
    return AnswerRecord(
        question=row.question,
        writer=row.writer,
        answered=row.answered,
        reason=row.reason,
        confidence=row.confidence,
        latency_ms=row.latency_ms,
        language=row.language,
        passages=tuple(PassageScore(**passage) for passage in row.passages),
    )


def last_answer(session: Session, conversation_id: str) -> str | None:
    """The message id of the latest answer in the conversation."""
    return session.scalar(
        select(Message.id)
        .join(Answer, Answer.message_id == Message.id)
        .where(Message.conversation_id == conversation_id)
        .order_by(Message.seq.desc())
        .limit(1)
    )


def find_answer(session: Session, conversation_id: str, message_id: str) -> str:
    """Check that the conversation holds an answer of this id, and give the id back.

    Raises:
        UnknownMessage: it does not; the message of another conversation is as unknown as none.
    """
    found = session.scalar(
        select(Message.id)
        .join(Answer, Answer.message_id == Message.id)
        .where(Message.conversation_id == conversation_id, Message.id == message_id)
    )
    if found is None:
        raise UnknownMessage(f"this conversation has no answer with the id {message_id}")
    return found
