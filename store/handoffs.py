"""Reading and writing when and why a person was asked for."""

from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from store.models import Handoff
from store.status import HandoffReason


def record(session: Session, conversation_id: str, reason: HandoffReason) -> None:
    """Note that a person was asked for, and why."""
    session.add(Handoff(conversation_id=conversation_id, reason=reason, at=datetime.now(UTC)))
    session.flush()


def claim_notice(session: Session, conversation_id: str) -> bool:
    """Whether the customer may be told once more to wait: true once after each handoff."""
    latest = (
        select(Handoff.id)
        .where(Handoff.conversation_id == conversation_id)
        .order_by(Handoff.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    claimed = session.execute(
        update(Handoff)
        .where(Handoff.id == latest, Handoff.noticed_at.is_(None))
        .values(noticed_at=datetime.now(UTC))
        .returning(Handoff.id)
    )
    return claimed.scalar_one_or_none() is not None
