"""What the protocol refuses, and how."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from websockets.exceptions import ConnectionClosed

if TYPE_CHECKING:
    from tests.gateway.conftest import Client, FakeRasa, Gateway, MakeGateway

pytestmark = pytest.mark.integration


HELLO = '{"type":"hello","protocol":1,"session":null,"last_seq":0,"language":"en"}'


async def refusal(gateway: Gateway, *frames: str | bytes, **options: Any) -> tuple[Any, int | None]:
    """The error code and the close code that these frames earn."""
    async with gateway.connect(**options) as client:
        for frame in frames:
            # It may be closed already; what was received before can still be read.
            with suppress(ConnectionClosed):
                await client.socket.send(frame)
        code = await client.closed()
    errors = [frame["code"] for frame in client.seen if frame["type"] == "error"]
    return (errors[-1] if errors else None), code


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "not JSON",
        "[]",
        "{}",
        '{"type":"ping"}',
        '{"type":"message","id":"a","text":"Hello"}',
        '{"type":"hello"}',
        '{"type":"hello","protocol":1,"last_seq":-1}',
        '{"type":"hello","protocol":1,"conversation":"mine"}',
        '{"type":"hello","protocol":"1"}',
        "[" * 50_000,
    ],
)
async def test_the_first_frame_must_be_a_hello(gateway: Gateway, frame: str) -> None:
    assert await refusal(gateway, frame) == ("bad_hello", 4400)


async def test_another_version_is_named(gateway: Gateway) -> None:
    hello = '{"type":"hello","protocol":2,"resume":{"from":7}}'
    assert await refusal(gateway, hello) == ("unsupported_protocol", 4400)


async def test_a_hello_must_come_in_time(make_gateway: MakeGateway) -> None:
    from gateway.limits import Limits

    gateway = await make_gateway(limits=Limits(hello=0.1))
    assert await refusal(gateway) == ("bad_hello", 4400)


@pytest.mark.parametrize(
    "frame",
    [
        "{",
        HELLO,
        '{"type":"shout","text":"x"}',
        '{"type":"message","text":"without an id"}',
        '{"type":"message","id":"","text":"x"}',
        '{"type":"message","id":"a b","text":"x"}',
        '{"type":"message","id":"a","text":7}',
        '{"type":"message","id":"a","text":"x","author":"agent"}',
        '{"type":"message","id":"a","text":"\\ud800"}',
        '{"type":"rating","message":"1","value":1}',
        '{"type":"rating","message":"b5f2a1f0-0f3e-4a40-9a52-6f6a5a0d2f11","value":5}',
        b"\x00\x01",
    ],
)
async def test_a_frame_that_is_none_ends_the_connection(
    gateway: Gateway, frame: str | bytes
) -> None:
    assert await refusal(gateway, HELLO, frame) == ("bad_frame", 4400)


async def test_a_frame_too_large_ends_the_connection(gateway: Gateway) -> None:
    frame = '{"type":"message","id":"a","text":"' + "x" * 70_000 + '"}'
    assert await refusal(gateway, HELLO, frame) == (None, 1009)


async def test_messages_too_long_or_empty_are_refused_and_the_rest_goes_on(client: Client) -> None:
    for text, code in (
        ("x" * 4_001, "message_too_long"),
        ("", "message_empty"),
        (" \n\u3000", "message_empty"),
        ("\u0000", "message_empty"),
    ):
        await client.send(type="message", id="a", text=text)
        error = await client.until("error")
        assert (error["code"], error["id"]) == (code, "a")
    assert (await client.say("Hello", id="a"))["seq"] == 1


async def test_a_ping_is_answered(client: Client) -> None:
    await client.send(type="ping")
    assert await client.receive() == {"type": "pong"}


async def test_messages_too_fast_are_refused_to_be_sent_again(make_gateway: MakeGateway) -> None:
    from gateway.limits import Limits

    gateway = await make_gateway(limits=Limits(messages="2/second"))
    async with gateway.connect() as client:
        await client.hello()
        for id in "abc":
            await client.send(type="message", id=id, text="Hello")
        error = await client.until("error")
        assert (error["code"], error["id"]) == ("too_many", "c")
        await asyncio.sleep(1)
        assert (await client.say("Hello", id="c"))["client_id"] == "c"


async def test_frames_too_fast_end_the_connection(make_gateway: MakeGateway) -> None:
    from gateway.limits import Limits

    gateway = await make_gateway(limits=Limits(frames=5, frames_per_second=0.1))
    pings = ['{"type":"ping"}'] * 5
    assert await refusal(gateway, HELLO, *pings) == ("too_many", 4429)


async def test_too_many_connections_to_one_conversation(make_gateway: MakeGateway) -> None:
    from gateway.limits import Limits

    gateway = await make_gateway(limits=Limits(sockets=1))
    async with gateway.connect() as client:
        await client.hello()
        hello = HELLO.replace("null", f'"{client.session}"')
        assert await refusal(gateway, hello) == ("too_many", 4429)
        await client.socket.close()
        await asyncio.sleep(0.1)
        async with gateway.connect() as again:
            await again.hello(client.session)


async def test_a_session_cannot_be_guessed_changed_or_brought_along(gateway: Gateway) -> None:
    from gateway.sessions import Sessions

    async with gateway.connect() as client:
        await client.hello()
        await client.say("Secret")
    token = client.session
    conversation = Sessions("a secret for tests, never for a shop").read(token)
    foreign = Sessions("the secret of another installation!!").issue(conversation)
    for guess in (
        "",
        conversation,
        token[:-1],
        token[:-20] + ("A" if token[-20] != "A" else "B") + token[-19:],
        "x" + token,
        token.partition(".")[0],
        foreign,
    ):
        hello = HELLO.replace("null", f'"{guess}"')
        assert await refusal(gateway, hello) == ("bad_session", 4401), guess


async def test_a_session_expires(make_gateway: MakeGateway) -> None:
    gateway = await make_gateway(session_days=-1)
    async with gateway.connect() as client:
        await client.hello()
    hello = HELLO.replace("null", f'"{client.session}"')
    assert await refusal(gateway, hello) == ("bad_session", 4401)


async def test_only_the_shop_s_pages_may_connect(make_gateway: MakeGateway) -> None:
    gateway = await make_gateway(allowed_origins=["https://shop.example"])
    for origin in ("https://evil.example", "https://shop.example.evil.example", "null"):
        assert await refusal(gateway, HELLO, origin=origin) == (None, 4403)
    for origin in ("https://shop.example", gateway.url, None):
        async with gateway.connect(origin=origin) as client:
            await client.hello()


async def test_a_reader_too_slow_is_dropped_and_resumes(
    make_gateway: MakeGateway, rasa: FakeRasa
) -> None:
    from gateway.limits import Limits

    gateway = await make_gateway(limits=Limits(queue=20, messages="100/second", frames=200))
    # A socket whose client reads nothing: neither the client's buffers nor the system's are large.
    async with gateway.connect() as client, gateway.connect(max_queue=1) as lazy:
        await client.hello()
        await lazy.hello(client.session)
        long = "x" * 4_000
        for _ in range(60):
            rasa.enqueue(*({"text": "y" * 19_000} for _ in range(10)))
            await client.say(long)
            await client.until("typing", on=False)
        lost = await lazy.closed()
        shown = [frame["message"]["seq"] for frame in lazy.seen if frame["type"] == "message"]
        assert lost in (1013, None)
        assert len(shown) < 600
        assert shown == list(range(1, len(shown) + 1))
        async with gateway.connect(max_size=None) as again:
            await again.hello(client.session, last_seq=len(shown))
            seqs = [message["seq"] for message in again.welcome["messages"]]
            assert seqs == list(range(611, 661))
            assert again.welcome["earlier"]
            await again.send(type="history", before=611)
            page = await again.until("history", before=611)
            assert [message["seq"] for message in page["messages"]] == list(range(561, 611))
            await again.send(type="history", before=3)
            page = await again.until("history", before=3)
            assert [message["seq"] for message in page["messages"]] == [1, 2]
            assert not page["earlier"]
