"""The queue of messages still to be answered: which conversation is worked on, and by whom.

The messages themselves are the queue: those that are ``pending``. A conversation is worked on as
a whole, so that its messages are answered in order, by the one server that has claimed it. A claim
is a lease: a server that lives renews it, and the work of one that died is taken up by another
when it ends, or by its own next start at once.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Select, or_, select, update
from sqlalchemy.orm import Session

from store.models import Conversation, Message
from store.status import InboundState


def claim(session: Session, conversation_id: str, owner: str, lease: timedelta) -> bool:
    """Try to claim the conversation; True when it is ``owner``'s now, or was before.

    While it waits for its next trial it is not to be had: see :func:`postpone`.
    """
    now = datetime.now(UTC)
    claimed = session.scalar(
        update(Conversation)
        .where(
            Conversation.id == conversation_id,
            _unclaimed(now) | (Conversation.claimed_by == owner),
            _due(now),
        )
        .values(claimed_by=owner, claimed_until=now + lease)
        .returning(Conversation.id)
        .execution_options(synchronize_session=False)
    )
    return claimed is not None


def has_due(session: Session) -> bool:
    """Whether :func:`claim_due` would find anything; a question that locks nothing."""
    return session.scalar(_claimable(datetime.now(UTC)).limit(1)) is not None


def claim_due(session: Session, owner: str, lease: timedelta, limit: int) -> list[str]:
    """Claim up to ``limit`` conversations that have work and are nobody's; their ids.

    Several servers that ask at once get different ones: PostgreSQL skips the rows that another
    transaction has locked, and SQLite has one writer at a time.
    """
    now = datetime.now(UTC)
    found = session.scalars(
        _claimable(now).limit(limit).with_for_update(skip_locked=True, of=Conversation)
    ).all()
    if found:
        session.execute(
            update(Conversation)
            .where(Conversation.id.in_(found))
            .values(claimed_by=owner, claimed_until=now + lease)
            .execution_options(synchronize_session=False)
        )
    return list(found)


def owns(session: Session, conversation_id: str, owner: str) -> bool:
    """Whether the conversation is claimed by ``owner``, even if the lease has ended meanwhile."""
    holder = session.scalar(
        select(Conversation.claimed_by).where(Conversation.id == conversation_id)
    )
    return holder == owner


def renew(session: Session, owner: str, lease: timedelta) -> None:
    """Lengthen all leases of ``owner``."""
    session.execute(
        update(Conversation)
        .where(Conversation.claimed_by == owner)
        .values(claimed_until=datetime.now(UTC) + lease)
    )


def release(session: Session, owner: str) -> None:
    """Give back all that ``owner`` has claimed: at its start, what its former self had."""
    session.execute(
        update(Conversation)
        .where(Conversation.claimed_by == owner)
        .values(claimed_by=None, claimed_until=None)
    )


def finish(session: Session, conversation_id: str) -> None:
    """Note that a message came to its end; the claim stays while there is another to do."""
    more = (
        select(Message.id)
        .where(Message.conversation_id == conversation_id, Message.state == InboundState.PENDING)
        .exists()
    )
    session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id)
        .values(attempts=0, retry_at=None)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id, ~more)
        .values(claimed_by=None, claimed_until=None)
        .execution_options(synchronize_session=False)
    )


def postpone(session: Session, conversation_id: str, delay: timedelta) -> None:
    """Give the conversation back, to be taken up after ``delay``; the trial was in vain."""
    session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id)
        .values(
            claimed_by=None,
            claimed_until=None,
            attempts=Conversation.attempts + 1,
            retry_at=datetime.now(UTC) + delay,
        )
        .execution_options(synchronize_session=False)
    )


def hurry(session: Session, conversation_id: str) -> None:
    """Let the conversation wait for its next trial no longer."""
    session.execute(
        update(Conversation).where(Conversation.id == conversation_id).values(retry_at=None)
    )


def _claimable(now: datetime) -> Select[str]:
    pending = (
        select(Message.id)
        .where(Message.conversation_id == Conversation.id, Message.state == InboundState.PENDING)
        .exists()
    )
    return (
        select(Conversation.id)
        .where(pending, _unclaimed(now), _due(now))
        .order_by(Conversation.retry_at, Conversation.id)
    )


def _unclaimed(now: datetime) -> ColumnElement[bool]:
    return or_(Conversation.claimed_by.is_(None), Conversation.claimed_until < now)


def _due(now: datetime) -> ColumnElement[bool]:
    return or_(Conversation.retry_at.is_(None), Conversation.retry_at <= now)
