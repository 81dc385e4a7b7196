"""What the gateway stores together: each function is the work of one transaction.

They block, and are given to :meth:`store.database.Database.write` or ``read``.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from gateway.conversation import URGENT, Outcome, conclude
from gateway.replies import Reply
from gateway.texts import Language, contact_left, out_of_order, page_language
from store import conversations, customers, deliveries, handoffs, messages, queue, ratings, surveys
from store.records import (
    ConversationRecord,
    CustomerRecord,
    MessageRecord,
    NewMessage,
    RatingRecord,
)
from store.status import InboundState, Status

_log = logging.getLogger(__name__)

PAGE = 50
"""Messages that a client is given at once."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """What a customer's client sends.

    Attributes:
        client_id: the client's own id of the message; the same when it is sent again.
        payload: of the quick reply that was pressed, None for typed text.
        page_language: the language of the page it was written on.
        file_ids: of files that were uploaded before.
        customer_id: the customer whom the shop vouched for.
    """

    client_id: str
    text: str
    payload: str | None
    page_language: Language
    file_ids: tuple[str, ...] = ()
    customer_id: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """Where a customer can be reached, and about what.

    Attributes:
        client_id: the client's own id of the form; the same when it is sent again.
        page_language: the language of the page it was filled in on.
    """

    client_id: str
    email: str
    text: str
    name: str | None
    page_language: Language
    customer_id: str | None = None


@dataclass(frozen=True, slots=True)
class History:
    """A part of a conversation: its state, and the latest page of what was asked for.

    Attributes:
        continues: whether it goes on from what the client has seen.
        earlier: whether there are messages before these.
    """

    continues: bool
    status: Status
    messages: list[MessageRecord]
    earlier: bool
    seen_seq: int


@dataclass(frozen=True, slots=True)
class Task:
    """A message to be answered, and whose it is."""

    conversation: ConversationRecord
    message: MessageRecord
    customer: CustomerRecord | None


@dataclass(frozen=True, slots=True)
class Settled:
    """What changed when a message came to its end, or was put off.

    Attributes:
        messages: the new ones, in order.
        rating: that of an earlier answer, if the customer gave one in words.
        status: who has the conversation now, None if that is as before.
    """

    messages: list[MessageRecord]
    rating: RatingRecord | None = None
    status: Status | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """Who claims, and for how long: see :mod:`store.queue`."""

    owner: str
    length: timedelta = timedelta(seconds=15)


def accept(
    session: Session, conversation_id: str, incoming: Incoming, language: Language, lease: Lease
) -> tuple[MessageRecord, bool]:
    """Store a customer's message, and make the conversation if it is the first.

    Returns:
        The message, and whether it is new; a known id gives the message stored first.

    Raises:
        UnknownFile: one of its files is not of this conversation, or was sent before.
    """
    conversation = conversations.open_for(
        session,
        conversation_id,
        language=incoming.page_language,
        customer_id=incoming.customer_id,
    )
    return receive(session, conversation, incoming, language, lease)


def receive(
    session: Session,
    conversation: ConversationRecord,
    incoming: Incoming,
    language: Language,
    lease: Lease,
) -> tuple[MessageRecord, bool]:
    """Store a customer's message in a conversation that is locked, and claim it if it is free.

    See :func:`accept`.
    """
    command = incoming.payload
    if command is not None and not messages.was_offered(session, conversation.id, command):
        _log.warning("conversation %s: a payload that was never offered", conversation.id)
        command = None
    message, new = messages.receive(
        session,
        conversation.id,
        client_id=incoming.client_id,
        text=incoming.text,
        language=language,
        command=command,
        file_ids=incoming.file_ids,
    )
    if new:
        if command in URGENT:
            queue.hurry(session, conversation.id)
        queue.claim(session, conversation.id, lease.owner, lease.length)
    return message, new


def history(session: Session, conversation_id: str, last_seq: int) -> History:
    """What came after ``last_seq``.

    Whoever has seen more than there is has seen another history, one from before a backup was
    restored: it does not continue, and the latest page of all is given.
    """
    found = conversations.find(session, conversation_id)
    if found is None:
        return History(last_seq == 0, Status.BOT, [], earlier=False, seen_seq=0)
    continues = last_seq <= found.last_seq
    after = last_seq if continues else 0
    page: list[MessageRecord] = []
    if after < found.last_seq:
        page = messages.page(session, conversation_id, after=after, limit=PAGE)
    first = page[0].seq if page else after + 1
    return History(continues, found.status, page, earlier=first > 1, seen_seq=found.seen_seq)


def next_task(session: Session, conversation_id: str, owner: str) -> Task | None:
    """What ``owner`` is to answer next in the conversation, if that is for it to do."""
    if not queue.owns(session, conversation_id, owner):
        return None
    conversation = conversations.get(session, conversation_id)
    # Only where the queue stands still need anything go past the others.
    first = URGENT if conversation.attempts else ()
    message = messages.next_pending(session, conversation_id, first=first)
    if message is None:
        return None
    customer = None
    if conversation.customer_id is not None:
        customer = customers.get(session, conversation.customer_id)
    return Task(conversation, message, customer)


def settle(session: Session, message: MessageRecord, replies: list[Reply] | None) -> Settled | None:
    """Store how a message ends: by the status as it is now, in this transaction.

    Args:
        replies: see :func:`gateway.conversation.conclude`.

    Returns:
        What changed, or None when nothing did: it was settled before, or the conversation was
        given back to the assistant just now, so that it must be asked after all.
    """
    conversation = conversations.lock(session, message.conversation_id)
    outcome = conclude(conversation.status, message, replies)
    if outcome is None or not messages.settle(session, message.id, outcome.state):
        return None
    if outcome.earlier is not None:
        messages.settle_before(session, message, outcome.earlier)
    queue.finish(session, conversation.id)
    if outcome.state is InboundState.ANSWERED and conversation.outage_told_at is not None:
        conversations.note_outage(session, conversation.id, None)
    rating = _feedback(session, conversation.id, outcome)
    if outcome.status is not None:
        conversations.change_status(session, conversation.id, outcome.status)
    if outcome.handoff is not None:
        handoffs.record(session, conversation.id, outcome.handoff)
    new = [reply.message for reply in outcome.replies]
    if outcome.notice is not None and handoffs.claim_notice(session, conversation.id):
        new.append(outcome.notice)
    stored = messages.append(session, conversation.id, new, reply_to=message)
    deliveries.enqueue(session, conversation, stored, outcome.status)
    return Settled(stored, rating, outcome.status)


def put_off(
    session: Session, message: MessageRecord, delay: timedelta, *, tell: bool
) -> Settled | None:
    """Leave a message for later, since the assistant cannot be reached.

    Args:
        delay: how much later.
        tell: whether the customer is to be told, unless that was done since the outage began.
    """
    conversation = conversations.lock(session, message.conversation_id)
    if conclude(conversation.status, message, None) is not None:
        # A person has it by now.
        return settle(session, message, None)
    queue.postpone(session, conversation.id, delay)
    if not tell or conversation.outage_told_at is not None:
        return None
    conversations.note_outage(session, conversation.id, datetime.now(UTC))
    notice = out_of_order(page_language(message.language))
    stored = messages.append(session, conversation.id, [notice], reply_to=message)
    deliveries.enqueue(session, conversation, stored, None)
    return Settled(stored)


def say(session: Session, conversation_id: str, new: Sequence[NewMessage]) -> list[MessageRecord]:
    """Store messages for the customer that reply to none of hers.

    Raises:
        UnknownConversation: there is none.
    """
    conversation = conversations.lock(session, conversation_id)
    stored = messages.append(session, conversation_id, new)
    deliveries.enqueue(session, conversation, stored, None)
    return stored


def leave_contact(session: Session, conversation_id: str, contact: Contact) -> list[MessageRecord]:
    """Store where the customer can be reached; the confirmation, none if it was stored before."""
    conversation = conversations.open_for(
        session,
        conversation_id,
        language=contact.page_language,
        customer_id=contact.customer_id,
    )
    new = surveys.leave_contact(
        session,
        conversation_id,
        client_id=contact.client_id,
        email=contact.email,
        text=contact.text,
        name=contact.name,
    )
    if not new:
        return []
    confirmation = contact_left(contact.page_language, contact.email)
    stored = messages.append(session, conversation_id, [confirmation])
    deliveries.enqueue(session, conversation, stored, None)
    return stored


def change_status(session: Session, conversation_id: str, status: Status) -> None:
    """Give the conversation to somebody else.

    Raises:
        IllegalTransition: see :data:`store.status.TRANSITIONS`.
        UnknownConversation: there is none.
    """
    conversations.change_status(session, conversation_id, status)
    conversation = conversations.get(session, conversation_id)
    deliveries.enqueue(session, conversation, [], status)


def end(session: Session, conversation_id: str) -> bool:
    """Close the conversation for its customer; False when it is closed already.

    What is still to be answered is no longer wanted.

    Raises:
        UnknownConversation: there is none.
    """
    conversation = conversations.lock(session, conversation_id)
    if conversation.status is Status.CLOSED:
        return False
    messages.settle_all(session, conversation_id, InboundState.WITHDRAWN)
    queue.finish(session, conversation_id)
    change_status(session, conversation_id, Status.CLOSED)
    return True


def rate(
    session: Session, conversation_id: str, message_id: str, value: int, comment: str | None
) -> RatingRecord:
    """Rate an answer of the conversation.

    Raises:
        UnknownMessage: it holds no such answer.
    """
    answer = ratings.find_answer(session, conversation_id, message_id)
    return ratings.rate(session, answer, value, comment)


def _feedback(session: Session, conversation_id: str, outcome: Outcome) -> RatingRecord | None:
    value = next((reply.feedback for reply in outcome.replies if reply.feedback), None)
    answer = ratings.last_answer(session, conversation_id) if value else None
    return ratings.rate(session, answer, value) if value and answer else None
