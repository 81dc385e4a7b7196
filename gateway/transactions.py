"""What the gateway stores together: each function is the work of one transaction.

They block, and are given to :meth:`store.database.Database.write` or ``read``.
"""

import logging
from dataclasses import dataclass

from sqlalchemy.orm import Session

from gateway.conversation import Outcome, conclude
from gateway.replies import Reply
from gateway.texts import Language, page_language
from store import conversations, handoffs, ratings
from store.records import ConversationRecord, MessageRecord, RatingRecord
from store.status import Status

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Incoming:
    """What a customer's client sends.

    Attributes:
        client_id: the client's own id of the message; the same when it is sent again.
        payload: of the quick reply that was pressed, None for typed text.
        page_language: the language of the page it was written on.
    """

    client_id: str
    text: str
    payload: str | None
    page_language: Language


@dataclass(frozen=True, slots=True)
class Settled:
    """What changed when a message came to its end.

    Attributes:
        messages: the new ones, in order.
        rating: that of an earlier answer, if the customer gave one in words.
        status: who has the conversation now, None if that is as before.
    """

    messages: list[MessageRecord]
    rating: RatingRecord | None
    status: Status | None


def accept(
    session: Session, conversation_id: str, incoming: Incoming, language: Language
) -> tuple[MessageRecord, bool]:
    """Store a customer's message, and make the conversation if it is the first.

    Returns:
        The message, and whether it is new; a known id gives the message stored first.
    """
    conversations.open_for(session, conversation_id, language=incoming.page_language)
    command = incoming.payload
    if command is not None and not conversations.was_offered(session, conversation_id, command):
        _log.warning("conversation %s: a payload that was never offered", conversation_id)
        command = None
    return conversations.receive(
        session,
        conversation_id,
        client_id=incoming.client_id,
        text=incoming.text,
        language=language,
        command=command,
    )


def history(
    session: Session, conversation_id: str, last_seq: int
) -> tuple[bool, Status, list[MessageRecord]]:
    """What came after ``last_seq``: whether it continues, the status, the messages.

    Whoever has seen more than there is has seen another history, one from before a backup was
    restored: it does not continue, and all messages are given.
    """
    found = conversations.find(session, conversation_id)
    if found is None:
        return last_seq == 0, Status.BOT, []
    continues = last_seq <= found.last_seq
    after = last_seq if continues else 0
    if after == found.last_seq:
        return continues, found.status, []
    return continues, found.status, conversations.messages(session, conversation_id, after=after)


def next_message(
    session: Session, conversation_id: str
) -> tuple[ConversationRecord, MessageRecord] | None:
    """The conversation and its earliest message that is still to be answered."""
    message = conversations.next_pending(session, conversation_id)
    if message is None:
        return None
    return conversations.get(session, conversation_id), message


def settle(session: Session, message: MessageRecord, replies: list[Reply] | None) -> Settled | None:
    """Store how a message ends: by the status as it is now, in this transaction.

    Args:
        replies: see :func:`gateway.conversation.conclude`.

    Returns:
        What changed, or None when nothing did: it was settled before, or the conversation was
        given back to the assistant just now, so that it must be asked after all.
    """
    conversation_id = message.conversation_id
    status = conversations.lock(session, conversation_id).status
    outcome = conclude(status, message.command, page_language(message.language), replies)
    if outcome is None or not conversations.settle(session, message.id, outcome.state):
        return None
    rating = _feedback(session, conversation_id, outcome)
    if outcome.status is not None:
        conversations.change_status(session, conversation_id, outcome.status)
    if outcome.handoff is not None:
        handoffs.record(session, conversation_id, outcome.handoff)
    new = [reply.message for reply in outcome.replies]
    if outcome.notice is not None and handoffs.claim_notice(session, conversation_id):
        new.append(outcome.notice)
    stored = conversations.append(session, conversation_id, new, reply_to=message.id)
    return Settled(stored, rating, outcome.status)


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
