"""The outbox: what the channels are still to be told, and what became of it.

What is to be told is stored in one transaction with what it tells of, and sent afterwards, by
whoever has claimed it. A claim is a lease, as in :mod:`store.queue`. Of a conversation only the
earliest pending delivery can be claimed, so that its events arrive in order: while that one waits
for its next trial all others wait behind it, until it is delivered or given up.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Select,
    any_,
    cast,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session, aliased

from store import messages
from store.models import Conversation, Delivery, Message
from store.records import WIDGET, ConversationRecord, MessageRecord
from store.status import Author, DeliveryState, Status

_PENDING = Delivery.state == DeliveryState.PENDING


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """Something that a channel is to be told, or was.

    Attributes:
        id: ascending in a conversation in the order in which its events are to arrive.
        event_id: the same at every attempt, so that the receiver can recognise a repetition.
        channel: the name of the channel's account.
        external_id: what the channel calls the customer.
        seq: the number of the message that is told, None if it is ``status`` that is told.
        attempts: how often it was sent, since it was last made pending.
        next_at: not before then.
        last_error: why the latest attempt failed.
    """

    id: int
    event_id: str
    conversation_id: str
    channel: str
    external_id: str
    seq: int | None
    status: Status | None
    state: DeliveryState
    attempts: int
    created_at: datetime
    next_at: datetime
    delivered_at: datetime | None
    last_error: str | None


@dataclass(frozen=True, slots=True)
class Content:
    """What a delivery tells: a message or, where there is none, the status.

    Attributes:
        in_reply_to: the ``client_id`` of the customer's message that the message replies to.
    """

    message: MessageRecord | None
    in_reply_to: str | None


def enqueue(
    session: Session,
    conversation: ConversationRecord,
    new: Sequence[MessageRecord],
    status: Status | None,
) -> int:
    """Have the conversation's channel told of new messages, and of who has it now.

    Nothing is stored for the widget, which fetches its messages by itself, nor of what the
    customer wrote. The conversation must be locked, or its events could arrive out of order.

    Returns:
        How many deliveries there are now to be made.
    """
    if conversation.channel == WIDGET:
        return 0
    now = datetime.now(UTC)
    rows = [
        Delivery(
            event_id=str(uuid4()),
            conversation_id=conversation.id,
            channel=conversation.channel,
            message_id=message_id,
            status=told,
            state=DeliveryState.PENDING,
            created_at=now,
            next_at=now,
        )
        for message_id, told in [
            *((message.id, None) for message in new if message.author is not Author.CUSTOMER),
            *([(None, status)] if status is not None else []),
        ]
    ]
    for row in rows:
        session.add(row)
        session.flush()  # one by one: a batch promises no order of the ids
    return len(rows)


def has_due(session: Session, channels: Collection[str]) -> bool:
    """Whether :func:`claim_due` would find anything; a question that locks nothing."""
    return session.scalar(_due(session, channels, datetime.now(UTC)).limit(1)) is not None


def claim_due(
    session: Session,
    owner: str,
    *,
    channels: Collection[str],
    lease: timedelta,
    limit: int,
    now: datetime | None = None,
) -> list[DeliveryRecord]:
    """Claim up to ``limit`` deliveries, each the earliest of its conversation.

    Several owners that ask at once get different ones: PostgreSQL skips the rows that another
    transaction has locked, and SQLite has one writer at a time.

    Args:
        channels: the accounts that the owner can send to.
        now: for tests.
    """
    now = now or datetime.now(UTC)
    found = session.scalars(
        _due(session, channels, now).limit(limit).with_for_update(skip_locked=True, of=Delivery)
    ).all()
    if not found:
        return []
    session.execute(
        update(Delivery)
        .where(Delivery.id.in_(found))
        .values(claimed_by=owner, claimed_until=now + lease)
        .execution_options(synchronize_session=False)
    )
    return _records(session, Delivery.id.in_(found))


def content(session: Session, delivery: DeliveryRecord) -> Content:
    """What the delivery tells."""
    if delivery.seq is None:
        return Content(None, None)
    (message,) = messages.page(
        session, delivery.conversation_id, after=delivery.seq - 1, before=delivery.seq + 1
    )
    if message.reply_to is None:
        return Content(message, None)
    asked = select(Message.client_id).where(Message.id == message.reply_to)
    return Content(message, session.scalar(asked))


def delivered(session: Session, delivery_id: int) -> bool:
    """Note that the channel took it; False when that, or that it was given up, was noted before."""
    at = datetime.now(UTC)
    return _end(
        session, delivery_id, state=DeliveryState.DELIVERED, delivered_at=at, last_error=None
    )


def failed(
    session: Session, delivery_id: int, owner: str, *, error: str, retry_at: datetime
) -> bool:
    """Note that an attempt failed, and when the next is due; False if it is no longer ``owner``'s.

    Args:
        error: for the operator: no words of a customer, no secret.
    """
    mine = Delivery.claimed_by == owner
    return _end(session, delivery_id, mine, next_at=retry_at, last_error=error)


def dead(session: Session, delivery_id: int, owner: str, *, error: str) -> bool:
    """Note that it is given up; False if it is no longer ``owner``'s."""
    mine = Delivery.claimed_by == owner
    return _end(session, delivery_id, mine, state=DeliveryState.DEAD, last_error=error)


