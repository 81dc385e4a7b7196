"""Taking in what a channel brings: once, whatever is delivered twice.

The event's key, the conversation, and what the event brings about are stored in one transaction.
So a delivery that was confirmed is stored, and one that was not can be repeated.
"""

import hashlib
import re
from dataclasses import dataclass

from sqlalchemy.orm import Session

from gateway import transactions
from gateway.channels.channel import (
    InboundContact,
    InboundEnd,
    InboundEvent,
    InboundMessage,
    InboundRating,
    InboundSeen,
    InboundSurvey,
)
from gateway.events import Event, Rated, SeenChanged, StatusChanged, SurveyStored
from gateway.texts import Language, LanguageDetector, page_language
from gateway.transactions import Contact, Incoming, Lease
from store import conversations, inbound, surveys
from store.errors import UnknownConversation
from store.records import ConversationRecord, MessageRecord
from store.status import Status

_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Taken:
    """What an event brought about, to be told to whoever follows the conversation.

    Attributes:
        messages: the new ones.
        events: what happened besides.
        has_work: whether there is a message to be answered.
    """

    conversation_id: str
    messages: tuple[MessageRecord, ...] = ()
    events: tuple[Event, ...] = ()
    has_work: bool = False


def accept_event(
    session: Session,
    account: str,
    event: InboundEvent,
    lease: Lease,
    detect_language: LanguageDetector,
) -> Taken | None:
    """Store an event of a channel's account; None when it was stored before.

    Raises:
        UnknownConversation: it is about a conversation, and the customer has none yet.
        UnknownMessage: it rates what is no answer of the conversation.
    """
    if not inbound.first_time(session, account, event.event_id):
        return None
    known = inbound.conversation_of(session, account, event.external_id)
    if isinstance(event, InboundMessage | InboundContact):
        page = _page(event, known, detect_language)
        here = conversations.open_for_external(session, account, event.external_id, language=page)
        if isinstance(event, InboundMessage):
            return _message(session, here, event, page, lease, detect_language)
        stored = transactions.leave_contact(session, here.id, _contact(event, page))
        return Taken(here.id, tuple(stored))
    if known is None:
        raise UnknownConversation(
            f"the customer {event.external_id!r} has no conversation on {account!r} yet; a message "
            "or a contact must come first"
        )
    return Taken(known.id, events=_happened(session, known.id, event))


def client_id_of(event_id: str) -> str:
    """The message's id by which its event is known: the event's own where that fits, or its hash.

    Example:
        >>> client_id_of("msg_2KWPBgLlAfxdpx2AI54pPJ85f4W")
        'msg_2KWPBgLlAfxdpx2AI54pPJ85f4W'
        >>> len(client_id_of("urn:uuid:67e55044-10b1-426f-9247-bb680e5fe0c8"))
        64
    """
    if _CLIENT_ID.fullmatch(event_id):
        return event_id
    return hashlib.sha256(event_id.encode()).hexdigest()


def _message(
    session: Session,
    conversation: ConversationRecord,
    event: InboundMessage,
    page: Language,
    lease: Lease,
    detect_language: LanguageDetector,
) -> Taken | None:
    incoming = Incoming(client_id_of(event.event_id), event.text, event.payload, page)
    language = detect_language(event.text, page)
    message, new = transactions.receive(session, conversation, incoming, language, lease)
    return Taken(conversation.id, (message,), has_work=True) if new else None


def _contact(event: InboundContact, page: Language) -> Contact:
    return Contact(client_id_of(event.event_id), event.email, event.text, event.name, page)


def _page(
    event: InboundMessage | InboundContact,
    known: ConversationRecord | None,
    detect_language: LanguageDetector,
) -> Language:
    """The customer's language: as the channel says, or as it was, or as the words show."""
    if event.language is not None:
        return page_language(event.language)
    return detect_language(event.text, page_language(known.language) if known else "en")


def _happened(
    session: Session,
    conversation_id: str,
    event: InboundRating | InboundSeen | InboundEnd | InboundSurvey,
) -> tuple[Event, ...]:
    match event:
        case InboundRating():
            rating = transactions.rate(
                session, conversation_id, event.message_id, event.value, event.comment
            )
            return (Rated(rating),)
        case InboundSeen():
            new = conversations.see(session, conversation_id, event.seq)
            return (SeenChanged(event.seq),) if new else ()
        case InboundEnd():
            ended = transactions.end(session, conversation_id)
            return (StatusChanged(Status.CLOSED),) if ended else ()
        case InboundSurvey():
            survey = surveys.record(session, conversation_id, event.score, event.comment)
            return (SurveyStored(survey),)
