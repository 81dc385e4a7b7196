"""The gateway killed at the worst moment: nothing is lost, nothing comes twice."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.gateway.conftest import Client, FakeRasa, Gateway, MakeGateway

pytestmark = pytest.mark.integration
HERE = Path(__file__).parent


@asynccontextmanager
async def process(
    port: int, rasa: FakeRasa, folder: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The gateway in a process of its own, listening."""
    root, log = HERE.parents[1], folder / "gateway.log"
    with log.open("ab") as stderr:
        running = await asyncio.create_subprocess_exec(
            sys.executable,
            str(HERE / "standalone.py"),
            *("--port", str(port), "--folder", str(folder), "--rasa-url", rasa.url),
            *("--retry-delay", "0.05"),
            env={**os.environ, "PYTHONPATH": str(root)},
            stderr=stderr,
        )
    try:
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionError:
                assert running.returncode is None, log.read_text()
                await asyncio.sleep(0.05)
            else:
                writer.close()
                break
        yield running
    finally:
        if running.returncode is None:
            running.kill()
            await running.wait()


@pytest.fixture
def call(client_class: type[Client]) -> Callable[..., Any]:
    @asynccontextmanager
    async def call(port: int) -> AsyncIterator[Client]:
        async with connect(f"ws://127.0.0.1:{port}/v1/chat") as socket:
            yield client_class(socket)

    return call


async def test_killed_while_the_assistant_thinks(
    rasa: FakeRasa, free_port: Callable[[], int], tmp_path: Path, call: Callable[..., Any]
) -> None:
    port = free_port()
    async with process(port, rasa, tmp_path) as gateway, call(port) as client:
        await client.hello()
        await client.say("one", id="1")
        assert (await client.settled())["text"] == "You said: one"
        rasa.enqueue({"text": "never seen"}, seconds=60)
        await client.say("two", id="2")
        await client.until("typing", on=True)
        await client.say("three", id="3")
        gateway.send_signal(signal.SIGKILL)
        await gateway.wait()

    async with process(port, rasa, tmp_path), call(port) as again:
        await again.hello(client.session, last_seq=2)
        assert again.welcome["resumed"] is True
        shown = list(again.welcome["messages"])
        while len(shown) < 4:
            shown.append(await again.reply())
        # The client never saw the ack of the last, as far as it remembers: it sends it again.
        await again.say("three", id="3")
        await again.nothing()
    assert [(m["seq"], m["text"]) for m in shown] == [
        (3, "two"),
        (4, "three"),
        (5, "You said: two"),
        (6, "You said: three"),
    ]
    assert rasa.messages == ["one", "two", "two", "three"]


async def test_killed_again_and_again_under_load(
    rasa: FakeRasa, free_port: Callable[[], int], tmp_path: Path, call: Callable[..., Any]
) -> None:
    """Eight customers say five things each, while the gateway is killed three times."""
    port = free_port()

    async def customer(name: str) -> list[str]:
        """Sends each message until it is acknowledged, and reads until all are answered."""
        shown: dict[int, dict[str, Any]] = {}
        session, acked = None, 0
        while len(shown) < 10:
            try:
                async with call(port) as client:
                    await client.hello(session, last_seq=max(shown, default=0))
                    session = client.session
                    for message in client.welcome["messages"]:
                        assert message["seq"] not in shown
                        shown[message["seq"]] = message
                    while acked < 5:
                        await client.send(type="message", id=str(acked), text=f"{name} {acked}")
                        while True:
                            frame = await client.receive(5)
                            if frame["type"] in ("ack", "message"):
                                shown[frame["message"]["seq"]] = frame["message"]
                            if frame["type"] == "ack":
                                acked += 1
                                break
                    while len(shown) < 10:
                        frame = await client.receive(5)
                        if frame["type"] == "message":
                            shown[frame["message"]["seq"]] = frame["message"]
            except (OSError, TimeoutError, WebSocketException):
                await asyncio.sleep(0.05)
        assert sorted(shown) == list(range(1, 11))
        return [shown[seq]["text"] for seq in sorted(shown)]

    async def kill_and_start() -> None:
        for rounds in range(4):
            async with process(port, rasa, tmp_path) as gateway:
                if rounds == 3:
                    await done.wait()
                    return
                await asyncio.sleep(0.3 + 0.1 * rounds)
                gateway.send_signal(signal.SIGKILL)
                await gateway.wait()

    done = asyncio.Event()
    for _ in range(40):
        rasa.enqueue_slowly(0.1)
    killer = asyncio.create_task(kill_and_start())
    names = [f"customer-{n}" for n in range(8)]
    said = await asyncio.gather(*(customer(name) for name in names))
    done.set()
    await killer
    for name, texts in zip(names, said, strict=True):
        own = [text for text in texts if not text.startswith("You said: ")]
        replies = [text for text in texts if text.startswith("You said: ")]
        assert own == [f"{name} {n}" for n in range(5)]
        assert replies == [f"You said: {name} {n}" for n in range(5)]


async def test_a_gentle_stop_says_so_and_lets_answers_end(
    make_gateway: MakeGateway, rasa: FakeRasa
) -> None:
    gateway: Gateway = await make_gateway()
    async with gateway.connect() as client:
        await client.hello()
        rasa.enqueue({"text": "just in time"}, seconds=0.5)
        await client.say("Hello")
        await client.until("typing", on=True)
        stopping = asyncio.create_task(gateway.stop())
        assert await client.closed() == 1012
        await stopping
    after = await make_gateway()
    async with after.connect() as again:
        await again.hello(client.session, last_seq=1)
        assert [m["text"] for m in again.welcome["messages"]] == ["just in time"]
    assert rasa.messages == ["Hello"]


async def test_what_was_left_is_answered_once_rasa_is_up(
    make_gateway: MakeGateway, rasa: FakeRasa
) -> None:
    gateway = await make_gateway()
    async with gateway.connect() as client:
        await client.hello()
        rasa.enqueue({"text": "never seen"}, seconds=60)
        await client.say("Hello")
        await client.until("typing", on=True)
    await gateway.stop()
    rasa.paths["/webhooks/shopdesk/ready"] = (503, {})
    after = await make_gateway(patience=20)
    async with after.connect() as again:
        await again.hello(client.session)
        await again.nothing()
        rasa.paths["/webhooks/shopdesk/ready"] = (200, {})
        assert (await again.settled())["text"] == "You said: Hello"
