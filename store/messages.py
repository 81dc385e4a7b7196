"""Reading and writing the messages of a conversation.

Functions that write want the conversation locked: by :func:`store.conversations.open_for`,
``open_for_external`` or ``lock``.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, case, exists, select, update
from sqlalchemy.orm import Session, aliased

from store import files
from store.errors import UnknownConversation
from store.models import Answer, Conversation, Message, Rating
from store.records import Card, FileRecord, MessageRecord, NewMessage, QuickReply, Source
from store.status import Author, InboundState

_RATEABLE = exists().where(Answer.message_id == Message.id).label("rateable")
_RATING = (
    select(Rating.value)
    .where(Rating.message_id == Message.id)
    .order_by(Rating.id.desc())
    .limit(1)
    .scalar_subquery()
    .label("rating")
)
_ASKED = aliased(Message)
_REPLY_TO = (
    select(_ASKED.seq).where(_ASKED.id == Message.reply_to).scalar_subquery().label("reply_to_seq")
)
_MESSAGES = select(Message, _RATEABLE, _RATING, _REPLY_TO)


def receive(
    session: Session,
    conversation_id: str,
    *,
    client_id: str,
    text: str,
    language: str,
    command: str | None = None,
    file_ids: Sequence[str] = (),
) -> tuple[MessageRecord, bool]:
    """Store what the customer wrote, once.

    Args:
        client_id: the client's id of the message, unique in the conversation.
        command: the payload of the quick reply that was pressed.
        file_ids: of files that were stored before, and are sent with it.

    Raises:
        UnknownFile: one of the files is not of this conversation, or was sent before.

    Returns:
        The message, and whether it is new. A known ``client_id`` gives the message stored first.

    The conversation must be locked, by :func:`open_for` or :func:`lock`, or the same message
    delivered twice at once could fail instead of being recognised.
    """
    known = session.execute(
        _MESSAGES.where(Message.conversation_id == conversation_id, Message.client_id == client_id)
    )
    if (row := known.one_or_none()) is not None:
        return _message(row, files.of_messages(session, [row[0].id]).get(row[0].id, ())), False
    message = Message(
        author=Author.CUSTOMER,
        text=text,
        language=language,
        client_id=client_id,
        command=command,
        state=InboundState.PENDING,
    )
    _append(session, conversation_id, [message])
    sent = files.attach(session, conversation_id, message.id, file_ids) if file_ids else ()
    return _record(message, files=tuple(sent)), True


def append(
    session: Session,
    conversation_id: str,
    messages: Iterable[NewMessage],
    *,
    reply_to: MessageRecord | None = None,
) -> list[MessageRecord]:
    """Store messages for the customer, in this order, perhaps as replies to one of hers.

    Raises:
        UnknownConversation: there is none.
    """
    new = list(messages)
    rows = [
        Message(
            author=message.author,
            text=message.text,
            language=message.language,
            reply_to=reply_to.id if reply_to else None,
            sources=[asdict(source) for source in message.sources] or None,
            quick_replies=[asdict(reply) for reply in message.quick_replies] or None,
            cards=[asdict(card) for card in message.cards] or None,
        )
        for message in new
    ]
    _append(session, conversation_id, rows)
    for row, message in zip(rows, new, strict=True):
        if message.answer is not None:
            session.add(Answer(message_id=row.id, **asdict(message.answer)))
    session.flush()
    return [
        _record(
            row,
            rateable=message.answer is not None,
            reply_to_seq=reply_to.seq if reply_to else None,
        )
        for row, message in zip(rows, new, strict=True)
    ]


def settle(session: Session, message_id: str, state: InboundState) -> bool:
    """Note what became of a pending message. False when it was settled before."""
    result = session.execute(
        update(Message)
        .where(Message.id == message_id, Message.state == InboundState.PENDING)
        .values(state=state)
        .returning(Message.id)
    )
    return result.scalar_one_or_none() is not None


def settle_before(session: Session, message: MessageRecord, state: InboundState) -> None:
    """Settle all pending messages of the conversation that came before ``message``."""
    session.execute(
        update(Message)
        .where(
            Message.conversation_id == message.conversation_id,
            Message.state == InboundState.PENDING,
            Message.seq < message.seq,
        )
        .values(state=state)
        .execution_options(synchronize_session=False)
    )


def settle_all(session: Session, conversation_id: str, state: InboundState) -> None:
    """Settle all pending messages of the conversation."""
    session.execute(
        update(Message)
        .where(Message.conversation_id == conversation_id, Message.state == InboundState.PENDING)
        .values(state=state)
        .execution_options(synchronize_session=False)
    )


def next_pending(
    session: Session, conversation_id: str, *, first: Collection[str] = ()
) -> MessageRecord | None:
    """The earliest message of the conversation that is still to be answered.

    Args:
        first: commands that go before all else.
    """
    order: list[Any] = [Message.seq]
    if first:
        order.insert(0, case((Message.command.in_(first), 0), else_=1))
    rows = session.execute(
        _MESSAGES.where(
            Message.conversation_id == conversation_id, Message.state == InboundState.PENDING
        )
        .order_by(*order)
        .limit(1)
    )
    row = rows.one_or_none()
    return None if row is None else _message(row)


def page(
    session: Session,
    conversation_id: str,
    *,
    after: int = 0,
    before: int | None = None,
    limit: int | None = None,
) -> list[MessageRecord]:
    """The messages whose ``seq`` lies between ``after`` and ``before``, in order.

    Args:
        limit: how many at most: the latest ones.
    """
    query = _MESSAGES.where(Message.conversation_id == conversation_id, Message.seq > after)
    if before is not None:
        query = query.where(Message.seq < before)
    rows = session.execute(query.order_by(Message.seq.desc()).limit(limit)).all()
    sent = files.of_messages(session, [row[0].id for row in rows if row[0].client_id])
    return [_message(row, sent.get(row[0].id, ())) for row in reversed(rows)]


def was_offered(session: Session, conversation_id: str, payload: str) -> bool:
    """Whether a quick reply with this payload was ever shown in the conversation."""
    shown = session.execute(
        select(Message.quick_replies, Message.cards)
        .where(
            Message.conversation_id == conversation_id,
            Message.quick_replies.is_not(None) | Message.cards.is_not(None),
        )
        .order_by(Message.seq.desc())
    )
    for replies, cards in shown:
        offers = [*(replies or ()), *(r for card in cards or () for r in card["quick_replies"])]
        if any(offer["payload"] == payload for offer in offers):
            return True
    return False


def _append(session: Session, conversation_id: str, rows: Sequence[Message]) -> None:
    """Give ``rows`` their numbers and store them.

    The counter is a column of the conversation: raising it locks the row, so that concurrent
    writers take turns, and a rollback takes the numbers back, so that there are no gaps.
    """
    last = session.scalar(
        update(Conversation)
        .where(Conversation.id == conversation_id)
        .values(last_seq=Conversation.last_seq + len(rows))
        .returning(Conversation.last_seq)
        .execution_options(synchronize_session=False)
    )
    if last is None:
        raise UnknownConversation(f"no conversation has the id {conversation_id}")
    now = datetime.now(UTC)
    for seq, row in enumerate(rows, start=last - len(rows) + 1):
        row.id, row.conversation_id, row.seq, row.at = str(uuid4()), conversation_id, seq, now
    session.add_all(rows)
    session.flush()


def _message(
    row: Row[Message, bool, int | None, int | None], files: tuple[FileRecord, ...] = ()
) -> MessageRecord:
    return _record(row[0], rateable=row[1], rating=row[2], reply_to_seq=row[3], files=files)


def _record(
    row: Message,
    *,
    rateable: bool = False,
    rating: int | None = None,
    reply_to_seq: int | None = None,
    files: tuple[FileRecord, ...] = (),
) -> MessageRecord:
    return MessageRecord(
        id=row.id,
        conversation_id=row.conversation_id,
        seq=row.seq,
        author=row.author,
        text=row.text,
        language=row.language,
        at=row.at,
        client_id=row.client_id,
        command=row.command,
        state=row.state,
        reply_to=row.reply_to,
        reply_to_seq=reply_to_seq,
        sources=tuple(Source(**source) for source in row.sources or ()),
        quick_replies=tuple(QuickReply(**reply) for reply in row.quick_replies or ()),
        rateable=rateable,
        rating=rating,
        cards=tuple(_card(card) for card in row.cards or ()),
        files=files,
    )


def _card(card: dict[str, Any]) -> Card:
    replies = tuple(QuickReply(**reply) for reply in card["quick_replies"])
    return Card(**{**card, "quick_replies": replies})
