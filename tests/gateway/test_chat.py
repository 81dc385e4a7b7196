"""A conversation over a real WebSocket: in, stored, acknowledged, answered, out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from store.models import Message
from store.status import InboundState

if TYPE_CHECKING:
    from collections.abc import Callable

    from store.database import Database
    from tests.gateway.conftest import Client, FakeRasa, Gateway

pytestmark = pytest.mark.integration


async def test_a_question_is_acknowledged_and_answered(
    client: Client, rasa: FakeRasa, answer: Callable[..., Any]
) -> None:
    rasa.enqueue(answer("Two to four days."))
    asked = await client.say("How long is delivery?", id="a")
    replied = await client.settled()
    assert client.welcome["resumed"] is False
    assert client.welcome["messages"] == []
    assert client.welcome["status"] == "bot"
    assert [frame["type"] for frame in client.seen] == [
        "welcome",
        "ack",
        "typing",
        "message",
        "typing",
    ]
    assert (asked["seq"], asked["author"], asked["client_id"]) == (1, "customer", "a")
    assert (replied["seq"], replied["author"], replied["client_id"]) == (2, "assistant", None)
    assert replied["text"] == "Two to four days."
    assert replied["sources"][0]["id"] == "en/faq/shipping#delivery-time"
    assert replied["quick_replies"] == [{"title": "Talk to a person", "payload": "/request_human"}]
    assert replied["rateable"] is True
    assert replied["rating"] is None
    assert asked["at"] <= replied["at"]
    assert len(asked["at"]) == len("2026-01-01T12:00:00.000Z")
    assert asked["at"].endswith("Z")


async def test_rasa_is_asked_with_the_token_and_the_page(gateway: Gateway, rasa: FakeRasa) -> None:
    async with gateway.connect() as client:
        await client.hello(language="zh-CN")
        asked = await client.say("Hello")
        await client.settled()
    (question,) = rasa.asked
    assert question["message"] == "Hello"
    assert question["metadata"] == {"language": "zh", "message_id": asked["id"]}
    assert "authorization: bearer the token of rasa" in rasa.heads[0].lower()


async def test_the_language_is_that_of_the_message(client: Client, rasa: FakeRasa) -> None:
    rasa.enqueue({"text": "您好！"})
    asked = await client.say("你好")
    replied = await client.settled()
    assert (asked["language"], replied["language"]) == ("zh", "zh")


async def test_a_message_is_stored_before_it_is_acknowledged(
    client: Client, rasa: FakeRasa, database: Database
) -> None:
    rasa.enqueue({"text": "later"}, until=(gate := asyncio.Event()))
    await client.say("Hello")
    pending = select(Message.text).where(Message.state == InboundState.PENDING)
    with database.snapshot() as session:
        assert session.scalars(pending).all() == ["Hello"]
    gate.set()
    await client.settled()
    with database.snapshot() as session:
        assert session.scalars(pending).all() == []


async def test_a_message_sent_twice_is_acknowledged_twice_and_answered_once(
    client: Client, rasa: FakeRasa
) -> None:
    first = await client.say("Hello", id="a")
    again = await client.say("Hello?", id="a")
    await client.settled()
    later = await client.say("Hello", id="a")
    await client.nothing()
    assert first == again == later
    assert rasa.messages == ["Hello"]


async def test_messages_are_answered_in_order(client: Client, rasa: FakeRasa) -> None:
    rasa.enqueue({"text": "one"}, {"text": "one more"}, seconds=0.2)
    rasa.enqueue({"text": "two"})
    for words in ("1", "2"):
        await client.say(words)
    assert await client.replies(3) == ["one", "one more", "two"]
    assert rasa.messages == ["1", "2"]
    assert rasa.most_at_once == 1


async def test_conversations_do_not_wait_for_each_other(gateway: Gateway, rasa: FakeRasa) -> None:
    gate = asyncio.Event()
    async with gateway.connect() as slow, gateway.connect() as fast:
        await slow.hello()
        await fast.hello()
        rasa.enqueue({"text": "slow"}, until=gate)
        await slow.say("Hello")
        await slow.until("typing", on=True)
        await fast.say("Hello")
        assert (await fast.settled())["text"] == "You said: Hello"
        gate.set()
        assert (await slow.settled())["text"] == "slow"


async def test_many_conversations_at_once(gateway: Gateway, rasa: FakeRasa) -> None:
    async def converse(name: str) -> list[str]:
        async with gateway.connect() as client:
            await client.hello()
            for turn in range(3):
                await client.say(f"{name} {turn}")
            texts = await client.replies(3)
        async with gateway.connect() as again:
            await again.hello(client.session)
            messages = again.welcome["messages"]
        assert [message["seq"] for message in messages] == [1, 2, 3, 4, 5, 6]
        return texts

    names = [f"customer-{n}" for n in range(20)]
    said = await asyncio.gather(*(converse(name) for name in names))
    assert said == [[f"You said: {name} {turn}" for turn in range(3)] for name in names]


async def test_all_tabs_of_a_conversation_see_the_same(client: Client, gateway: Gateway) -> None:
    async with gateway.connect() as tab:
        await client.say("Hello", id="a")
        await tab.hello(client.session, language="en")
        await client.settled()
        await client.say("Again", id="b")
        own = await client.settled()
        shown = await tab.reply()
        while shown["text"] != "Again":
            shown = await tab.reply()
        assert shown["client_id"] == "b"
        assert await tab.reply() == own


async def test_a_tab_that_comes_while_the_assistant_writes_is_told(
    client: Client, gateway: Gateway, rasa: FakeRasa
) -> None:
    rasa.enqueue({"text": "done"}, until=(gate := asyncio.Event()))
    await client.say("Hello")
    await client.until("typing", on=True)
    async with gateway.connect() as tab:
        await tab.hello(client.session)
        assert (await tab.receive())["on"] is True
        gate.set()
        assert (await tab.settled())["text"] == "done"


async def test_coming_back_brings_only_what_was_missed(
    client: Client, gateway: Gateway, rasa: FakeRasa
) -> None:
    rasa.enqueue({"text": "an answer while away"}, seconds=0.2)
    await client.say("Hello")
    await client.socket.close()
    await asyncio.sleep(0.5)
    async with gateway.connect() as again:
        await again.hello(client.session, last_seq=1)
        assert again.welcome["resumed"] is True
        assert [m["text"] for m in again.welcome["messages"]] == ["an answer while away"]
        assert [m["seq"] for m in again.welcome["messages"]] == [2]
    async with gateway.connect() as everything:
        await everything.hello(client.session)
        assert [m["seq"] for m in everything.welcome["messages"]] == [1, 2]


async def test_a_session_without_messages_yet_goes_on(gateway: Gateway) -> None:
    async with gateway.connect() as client:
        await client.hello()
    async with gateway.connect() as again:
        await again.hello(client.session)
        assert again.welcome["resumed"] is True
        assert (await again.say("Hello"))["seq"] == 1


async def test_who_has_seen_more_than_there_is_starts_anew(
    client: Client, gateway: Gateway
) -> None:
    await client.say("Hello")
    await client.settled()
    async with gateway.connect() as again:
        await again.hello(client.session, last_seq=12)
        assert again.welcome["resumed"] is False
        assert [m["seq"] for m in again.welcome["messages"]] == [1, 2]


async def test_only_what_was_offered_is_a_command(
    client: Client, rasa: FakeRasa, answer: Callable[..., Any]
) -> None:
    await client.say("Talk to a person", payload="/request_human")
    await client.settled()
    rasa.enqueue(answer())
    await client.say("How long?")
    await client.settled()
    await client.say("Talk to a person", payload="/request_human")
    await client.settled()
    await client.say("Start again", payload="/restart")
    await client.settled()
    assert rasa.messages == ["Talk to a person", "How long?", "/request_human", "Start again"]


async def test_what_another_customer_was_offered_is_no_command(
    client: Client, gateway: Gateway, rasa: FakeRasa, answer: Callable[..., Any]
) -> None:
    rasa.enqueue(answer())
    await client.say("How long?")
    await client.settled()
    async with gateway.connect() as other:
        await other.hello()
        await other.say("A person", payload="/request_human")
        await other.settled()
    assert rasa.messages[-1] == "A person"


@pytest.mark.parametrize("words", ["/restart", " /restart", "\u2003//restart", "/ /restart"])
async def test_a_typed_command_is_only_words(client: Client, rasa: FakeRasa, words: str) -> None:
    asked = await client.say(words)
    await client.settled()
    assert rasa.messages == ["restart"]
    assert asked["text"] == words


async def test_text_comes_back_as_it_was(client: Client) -> None:
    words = 'emoji 👩‍👩‍👧 שלום "quotes" <b>\n\ttab \\ 中文 \u2028'
    assert (await client.say(f"{words}\u0000\u001b"))["text"] == words
    assert (await client.say("😀" * 4_000))["text"] == "😀" * 4_000


async def test_a_rating_lands_beside_its_answer(
    client: Client, gateway: Gateway, rasa: FakeRasa, database: Database, answer: Callable[..., Any]
) -> None:
    from store import ratings

    rasa.enqueue(answer())
    await client.say("How long?")
    message = await client.settled()
    await client.send(type="rating", message=message["id"], value=1, comment=None)
    assert await client.until("rated") == {
        "type": "rated",
        "message": message["id"],
        "value": 1,
        "comment": None,
    }
    await client.send(type="rating", message=message["id"], value=-1, comment="Too slow")
    assert (await client.until("rated"))["comment"] == "Too slow"
    with database.snapshot() as session:
        rating = ratings.rating_of(session, message["id"])
        stored = ratings.answer_of(session, message["id"])
    assert rating is not None
    assert (rating.value, rating.comment) == (-1, "Too slow")
    assert stored is not None
    assert (stored.question, stored.writer) == ("how long is delivery", "extractive")
    assert stored.passages[0].score == 0.91
    async with gateway.connect() as again:
        await again.hello(client.session)
        assert again.welcome["messages"][1]["rating"] == -1


async def test_only_an_answer_of_this_conversation_can_be_rated(
    client: Client, gateway: Gateway, rasa: FakeRasa, answer: Callable[..., Any]
) -> None:
    rasa.enqueue(answer())
    asked = await client.say("How long?")
    answered = await client.settled()
    async with gateway.connect() as stranger:
        await stranger.hello()
        for message_id in (answered["id"], str(uuid4())):
            await stranger.send(type="rating", message=message_id, value=-1)
            error = await stranger.until("error")
            assert (error["code"], error["id"]) == ("unknown_message", message_id)
    await client.send(type="rating", message=asked["id"], value=1)
    assert (await client.until("error"))["code"] == "unknown_message"


async def test_feedback_in_words_rates_the_last_answer(
    client: Client, rasa: FakeRasa, answer: Callable[..., Any]
) -> None:
    thanks = {"type": "feedback", "text": "Glad to hear it!", "language": "en", "value": 1}
    rasa.enqueue({"custom": thanks})
    await client.say("That helped")
    await client.settled()
    assert "rated" not in {frame["type"] for frame in client.seen}

    rasa.enqueue(answer())
    await client.say("How long?")
    answered = await client.settled()
    rasa.enqueue({"custom": thanks})
    await client.say("That helped")
    assert (await client.reply())["text"] == "Glad to hear it!"
    rated = await client.until("rated")
    assert (rated["message"], rated["value"]) == (answered["id"], 1)
