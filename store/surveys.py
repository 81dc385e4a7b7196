"""How satisfied customers were, and what they left for a time when somebody can answer."""

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from store.errors import StoreError
from store.models import ContactRequest, Message, Survey
from store.records import SurveyRecord
from store.status import About, Author


def record(
    session: Session, conversation_id: str, score: int, comment: str | None = None
) -> SurveyRecord:
    """Store how satisfied the customer was: with the person, if one has spoken, else the assistant.

    Raises:
        StoreError: ``score`` is not 1 to 5.
    """
    if score not in range(1, 6):
        raise StoreError(f"a satisfaction of {score!r}; expected 1 (bad) to 5 (good)")
    spoke = select(Message.id).where(
        Message.conversation_id == conversation_id, Message.author == Author.AGENT
    )
    about = About.AGENT if session.scalar(spoke.limit(1)) else About.ASSISTANT
    survey = Survey(
        conversation_id=conversation_id,
        about=about,
        score=score,
        comment=comment,
        at=datetime.now(UTC),
    )
    session.add(survey)
    session.flush()
    return SurveyRecord(about, score, comment, survey.at)


def surveys_of(session: Session, conversation_id: str) -> list[SurveyRecord]:
    """All surveys of the conversation, the earliest first."""
    rows = session.scalars(
        select(Survey).where(Survey.conversation_id == conversation_id).order_by(Survey.id)
    )
    return [SurveyRecord(row.about, row.score, row.comment, row.at) for row in rows]


def leave_contact(
    session: Session,
    conversation_id: str,
    *,
    client_id: str,
    email: str,
    text: str,
    name: str | None = None,
) -> bool:
    """Store where the customer can be reached, once for each ``client_id``; whether it is new."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    stored = session.scalar(
        insert(ContactRequest)
        .values(
            conversation_id=conversation_id,
            client_id=client_id,
            name=name,
            email=email,
            text=text,
            at=datetime.now(UTC),
        )
        .on_conflict_do_nothing(
            index_elements=[ContactRequest.conversation_id, ContactRequest.client_id]
        )
        .returning(ContactRequest.id)
    )
    return stored is not None
