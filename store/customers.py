"""Reading and writing the customers whom the shop's server vouched for."""

from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from store.models import Conversation, Customer
from store.records import WIDGET, CustomerRecord


def get(session: Session, customer_id: str) -> CustomerRecord | None:
    """Look a customer up by the id that the store gave."""
    row = session.get(Customer, customer_id)
    return None if row is None else _record(row)


def find(session: Session, external_id: str) -> CustomerRecord | None:
    """Look a customer up by the name that the shop gave."""
    row = session.scalar(select(Customer).where(Customer.external_id == external_id))
    return None if row is None else _record(row)


def remember(
    session: Session, external_id: str, *, name: str | None = None, email: str | None = None
) -> CustomerRecord:
    """The customer, made if it is new, and with the name and address that the shop gives now.

    What the shop does not say stays as it was. In a transaction that writes.
    """
    now = datetime.now(UTC)
    known = {key: value for key, value in (("name", name), ("email", email)) if value is not None}
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = session.scalar(
        insert(Customer)
        .values(
            id=str(uuid4()),
            external_id=external_id,
            created_at=now,
            updated_at=now,
            **known,
        )
        .on_conflict_do_update(
            index_elements=[Customer.external_id], set_={**known, "updated_at": now}
        )
        .returning(Customer)
        .execution_options(populate_existing=True)
    )
    assert row is not None  # noqa: S101 - an upsert without a condition always gives its row
    return _record(row)


def latest_conversation(session: Session, customer_id: str) -> str | None:
    """The id of the conversation that the customer began last in the widget."""
    return session.scalar(
        select(Conversation.id)
        .where(Conversation.customer_id == customer_id, Conversation.channel == WIDGET)
        .order_by(Conversation.created_at.desc(), Conversation.id)
        .limit(1)
    )


def claim(session: Session, conversation_id: str, customer_id: str) -> None:
    """Note whose conversation it is, if it is nobody's yet."""
    session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id, Conversation.customer_id.is_(None))
        .values(customer_id=customer_id)
        .execution_options(synchronize_session=False)
    )


def _record(row: Customer) -> CustomerRecord:
    return CustomerRecord(row.id, row.external_id, row.name, row.email)
