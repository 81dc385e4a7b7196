"""When the assistant cannot be reached, does not answer, or talks nonsense."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from store.database import Database
    from tests.gateway.conftest import Client, FakeRasa, MakeGateway

pytestmark = pytest.mark.integration

SORRY = "Sorry, I can't answer just now"


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
    gateway = await make_gateway(retry_delays=(0.01, 0.02))
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


async def test_what_does_not_pass_is_given_up(make_gateway: MakeGateway, rasa: FakeRasa) -> None:
    gateway = await make_gateway(retry_delays=(0.01, 0.02))
    for _ in range(3):
        rasa.enqueue_break()
    async with gateway.connect() as client:
        await client.hello()
        await client.say("Hello")
        assert (await client.settled())["text"].startswith(SORRY)
    assert rasa.messages == ["Hello"] * 3


async def test_rasa_may_start_late(make_gateway: MakeGateway, rasa: FakeRasa) -> None:
    gateway = await make_gateway(retry_delays=(0.1,) * 20)
    await rasa.stop()
    async with gateway.connect() as client:
        await client.hello()
        await client.say("Hello")
        await client.until("typing", on=True)
        await rasa.start()
        assert (await client.settled())["text"] == "You said: Hello"


async def test_a_time_out_is_not_asked_again(make_gateway: MakeGateway, rasa: FakeRasa) -> None:
    gateway = await make_gateway(retry_delays=(0.01,), answer_timeout=0.2)
    gate = asyncio.Event()
    rasa.enqueue({"text": "too late"}, until=gate)
    async with gateway.connect() as client:
        await client.hello()
        await client.say("Hello")
        assert (await client.settled())["text"].startswith(SORRY)
        gate.set()
        await client.nothing()
    assert rasa.messages == ["Hello"]


async def test_a_person_can_be_had_without_the_assistant(
    make_gateway: MakeGateway, rasa: FakeRasa, database: Database
) -> None:
    # The delay is long enough for the test to fail if it were waited for.
    gateway = await make_gateway(retry_delays=(60,), answer_timeout=0.2)
    rasa.enqueue({"text": "too late"}, seconds=0.4)
    async with gateway.connect() as client:
        await client.hello()
        await client.say("Hello")
        (offer,) = (await client.settled())["quick_replies"]
        await rasa.stop()
        await client.say(offer["title"], payload=offer["payload"])
        told = await client.reply()
        assert told["author"] == "system"
        assert "asked a colleague" in told["text"]
        await client.until("status", status="waiting")
    assert await states_of(database) == ["failed", None, "answered", None]


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
    await client.until("typing", on=False)
    Base.metadata.create_all(engine)
    engine.dispose()
    replied = await client.settled()
    assert (replied["seq"], replied["text"]) == (2, "You said: Hello")
    await client.nothing()
