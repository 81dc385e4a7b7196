"""Taking events in: once, in one transaction with what they bring about."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from gateway.channels.channel import (
    InboundContact,
    InboundEnd,
    InboundEvent,
    InboundMessage,
    InboundRating,
    InboundSeen,
    InboundSurvey,
)
from gateway.channels.inbox import Taken, accept_event
from gateway.events import Rated, SeenChanged, StatusChanged, SurveyStored
from gateway.texts import Language
from gateway.transactions import Lease
from store import conversations, deliveries, inbound, messages, surveys
from store.database import Database
from store.errors import UnknownConversation, UnknownMessage
from store.records import AnswerRecord, MessageRecord, NewMessage
from store.status import Author, Status

LEASE = Lease("test")
ANSWER = AnswerRecord("q", "extractive", True, None, 0.9, 10.0, "en")


def detect_language(words: str, default: Language) -> Language:
    return "zh" if any("\u4e00" <= c <= "\u9fff" for c in words) else default


async def take(database: Database, event: InboundEvent, account: str = "shop") -> Taken | None:
    return await database.write(
        lambda session: accept_event(session, account, event, LEASE, detect_language)
    )


async def stored(database: Database, conversation_id: str) -> list[MessageRecord]:
    return await database.read(lambda session: messages.page(session, conversation_id))


async def a_conversation(database: Database) -> str:
    taken = await take(database, InboundMessage("e0", "anna", "Hello"))
    assert taken is not None
    return taken.conversation_id


async def an_answer(database: Database, conversation_id: str) -> str:
    new = NewMessage(Author.ASSISTANT, "Two days.", "en", answer=ANSWER)
    (answer,) = await database.write(lambda s: messages.append(s, conversation_id, [new]))
    return answer.id


async def test_a_message_makes_a_conversation(database: Database) -> None:
    taken = await take(database, InboundMessage("evt_1", "anna", "Hello"))
    assert taken is not None
    assert taken.has_work
    (message,) = taken.messages
    assert (message.client_id, message.text, message.language) == ("evt_1", "Hello", "en")
    found = await database.read(lambda s: conversations.get(s, taken.conversation_id))
    assert (found.channel, found.external_id, found.language) == ("shop", "anna", "en")
    # The customer's own words are not sent back.
    assert await database.read(lambda s: deliveries.listing(s, None, 10)) == []


async def test_the_next_joins_it_and_other_customers_and_accounts_have_their_own(
    database: Database,
) -> None:
    here = await a_conversation(database)
    again = await take(database, InboundMessage("e1", "anna", "Hello"))
    other = await take(database, InboundMessage("e2", "ben", "Hello"))
    elsewhere = await take(database, InboundMessage("e0", "anna", "Hello"), "other")
    assert again is not None
    assert other is not None
    assert elsewhere is not None
    assert again.conversation_id == here
    assert len({here, other.conversation_id, elsewhere.conversation_id}) == 3


async def test_what_comes_again_has_no_effect(database: Database) -> None:
    here = await a_conversation(database)
    assert await take(database, InboundMessage("e0", "anna", "Hello")) is None
    # Not even with other words, or for another customer.
    assert await take(database, InboundMessage("e0", "anna", "Bye")) is None
    assert await take(database, InboundMessage("e0", "ben", "Hello")) is None
    assert [one.text for one in await stored(database, here)] == ["Hello"]


async def test_of_many_at_once_one_is_stored(database: Database, database_url: str) -> None:
    """Two processes, as it were, and a customer who is new to both."""
    other = Database(database_url)
    event = InboundMessage("urn:some:event", "anna", "Hello")
    taken = await asyncio.gather(*(take((database, other)[n % 2], event) for n in range(12)))
    other.close()
    (first,) = (one for one in taken if one is not None)
    (message,) = await stored(database, first.conversation_id)
    assert len(message.client_id or "") == 64


async def test_different_messages_at_once_make_one_conversation(
    database: Database, database_url: str
) -> None:
    other = Database(database_url)
    taken = await asyncio.gather(
        *(take((database, other)[n % 2], InboundMessage(f"e{n}", "anna", "Hi")) for n in range(12))
    )
    other.close()
    (here,) = {one.conversation_id for one in taken if one is not None}
    assert [one.seq for one in await stored(database, here)] == list(range(1, 13))


async def test_a_message_is_known_even_when_the_event_is_forgotten(database: Database) -> None:
    here = await a_conversation(database)
    later = datetime.now(UTC) + timedelta(days=31)
    assert await database.write(lambda session: inbound.prune(session, later)) == 1
    assert await take(database, InboundMessage("e0", "anna", "Hello")) is None
    assert len(await stored(database, here)) == 1


@pytest.mark.parametrize(
    ("language", "words", "page", "message"),
    [
        (None, "Hello", "en", "en"),
        (None, "多久发货", "zh", "zh"),
        ("zh-CN", "OK", "zh", "zh"),
        ("zh-CN", "Hello", "zh", "zh"),
        ("de", "多久发货", "en", "zh"),
    ],
)
async def test_the_language(
    database: Database, language: str | None, words: str, page: str, message: str
) -> None:
    taken = await take(database, InboundMessage("e1", "anna", words, None, language))
    assert taken is not None
    found = await database.read(lambda s: conversations.get(s, taken.conversation_id))
    assert (found.language, taken.messages[0].language) == (page, message)


async def test_words_that_show_no_language_keep_the_one_before(database: Database) -> None:
    await take(database, InboundMessage("e1", "anna", "多久发货"))
    taken = await take(database, InboundMessage("e2", "anna", "OK"))
    assert taken is not None
    assert taken.messages[0].language == "zh"


async def test_a_button_that_was_never_offered_is_only_its_words(database: Database) -> None:
    taken = await take(database, InboundMessage("e1", "anna", "Restart", "/restart"))
    assert taken is not None
    assert taken.messages[0].command is None


async def test_a_rating(database: Database) -> None:
    here = await a_conversation(database)
    answer = await an_answer(database, here)
    taken = await take(database, InboundRating("e1", "anna", answer, -1, "too long"))
    assert taken is not None
    (rated,) = taken.events
    assert isinstance(rated, Rated)
    assert (rated.rating.value, rated.rating.comment) == (-1, "too long")


async def test_another_s_answer_cannot_be_rated(database: Database) -> None:
    answer = await an_answer(database, await a_conversation(database))
    await take(database, InboundMessage("e1", "ben", "Hello"))
    for message_id in (answer, str(uuid4())):
        with pytest.raises(UnknownMessage):
            await take(database, InboundRating("e2", "ben", message_id, 1))
    # What was refused was not taken in, and is refused again.
    with pytest.raises(UnknownMessage):
        await take(database, InboundRating("e2", "ben", answer, 1))


@pytest.mark.parametrize(
    "event",
    [
        InboundRating("e1", "anna", str(uuid4()), 1),
        InboundSeen("e1", "anna", 1),
        InboundEnd("e1", "anna"),
        InboundSurvey("e1", "anna", 5),
    ],
)
async def test_without_a_conversation_there_is_nothing_to_say_about_it(
    database: Database, event: InboundEvent
) -> None:
    with pytest.raises(UnknownConversation, match="must come first"):
        await take(database, event)
    await a_conversation(database)
    with pytest.raises(UnknownConversation):
        await take(database, event, "other")


async def test_what_was_seen(database: Database) -> None:
    here = await a_conversation(database)
    taken = await take(database, InboundSeen("e1", "anna", 1))
    assert taken == Taken(here, events=(SeenChanged(1),))
    assert await take(database, InboundSeen("e2", "anna", 1)) == Taken(here)
    assert await take(database, InboundSeen("e3", "anna", 99)) == Taken(here)


async def test_the_end_and_a_survey(database: Database) -> None:
    here = await a_conversation(database)
    taken = await take(database, InboundEnd("e1", "anna"))
    assert taken == Taken(here, events=(StatusChanged(Status.CLOSED),))
    assert await take(database, InboundEnd("e2", "anna")) == Taken(here)
    (told,) = await database.read(lambda s: deliveries.listing(s, None, 10))
    assert told.status is Status.CLOSED
    taken = await take(database, InboundSurvey("e3", "anna", 4, "fine"))
    assert taken is not None
    assert isinstance(taken.events[0], SurveyStored)
    (survey,) = await database.read(lambda session: surveys.surveys_of(session, here))
    assert (survey.score, survey.comment) == (4, "fine")


async def test_a_contact_is_confirmed_once(database: Database) -> None:
    event: Any = InboundContact("e1", "anna", "anna@shop.example", "请给我回电")
    taken = await take(database, event)
    assert taken is not None
    (confirmation,) = taken.messages
    assert (confirmation.author, confirmation.language) == (Author.SYSTEM, "zh")
    assert await take(database, event) is None
    (told,) = await database.read(lambda s: deliveries.listing(s, None, 10))
    assert told.seq == confirmation.seq
