"""Reading and writing conversations and their messages.

All functions take the session of a transaction that the caller opened, so that what belongs
together is stored together: see :meth:`store.database.Database.transaction`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import cast
from uuid import uuid4

from sqlalchemy import Row, exists, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from store.errors import UnknownConversation
from store.models import Answer, Conversation, Message, Rating
from store.records import ConversationRecord, MessageRecord, NewMessage, QuickReply, Source
from store.status import Author, InboundState, Status, check_transition

_RATEABLE = exists().where(Answer.message_id == Message.id).label("rateable")
_RATING = (
    select(Rating.value)
    .where(Rating.message_id == Message.id)
    .order_by(Rating.id.desc())
    .limit(1)
    .scalar_subquery()
    .label("rating")
)
_MESSAGES = select(Message, _RATEABLE, _RATING)


def open_for(session: Session, conversation_id: str, *, language: str) -> ConversationRecord:
    """The conversation, made if it is new, and kept from changing until the transaction ends.

    Args:
        conversation_id: a UUID that the server made.
        language: that of the page on which the customer writes; it is noted.
    """
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = session.scalar(
        insert(Conversation)
        .values(
            id=conversation_id,
            created_at=datetime.now(UTC),
            status=Status.BOT,
            language=language,
            last_seq=0,
        )
        # Two first messages at once make one conversation, and the second waits for the first.
        .on_conflict_do_update(index_elements=[Conversation.id], set_={"language": language})
        .returning(Conversation)
        .execution_options(populate_existing=True)
    )
    return _conversation(cast(Conversation, row))


def find(session: Session, conversation_id: str) -> ConversationRecord | None:
    """Look the conversation up."""
    row = session.get(Conversation, conversation_id)
    return None if row is None else _conversation(row)


def get(session: Session, conversation_id: str) -> ConversationRecord:
    """Look up a conversation that is known to exist.

    Raises:
        UnknownConversation: it does not.
    """
    found = find(session, conversation_id)
    if found is None:
        raise UnknownConversation(f"no conversation has the id {conversation_id}")
    return found


def lock(session: Session, conversation_id: str) -> ConversationRecord:
    """Look the conversation up and keep it from changing until the transaction ends.

    Raises:
        UnknownConversation: there is none.
    """
    row = session.get(Conversation, conversation_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise UnknownConversation(f"no conversation has the id {conversation_id}")
    return _conversation(row)


def change_status(session: Session, conversation_id: str, new: Status) -> None:
    """Change who has the conversation.

    Raises:
        IllegalTransition: see :data:`store.status.TRANSITIONS`.
        UnknownConversation: there is none.
    """
    check_transition((lock(session, conversation_id)).status, new)
    session.execute(
        update(Conversation).where(Conversation.id == conversation_id).values(status=new)
    )


def receive(
    session: Session,
    conversation_id: str,
    *,
    client_id: str,
    text: str,
    language: str,
    command: str | None = None,
) -> tuple[MessageRecord, bool]:
    """Store what the customer wrote, once.

    Args:
        client_id: the client's id of the message, unique in the conversation.
        command: the payload of the quick reply that was pressed.

    Returns:
        The message, and whether it is new. A known ``client_id`` gives the message stored first.

    The conversation must be locked, by :func:`open_for` or :func:`lock`, or the same message
    delivered twice at once could fail instead of being recognised.
    """
    known = session.execute(
        _MESSAGES.where(Message.conversation_id == conversation_id, Message.client_id == client_id)
    )
    if (row := known.one_or_none()) is not None:
        return _message(row), False
    message = Message(
        author=Author.CUSTOMER,
        text=text,
        language=language,
        client_id=client_id,
        command=command,
        state=InboundState.PENDING,
    )
    _append(session, conversation_id, [message])
    return _record(message), True


def append(
    session: Session,
    conversation_id: str,
    messages: Iterable[NewMessage],
    *,
    reply_to: str | None = None,
) -> list[MessageRecord]:
    """Store messages for the customer, in this order.

    Raises:
        UnknownConversation: there is none.
    """
    new = list(messages)
    rows = [
        Message(
            author=message.author,
            text=message.text,
            language=message.language,
            reply_to=reply_to,
            sources=[asdict(source) for source in message.sources] or None,
            quick_replies=[asdict(reply) for reply in message.quick_replies] or None,
        )
        for message in new
    ]
    _append(session, conversation_id, rows)
    for row, message in zip(rows, new, strict=True):
        if message.answer is not None:
            session.add(Answer(message_id=row.id, **asdict(message.answer)))
    session.flush()
    return [
        _record(row, rateable=message.answer is not None)
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


def next_pending(session: Session, conversation_id: str) -> MessageRecord | None:
    """The earliest message of the conversation that is still to be answered."""
    rows = session.execute(
        _MESSAGES.where(
            Message.conversation_id == conversation_id, Message.state == InboundState.PENDING
        )
        .order_by(Message.seq)
        .limit(1)
    )
    row = rows.one_or_none()
    return None if row is None else _message(row)


def with_pending(session: Session) -> list[str]:
    """The ids of all conversations that have a message still to be answered."""
    rows = session.scalars(
        select(Message.conversation_id).where(Message.state == InboundState.PENDING).distinct()
    )
    return list(rows)


def messages(session: Session, conversation_id: str, *, after: int = 0) -> list[MessageRecord]:
    """All messages whose ``seq`` is greater than ``after``, in order."""
    rows = session.execute(
        _MESSAGES.where(Message.conversation_id == conversation_id, Message.seq > after).order_by(
            Message.seq
        )
    )
    return [_message(row) for row in rows]


def was_offered(session: Session, conversation_id: str, payload: str) -> bool:
    """Whether a quick reply with this payload was ever shown in the conversation."""
    offers = session.scalars(
        select(Message.quick_replies)
        .where(Message.conversation_id == conversation_id, Message.quick_replies.is_not(None))
        .order_by(Message.seq.desc())
    )
    return any(offer["payload"] == payload for offered in offers for offer in offered or ())


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


def _conversation(row: Conversation) -> ConversationRecord:
    return ConversationRecord(
        id=row.id,
        created_at=row.created_at,
        status=row.status,
        language=row.language,
        last_seq=row.last_seq,
    )


def _message(row: Row[Message, bool, int | None]) -> MessageRecord:
    return _record(row[0], rateable=row[1], rating=row[2])


def _record(row: Message, *, rateable: bool = False, rating: int | None = None) -> MessageRecord:
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
        sources=tuple(Source(**source) for source in row.sources or ()),
        quick_replies=tuple(QuickReply(**reply) for reply in row.quick_replies or ()),
        rateable=rateable,
        rating=rating,
    )