def release(session: Session, owner: str) -> int:
    """Give back all that ``owner`` has claimed: at its start, what its former self had."""
    released = session.scalars(
        update(Delivery)
        .where(_PENDING, Delivery.claimed_by == owner)
        .values(claimed_by=None, claimed_until=None)
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    )
    return len(released.all())


def listing(session: Session, state: DeliveryState | None, limit: int) -> list[DeliveryRecord]:
    """The latest deliveries, the newest first.

    Args:
        state: only those in this state; None for all.
    """
    query = select(Delivery.id).order_by(Delivery.id.desc()).limit(limit)
    if state is not None:
        query = query.where(Delivery.state == state)
    return _records(session, Delivery.id.in_(query))[::-1]


def counts(session: Session) -> dict[DeliveryState, int]:
    """How many deliveries there are in each state; a state without any is not there."""
    rows = session.execute(select(Delivery.state, func.count()).group_by(Delivery.state))
    return {row[0]: row[1] for row in rows}


def replay(session: Session, ids: Collection[int] | None) -> list[int]:
    """Have dead deliveries sent again at once, with the same event ids.

    They come before what is pending in their conversations, and have all their attempts again.

    Args:
        ids: which; None for all that are dead. Others than dead ones are left as they are.

    Returns:
        The ids of those that are sent again.
    """
    chosen = Delivery.state == DeliveryState.DEAD
    if ids is not None:
        chosen &= Delivery.id.in_(ids)
    again = session.scalars(
        update(Delivery)
        .where(chosen)
        .values(state=DeliveryState.PENDING, attempts=0, next_at=datetime.now(UTC))
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    )
    return sorted(again)


def prune(session: Session, older_than: datetime) -> int:
    """Forget what was delivered before; how many there were. The messages stay."""
    forgotten = session.scalars(
        delete(Delivery)
        .where(Delivery.state == DeliveryState.DELIVERED, Delivery.delivered_at < older_than)
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    )
    return len(forgotten.all())


def _due(session: Session, channels: Collection[str], now: datetime) -> Select[int]:
    return (
        select(Delivery.id)
        .where(
            _is_earliest(session),
            _PENDING,
            Delivery.channel.in_(channels),
            Delivery.next_at <= now,
            or_(Delivery.claimed_by.is_(None), Delivery.claimed_until < now),
        )
        .order_by(Delivery.next_at, Delivery.id)
    )


def _is_earliest(session: Session) -> ColumnElement[bool]:
    # The earliest of all conversations are found in one pass: to ask of each delivery whether
    # another comes before takes many times as long when a shop's system was away for a day.
    each = aliased(Delivery)
    ids = (
        select(func.min(each.id).label("id"))
        .where(each.state == DeliveryState.PENDING)
        .group_by(each.conversation_id)
    )
    if session.get_bind().dialect.name == "postgresql":
        # As an array, because a planner without fresh statistics would join it row by row.
        gathered = select(func.array_agg(ids.subquery().c.id)).scalar_subquery()
        return Delivery.id == any_(cast(gathered, ARRAY(Integer)))
    return Delivery.id.in_(ids)


def _end(
    session: Session, delivery_id: int, *conditions: ColumnElement[bool], **values: Any
) -> bool:
    """End an attempt, and the claim with it."""
    ended = session.scalar(
        update(Delivery)
        .where(Delivery.id == delivery_id, _PENDING, *conditions)
        .values(attempts=Delivery.attempts + 1, claimed_by=None, claimed_until=None, **values)
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    )
    return ended is not None


def _records(session: Session, which: ColumnElement[bool]) -> list[DeliveryRecord]:
    rows = session.execute(
        select(Delivery, Conversation.external_id, Message.seq)
        .join(Conversation, Conversation.id == Delivery.conversation_id)
        .outerjoin(Message, Message.id == Delivery.message_id)
        .where(which)
        .order_by(Delivery.id)
        .execution_options(populate_existing=True)
    )
    return [
        DeliveryRecord(
            id=row.id,
            event_id=row.event_id,
            conversation_id=row.conversation_id,
            channel=row.channel,
            external_id=external_id or "",
            seq=seq,
            status=row.status,
            state=row.state,
            attempts=row.attempts,
            created_at=row.created_at,
            next_at=row.next_at,
            delivered_at=row.delivered_at,
            last_error=row.last_error,
        )
        for row, external_id, seq in rows
    ]
