"""Which session tokens open a conversation: only the newest generation, after a short while.

The conversation keeps the newest generation that was given out, the floor below which none opens
it any more, and when a client first came with the newest, which proves that it has arrived. The
generation before the newest stays good until then, so that a welcome that got lost on the way
loses nobody's conversation, and for a grace after it, so that other tabs can follow.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from store.errors import UnknownConversation
from store.models import Conversation
from store.records import WIDGET
from store.status import Status


@dataclass(frozen=True, slots=True)
class Rotation:
    """When tokens change.

    Attributes:
        after: how long the newest generation has been in use when a new one is begun.
        grace: how long the generation before it is good once the newest is in use.
    """

    after: timedelta = timedelta(hours=1)
    grace: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Opening:
    """A token opens its conversation.

    Attributes:
        generation: of the token to give out now.
        customer_id: whose conversation it is, None of an anonymous customer or an unknown one.
        stored: whether the conversation has a row: it has none before its first message.
        due: whether something is to be noted, by :func:`open`.
    """

    generation: int
    customer_id: str | None = None
    stored: bool = True
    due: bool = False


@dataclass(frozen=True, slots=True)
class _Tokens:
    newest: int
    floor: int
    confirmed_at: datetime | None

    def accept(self, generation: int, now: datetime, grace: timedelta) -> bool:
        """Whether a token of this generation opens the conversation.

        One that is newer than the newest was given out before a backup was restored.
        """
        if self.confirmed_at is not None and now - self.confirmed_at > grace:
            return generation >= self.newest
        return generation >= self.floor

    def after(self, generation: int, now: datetime, rotate_after: timedelta) -> "_Tokens":
        """What is to be kept once a client came with this accepted generation."""
        if generation < self.newest:
            return self
        if generation > self.newest:
            return _Tokens(generation, generation, now)
        if self.confirmed_at is None:
            return replace(self, confirmed_at=now)
        if now - self.confirmed_at > rotate_after:
            return _Tokens(self.newest + 1, self.newest, None)
        return self


def look(
    session: Session,
    conversation_id: str,
    generation: int,
    *,
    now: datetime | None = None,
    rotation: Rotation | None = None,
) -> Opening | None:
    """Whether a token opens the conversation, without noting that somebody came with it.

    Returns:
        None when it is refused: it is too old, or the conversation is not held in the widget.
    """
    return _open(session, conversation_id, generation, now, rotation, write=False)


def open(
    session: Session,
    conversation_id: str,
    generation: int,
    *,
    now: datetime | None = None,
    rotation: Rotation | None = None,
) -> Opening | None:
    """The same, noted: it confirms the newest generation, or begins one when it is time.

    In a transaction that writes. It is needed only when :func:`look` says that it is ``due``.
    """
    return _open(session, conversation_id, generation, now, rotation, write=True)


def newest(session: Session, conversation_id: str) -> int:
    """The newest generation of a conversation, for a customer who is proven in another way."""
    found = session.scalar(
        select(Conversation.session_generation).where(Conversation.id == conversation_id)
    )
    return found or 0


def join(session: Session, conversation_id: str, customer_id: str) -> int:
    """Give a conversation to a customer; its tokens so far open it no more.

    Returns:
        The new generation.

    Raises:
        UnknownConversation: there is none that is nobody's.
    """
    generation = session.scalar(
        update(Conversation)
        .where(Conversation.id == conversation_id, Conversation.customer_id.is_(None))
        .values(customer_id=customer_id, **_NEXT)
        .returning(Conversation.session_generation)
        .execution_options(synchronize_session=False)
    )
    if generation is None:
        raise UnknownConversation(f"no conversation {conversation_id} is still nobody's")
    return generation


def revoke(session: Session, conversation_id: str) -> None:
    """Let no token that was given out so far open the conversation.

    One that has no row yet gets it, as there must be somewhere to keep this: a first message may
    be just on its way.
    """
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(
        insert(Conversation)
        .values(
            id=conversation_id,
            created_at=datetime.now(UTC),
            status=Status.CLOSED,
            language="en",
            last_seq=0,
            session_generation=1,
            session_floor=1,
        )
        .on_conflict_do_update(index_elements=[Conversation.id], set_=_NEXT)
    )


# The columns are read before any is changed, so both get the same number.
_NEXT = {
    "session_generation": Conversation.session_generation + 1,
    "session_floor": Conversation.session_generation + 1,
    "session_confirmed_at": None,
}


def _open(
    session: Session,
    conversation_id: str,
    generation: int,
    now: datetime | None,
    rotation: Rotation | None,
    *,
    write: bool,
) -> Opening | None:
    now, rotation = now or datetime.now(UTC), rotation or Rotation()
    row = session.get(Conversation, conversation_id, with_for_update=write, populate_existing=write)
    if row is None:
        return Opening(generation, stored=False)
    tokens = _Tokens(row.session_generation, row.session_floor, row.session_confirmed_at)
    if row.channel != WIDGET or not tokens.accept(generation, now, rotation.grace):
        return None
    after = tokens.after(generation, now, rotation.after)
    if write and after != tokens:
        row.session_generation = after.newest
        row.session_floor = after.floor
        row.session_confirmed_at = after.confirmed_at
        session.flush()
    return Opening(after.newest, row.customer_id, due=not write and after != tokens)
