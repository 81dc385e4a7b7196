"""When the assistant cannot be reached, does not answer, or talks nonsense."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from store.database import Database
    from tests.gateway.conftest import Client, FakeRasa, MakeGateway

pytestmark = pytest.mark.integration

SORRY = "Sorry, I couldn't answer that"
KEPT = "Sorry, I can't answer just now"


async def states_of(database: Database) -> list[str | None]:
    from sqlalchemy import select

    from store.models import Message

    with database.snapshot() as session:
        states = session.scalars(select(Message.state).order_by(Message.seq))
        return [None if state is None else state.value for state in states]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not JSON",
        b"{}",
        b"[{}]",
        b'[{"recipient_id": "x", "text": ""}]',
        b'[{"custom": {"type": "answer", "text": "half an answer"}}]',
        b'[{"custom": {"type": "discount", "percent": 100}}]',
        b'[{"custom": {"type": "handoff", "text": "x", "language": "en", "reason": "boredom"}}]',
        b'[{"text": "\\ud800"}]',
        b'[{"text": "fine"}, {"custom": 7}]',
    ],
)
async def test_nonsense_is_a_failure_as_a_whole(
    client: Client, rasa: FakeRasa, database: Database, body: bytes
) -> None:
    rasa.enqueue_garbage(body)
    await client.say("Hello")
    told = await client.settled()
    assert told["author"] == "system"
    assert told["text"].startswith(SORRY)
    assert told["quick_replies"] == [{"title": "Talk to a person", "payload": "/request_human"}]
    assert await states_of(database) == ["failed", None]
    await client.say("And now?")
    assert (await client.settled())["text"] == "You said: And now?"


async def test_the_customer_is_told_in_the_language_of_the_message(
    client: Client, rasa: FakeRasa
) -> None:
    rasa.enqueue_garbage(b"", status=401)
    await client.say("你好")
    told = await client.settled()
    assert told["language"] == "zh"
    assert told["text"].startswith("抱歉")
    assert told["quick_replies"][0]["title"] == "转人工客服"


@pytest.mark.parametrize("trouble", ["break", "status", "silence"])
async def test_what_may_pass_is_tried_again(
    make_gateway: MakeGateway, rasa: FakeRasa, trouble: str
) -> None:
    gateway = await make_gateway(retry_delays=(0.01, 0.02), tell_after=3)
    for _ in range(2):
        if trouble == "break":
            rasa.enqueue_break()
        elif trouble == "status":
            rasa.enqueue_garbage(b"", status=500)
        else:
            rasa.enqueue()
    async with gateway.connect() as client:
        await client.hello()
        await client.say("Hello")
        assert (await client.settled())["text"] == "You said: Hello"
    assert rasa.messages == ["Hello"] * 3


async def test_an_outage_is_told_once_and_what_was_asked_is_answered_after_it(
    make_gateway: MakeGateway, rasa: FakeRasa, database: Database
) -> None:
    gateway = await make_gateway(retry_delays=(0.05,), tell_after=2)
    await rasa.stop()
    async with gateway.connect() as client:
        await client.hello()
        await client.say("One", id="1")
        told = await client.settled()
        assert told["author"] == "system"
        assert told["text"].startswith(KEPT)
        assert [reply["payload"] for reply in told["quick_replies"]] == [
            "/request_human",
            "/leave_contact",
            "/withdraw",
        ]
        await client.say("Two", id="2")
        await client.nothing()
        await rasa.start()
        answers = [await client.reply() for _ in range(2)]
    assert [(a["text"], a["reply_to"]) for a in answers] == [
        ("You said: One", 1),
        ("You said: Two", 3),
    ]
    assert await states_of(database) == ["answered", None, "answered", None, None]

    # The next outage is another.
    await rasa.stop()
    async with gateway.connect() as again:
        await again.hello(client.session, last_seq=5)
        await again.say("Three", id="3")
        assert (await again.settled())["text"].startswith(KEPT)


async def test_what_is_no_longer_wanted_is_not_answered(
    make_gateway: MakeGateway, rasa: FakeRasa, database: Database
) -> None:
    gateway = await make_gateway(retry_delays=(0.3,))
    await rasa.stop()
    async with gateway.connect() as client:
        await client.hello()
        await client.say("One")
        offer = (await client.settled())["quick_replies"][2]
        await client.say(offer["title"], payload=offer["payload"])
        assert (await client.reply())["text"].startswith("All right")
        await rasa.start()
        await client.nothing(0.6)
        await client.say("Two")
        assert (await client.settled())["text"] == "You said: Two"
    assert rasa.messages == ["Two"]
    assert (await states_of(database))[0] == "withdrawn"


async def test_what_grew_too_old_is_given_up(
    make_gateway: MakeGateway, rasa: FakeRasa, database: Database
) -> None:
    from sqlalchemy import update

    from store.models import Message

    gateway = await make_gateway(retry_delays=(0.3,), tell_after=9)
    await rasa.stop()
    async with gateway.connect() as client:
        await client.hello()
        await client.say("One")
        with database.transaction() as session:
            session.execute(update(Message).values(at=datetime.now(UTC) - timedelta(hours=25)))
        assert (await client.reply())["text"].startswith(SORRY)
    assert await states_of(database) == ["failed", None]


async def test_rasa_may_start_late(make_gateway: MakeGateway, rasa: FakeRasa) -> None:
    gateway = await make_gateway(tell_after=100)
    await rasa.stop()
    async with gateway.connect() as client:
        await client.hello()
        await client.say("Hello")
        await client.until("typing", on=True)
        await rasa.start()
        assert (await client.settled())["text"] == "You said: Hello"
    # No word of it, and one sign of typing from the question to the answer.
    assert [frame["type"] for frame in client.seen] == [
        "welcome",
        "ack",
        "typing",
        "message",
        "typing",
    ]


async def test_a_time_out_is_asked_again_by_the_same_id(
    make_gateway: MakeGateway, rasa: FakeRasa
) -> None:
    gateway = await make_gateway(answer_timeout=0.2)
    rasa.enqueue({"text": "too late"}, seconds=0.5)
    async with gateway.connect() as client:
        await client.hello()
        asked = await client.say("Hello")
        assert (await client.settled())["text"].startswith(KEPT)
        assert (await client.reply())["text"] == "You said: Hello"
    # Rasa's channel knows by it that it has done this already.
    assert [question["metadata"]["message_id"] for question in rasa.asked] == [asked["id"]] * 2


async def test_a_person_can_be_had_without_the_assistant(
    make_gateway: MakeGateway, rasa: FakeRasa, database: Database
) -> None:
    # The delay is long enough for the test to fail if it were waited for.
    gateway = await make_gateway(retry_delays=(60,))
    await rasa.stop()
    async with gateway.connect() as client:
        await client.hello()
        await client.say("Hello")
        offer = (await client.settled())["quick_replies"][0]
        await client.say(offer["title"], payload=offer["payload"])
        told = await client.reply()
        assert told["author"] == "system"
        assert "asked a colleague" in told["text"]
        await client.until("status", status="waiting")
    # What was asked before is left to the person.
    assert await states_of(database) == ["passed", None, "answered", None]


async def test_a_script_link_does_not_reach_the_customer(
    client: Client, rasa: FakeRasa, answer: Callable[..., Any]
) -> None:
    urls = [
        "javascript:alert(1)",
        "//evil.example/x",
        "data:text/html,x",
        "/help/shipping",
        "https://shop.example/help",
        None,
    ]
    source = {"id": "x", "title": "x", "quote": "x"}
    rasa.enqueue(answer(sources=[{**source, "url": url} for url in urls]))
    await client.say("How long?")
    sources = (await client.settled())["sources"]
    assert [source["url"] for source in sources] == [
        None,
        None,
        None,
        "/help/shipping",
        "https://shop.example/help",
        None,
    ]


async def test_what_cannot_be_stored_is_not_acknowledged(
    client: Client, rasa: FakeRasa, database_url: str
) -> None:
    from sqlalchemy import create_engine

    from store.database import parse_url
    from store.models import Base

    engine = create_engine(parse_url(database_url))
    Base.metadata.drop_all(engine)
    await client.send(type="message", id="a", text="Hello")
    assert await client.closed() == 1011
    assert client.seen[-1] == {
        "type": "error",
        "code": "internal",
        "text": "something failed here; connect again",
        "id": None,
    }
    assert rasa.asked == []
    Base.metadata.create_all(engine)
    engine.dispose()


async def test_a_reply_that_could_not_be_stored_is_asked_for_again(
    client: Client, rasa: FakeRasa, database_url: str, answer: Callable[..., Any]
) -> None:
    from sqlalchemy import create_engine

    from store.database import parse_url
    from store.models import Base

    engine = create_engine(parse_url(database_url))
    ratings_and_answers = [Base.metadata.tables[name] for name in ("ratings", "answers")]
    rasa.enqueue(answer("never stored"), until=(gate := asyncio.Event()))
    await client.say("Hello")
    await client.until("typing", on=True)
    Base.metadata.drop_all(engine, tables=ratings_and_answers)
    gate.set()
    await asyncio.sleep(0.3)
    Base.metadata.create_all(engine)
    engine.dispose()
    replied = await client.settled()
    assert (replied["seq"], replied["text"]) == (2, "You said: Hello")
    await client.nothing()
