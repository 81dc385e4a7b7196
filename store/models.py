"""The one database schema. Change it together with a new revision in ``store/migrations``."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    DateTime,
    Enum,
    Float,
    ForeignKey,
    Index,
    MetaData,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from store.status import About, Author, DeliveryState, HandoffReason, InboundState, Status

# Named constraints, because a migration can only change what it can name.
_NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UTCDateTime(TypeDecorator[datetime]):
    """An instant: aware on both sides, UTC in the database. SQLite itself keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} has no time zone; give an aware datetime")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _enum(kind: type[StrEnum], name: str) -> Enum:
    return Enum(
        kind,
        name=name,
        native_enum=False,  # a CHECK can be changed by a migration on both databases
        create_constraint=True,
        length=32,
        values_callable=lambda members: [member.value for member in members],
    )


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=_NAMING)


class Customer(Base):
    """Somebody whom the shop's server vouched for: see ``gateway/identity.py``."""

    __tablename__ = "customers"

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    # What the shop calls the customer: the ``sub`` of its token.
    external_id: Mapped[str] = mapped_column(String(255), unique=True)
    name: Mapped[str | None] = mapped_column(String(255))
    email: Mapped[str | None] = mapped_column(String(320))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Conversation(Base):
    __tablename__ = "conversations"
    __table_args__ = (
        # On a channel that names its customers, each has one conversation.
        UniqueConstraint("channel", "external_id"),
        Index(
            "ix_conversations_claimed_by",
            "claimed_by",
            sqlite_where=text("claimed_by IS NOT NULL"),
            postgresql_where=text("claimed_by IS NOT NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    status: Mapped[Status] = mapped_column(_enum(Status, "status"), index=True)
    language: Mapped[str] = mapped_column(String(8))
    last_seq: Mapped[int] = mapped_column(server_default=text("0"))
    # The widget, or the name of a channel's account.
    channel: Mapped[str] = mapped_column(String(64), server_default=text("'widget'"))
    # What the channel calls the customer; NULL in the widget.
    external_id: Mapped[str | None] = mapped_column(String(255))
    customer_id: Mapped[str | None] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("customers.id", ondelete="SET NULL"), index=True
    )
    # Up to which message the customer has seen everything, on any device.
    seen_seq: Mapped[int] = mapped_column(server_default=text("0"))

    # Session tokens: the newest generation, the oldest that still opens the conversation, and
    # when a client first came with the newest, NULL while none has.
    session_generation: Mapped[int] = mapped_column(server_default=text("0"))
    session_floor: Mapped[int] = mapped_column(server_default=text("0"))
    session_confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    # The queue. A conversation with pending messages is worked on by one gateway at a time: the
    # one that has claimed it, until its lease ends. See ``store/queue.py``.
    claimed_by: Mapped[str | None] = mapped_column(String(128))
    claimed_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    retry_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    # When the customer was told that the assistant is out of order; NULL while it is not.
    outage_told_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Message(Base):
    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "seq"),
        UniqueConstraint("conversation_id", "client_id"),
        # What is still to be done is looked for at every start and after every message.
        Index(
            "ix_messages_pending",
            "conversation_id",
            "seq",
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
    )

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("conversations.id", ondelete="CASCADE")
    )
    seq: Mapped[int]
    author: Mapped[Author] = mapped_column(_enum(Author, "author"))
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    client_id: Mapped[str | None] = mapped_column(String(64))
    command: Mapped[str | None] = mapped_column(Text)
    state: Mapped[InboundState | None] = mapped_column(_enum(InboundState, "state"))
    reply_to: Mapped[str | None] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("messages.id", ondelete="SET NULL"), index=True
    )
    sources: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    quick_replies: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    cards: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))


class Answer(Base):
    __tablename__ = "answers"

    message_id: Mapped[str] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True
    )
    question: Mapped[str] = mapped_column(Text)
    writer: Mapped[str | None] = mapped_column(String(64))
    answered: Mapped[bool]
    reason: Mapped[str | None] = mapped_column(String(64))
    confidence: Mapped[float] = mapped_column(Float)
    latency_ms: Mapped[float] = mapped_column(Float)
    language: Mapped[str] = mapped_column(String(8))
    passages: Mapped[list[dict[str, Any]]] = mapped_column(JSON)


class Rating(Base):
    """Every rating is kept; the latest of an answer is the one that counts."""

    __tablename__ = "ratings"
    __table_args__ = (CheckConstraint("value IN (-1, 1)", name="value"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("answers.message_id", ondelete="CASCADE"), index=True
    )
    value: Mapped[int] = mapped_column(SmallInteger)
    comment: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class Handoff(Base):
    __tablename__ = "handoffs"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("conversations.id", ondelete="CASCADE"), index=True
    )
    reason: Mapped[HandoffReason] = mapped_column(_enum(HandoffReason, "reason"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    # When the customer, writing on, was told that a person has yet to come.
    noticed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class InboundEvent(Base):
    """An event of a channel that was taken in, so that it is recognised when it comes again."""

    __tablename__ = "inbound_events"

    channel: Mapped[str] = mapped_column(String(64), primary_key=True)
    event_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class Delivery(Base):
    """Something that a channel is still to be told, or was: the outbox."""

    __tablename__ = "deliveries"
    __table_args__ = (
        Index(
            "ix_deliveries_pending",
            "conversation_id",
            "id",
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
    )

    # Ascending in a conversation in the order in which its events are to arrive.
    id: Mapped[int] = mapped_column(primary_key=True)
    # Stays the same at every attempt, so that the receiver can recognise a repetition.
    event_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), unique=True)
    conversation_id: Mapped[str] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("conversations.id", ondelete="CASCADE")
    )
    channel: Mapped[str] = mapped_column(String(64))
    # What is told: a message, or, where there is none, ``status``.
    message_id: Mapped[str | None] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("messages.id", ondelete="CASCADE"), index=True
    )
    status: Mapped[Status | None] = mapped_column(_enum(Status, "status"))
    state: Mapped[DeliveryState] = mapped_column(_enum(DeliveryState, "state"), index=True)
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    next_at: Mapped[datetime] = mapped_column(UTCDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_error: Mapped[str | None] = mapped_column(Text)
    claimed_by: Mapped[str | None] = mapped_column(String(128))
    claimed_until: Mapped[datetime | None] = mapped_column(UTCDateTime)


class File(Base):
    """A file that a customer sent. Its bytes lie in the state folder under its id."""

    __tablename__ = "files"

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("conversations.id", ondelete="CASCADE"), index=True
    )
    # NULL until it is sent with a message.
    message_id: Mapped[str | None] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("messages.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    # Pixels, of pictures.
    width: Mapped[int | None]
    height: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class Survey(Base):
    """How satisfied a customer was at the end, 1 to 5; every one is kept."""

    __tablename__ = "surveys"
    __table_args__ = (CheckConstraint("score BETWEEN 1 AND 5", name="score"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("conversations.id", ondelete="CASCADE"), index=True
    )
    about: Mapped[About] = mapped_column(_enum(About, "about"))
    score: Mapped[int] = mapped_column(SmallInteger)
    comment: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class ContactRequest(Base):
    """What a customer left for a time when somebody can answer."""

    __tablename__ = "contact_requests"
    __table_args__ = (UniqueConstraint("conversation_id", "client_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("conversations.id", ondelete="CASCADE")
    )
    client_id: Mapped[str] = mapped_column(String(64))
    name: Mapped[str | None] = mapped_column(String(255))
    email: Mapped[str] = mapped_column(String(320))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
