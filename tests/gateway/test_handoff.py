"""When a person has the conversation, or is to have it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from store.database import Database
    from tests.gateway.conftest import Client, FakeRasa, Gateway

pytestmark = pytest.mark.integration


async def handoffs_of(database: Database) -> list[Any]:
    from sqlalchemy import select

    from store.models import Handoff

    with database.snapshot() as session:
        return list(session.scalars(select(Handoff).order_by(Handoff.id)))


async def conversation_of(database: Database) -> str:
    from sqlalchemy import select

    from store.models import Conversation

    with database.snapshot() as session:
        return (session.scalars(select(Conversation.id))).one()


async def hand_over(client: Client, rasa: FakeRasa, handoff: Callable[..., Any]) -> None:
    rasa.enqueue(handoff())
    await client.say("A person, please")
    await client.until("status", status="waiting")


async def test_a_handoff_makes_the_conversation_wait(
    client: Client,
    gateway: Gateway,
    rasa: FakeRasa,
    database: Database,
    handoff: Callable[..., Any],
) -> None:
    rasa.enqueue(handoff("frustration"))
    await client.say("This is useless")
    assert (await client.reply())["text"] == "I'm passing you to a colleague."
    await client.until("status", status="waiting")
    (stored,) = await handoffs_of(database)
    assert stored.reason == "frustration"
    async with gateway.connect() as again:
        await again.hello(client.session)
        assert again.welcome["status"] == "waiting"


async def test_who_waits_is_told_so_once(
    client: Client, rasa: FakeRasa, handoff: Callable[..., Any]
) -> None:
    await hand_over(client, rasa, handoff)
    await client.say("Hello?")
    notice = await client.reply()
    assert notice["author"] == "system"
    assert "hasn't joined yet" in notice["text"]
    await client.say("Anybody?")
    await client.say("Please!")
    await client.nothing()
    assert rasa.messages == ["A person, please"]


async def test_asking_again_for_a_person_is_confirmed_and_changes_nothing(
    client: Client,
    rasa: FakeRasa,
    database: Database,
    handoff: Callable[..., Any],
    answer: Callable[..., Any],
) -> None:
    rasa.enqueue(answer())
    await client.say("How long?")
    await client.settled()
    await hand_over(client, rasa, handoff)
    for _ in range(2):
        await client.say("Talk to a person", payload="/request_human")
        assert (await client.reply())["author"] == "system"
    await client.nothing()
    assert len(await handoffs_of(database)) == 1
    assert rasa.messages == ["How long?", "A person, please"]


async def test_who_waits_can_go_back_to_the_assistant(
    client: Client, rasa: FakeRasa, handoff: Callable[..., Any]
) -> None:
    await hand_over(client, rasa, handoff)
    await client.say("Hello?")
    (offer,) = (await client.reply())["quick_replies"]
    await client.say(offer["title"], payload=offer["payload"])
    assert "assistant again" in (await client.reply())["text"]
    await client.until("status", status="bot")
    await client.say("How long?")
    assert (await client.settled())["text"] == "You said: How long?"
    await hand_over(client, rasa, handoff)
    await client.say("Hello?")
    assert "hasn't joined yet" in (await client.reply())["text"]


async def test_the_bot_is_silent_while_a_person_has_the_conversation(
    client: Client, gateway: Gateway, rasa: FakeRasa, database: Database
) -> None:
    await client.say("Hello")
    await client.settled()
    conversation_id = await conversation_of(database)
    from store.status import Status

    await gateway.change_status(conversation_id, Status.HUMAN)
    await client.until("status", status="human")
    await client.say("Are you real?")
    await client.nothing()
    await gateway.change_status(conversation_id, Status.BOT)
    await client.say("And now?")
    assert (await client.settled())["text"] == "You said: And now?"
    assert rasa.messages == ["Hello", "And now?"]


@pytest.mark.parametrize("replies", ["text", "handoff", "failure"])
async def test_a_reply_that_comes_after_a_takeover_is_never_sent(
    client: Client,
    gateway: Gateway,
    rasa: FakeRasa,
    database: Database,
    handoff: Callable[..., Any],
    replies: str,
) -> None:
    from store import conversations, messages
    from store.status import InboundState, Status

    gate = asyncio.Event()
    if replies == "failure":
        rasa.enqueue(until=gate)
    else:
        rasa.enqueue(handoff() if replies == "handoff" else {"text": "too late"}, until=gate)
    await client.say("Hello")
    await client.until("typing", on=True)
    conversation_id = await conversation_of(database)
    await gateway.change_status(conversation_id, Status.HUMAN)
    await client.until("status", status="human")
    gate.set()
    await client.until("typing", on=False)
    await client.nothing()
    with database.snapshot() as session:
        (message,) = messages.page(session, conversation_id)
        found = conversations.find(session, conversation_id)
    assert message.state is InboundState.PASSED
    assert found is not None
    assert found.status is Status.HUMAN
    assert await handoffs_of(database) == []


async def test_what_was_said_before_the_handoff_is_not_asked_after_it(
    client: Client, rasa: FakeRasa, handoff: Callable[..., Any]
) -> None:
    rasa.enqueue(handoff(), seconds=0.2)
    await client.say("A person, please")
    await client.say("My parcel is lost")
    passed, notice = await client.replies(2)
    assert passed == "I'm passing you to a colleague."
    assert "hasn't joined yet" in notice
    assert rasa.messages == ["A person, please"]


async def test_writing_again_opens_a_closed_conversation(
    client: Client, gateway: Gateway, rasa: FakeRasa, database: Database
) -> None:
    from store.status import Status

    await client.say("Hello")
    await client.settled()
    await gateway.change_status(await conversation_of(database), Status.CLOSED)
    await client.until("status", status="closed")
    await client.say("One more thing")
    assert (await client.reply())["text"] == "You said: One more thing"
    await client.until("status", status="bot")


async def test_an_illegal_change_is_refused_and_not_told(
    client: Client, gateway: Gateway, database: Database
) -> None:
    from store.errors import IllegalTransition
    from store.status import Status

    await client.say("Hello")
    await client.settled()
    with pytest.raises(IllegalTransition, match="'bot' cannot become 'bot'"):
        await gateway.change_status(await conversation_of(database), Status.BOT)
    await client.nothing()
