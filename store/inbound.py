"""What the channels bring in: which events were taken in, so that one that comes again is
recognised, and whose they are."""

from datetime import UTC, datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from store import conversations
from store.models import Conversation, InboundEvent
from store.records import ConversationRecord


def first_time(session: Session, channel: str, event_id: str) -> bool:
    """Note the event; whether it is new.

    In one transaction with what the event brings about: if that fails, the event was never there,
    and two of the same at once take turns, so that exactly one of them is new.

    Args:
        channel: the name of the channel's account.
        event_id: the channel's own id of the event, at most 255 characters.
    """
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    noted = session.scalar(
        insert(InboundEvent)
        .values(channel=channel, event_id=event_id, at=datetime.now(UTC))
        .on_conflict_do_nothing(index_elements=[InboundEvent.channel, InboundEvent.event_id])
        .returning(InboundEvent.event_id)
    )
    return noted is not None


def conversation_of(session: Session, channel: str, external_id: str) -> ConversationRecord | None:
    """The customer's conversation on a channel, if there is one; kept from changing."""
    found = session.scalar(
        select(Conversation.id).where(
            Conversation.channel == channel, Conversation.external_id == external_id
        )
    )
    return None if found is None else conversations.lock(session, found)


def prune(session: Session, older_than: datetime) -> int:
    """Forget the events that came before; how many there were."""
    forgotten = session.scalars(
        delete(InboundEvent).where(InboundEvent.at < older_than).returning(InboundEvent.event_id)
    )
    return len(forgotten.all())
