"""Reading and writing conversations.

All functions take the session of a transaction that the caller opened, so that what belongs
together is stored together: see :meth:`store.database.Database.transaction`.
"""

from datetime import UTC, datetime
from typing import Any, cast
from uuid import uuid4

from sqlalchemy import func, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session

from store.errors import UnknownConversation
from store.models import Conversation
from store.records import WIDGET, ConversationRecord
from store.status import Status, check_transition


def open_for(
    session: Session, conversation_id: str, *, language: str, customer_id: str | None = None
) -> ConversationRecord:
    """The widget's conversation, made if it is new, and kept from changing until the end.

    Args:
        conversation_id: a UUID that the server made.
        language: that of the page on which the customer writes; it is noted.
        customer_id: whose it is; noted unless the conversation is somebody's already. It may be
            there before its first message: with a file that was uploaded for it.
    """
    return _open(
        session,
        {"id": conversation_id, "channel": WIDGET, "customer_id": customer_id},
        [Conversation.id],
        language,
    )


def open_for_external(
    session: Session, channel: str, external_id: str, *, language: str
) -> ConversationRecord:
    """The customer's conversation on a channel, made if it is new, and kept from changing.

    Args:
        channel: the name of the channel's account.
        external_id: what the channel calls the customer.
        language: of the customer, as far as the channel knows; it is noted.
    """
    return _open(
        session,
        {"id": str(uuid4()), "channel": channel, "external_id": external_id},
        [Conversation.channel, Conversation.external_id],
        language,
    )


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


def see(session: Session, conversation_id: str, seq: int) -> bool:
    """Note that the customer has seen all up to ``seq``; False when that was known."""
    seen = session.scalar(
        update(Conversation)
        .where(
            Conversation.id == conversation_id,
            Conversation.seen_seq < seq,
            Conversation.last_seq >= seq,
        )
        .values(seen_seq=seq)
        .returning(Conversation.id)
        .execution_options(synchronize_session=False)
    )
    return seen is not None


def note_outage(session: Session, conversation_id: str, told_at: datetime | None) -> None:
    """Note when the customer was told that the assistant is out of order; None: it is not."""
    session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id)
        .values(outage_told_at=told_at)
        .execution_options(synchronize_session=False)
    )


def _open(
    session: Session,
    values: dict[str, Any],
    unique: list[InstrumentedAttribute[Any]],
    language: str,
) -> ConversationRecord:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    new = insert(Conversation).values(
        created_at=datetime.now(UTC), status=Status.BOT, language=language, last_seq=0, **values
    )
    owner = func.coalesce(Conversation.customer_id, new.excluded.customer_id)
    row = session.scalar(
        # Two first messages at once make one conversation, and the second waits for the first.
        new.on_conflict_do_update(
            index_elements=unique, set_={"language": language, "customer_id": owner}
        )
        .returning(Conversation)
        .execution_options(populate_existing=True)
    )
    return _conversation(cast(Conversation, row))


def _conversation(row: Conversation) -> ConversationRecord:
    return ConversationRecord(
        id=row.id,
        created_at=row.created_at,
        status=row.status,
        language=row.language,
        last_seq=row.last_seq,
        channel=row.channel,
        external_id=row.external_id,
        customer_id=row.customer_id,
        seen_seq=row.seen_seq,
        attempts=row.attempts,
        outage_told_at=row.outage_told_at,
    )
