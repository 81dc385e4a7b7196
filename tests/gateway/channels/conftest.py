"""A shop's system on a real port, which takes what it is told or does not, as it is told."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from standardwebhooks import Webhook

from gateway.channels.webhook import WebhookChannel
from tests.servers import RawServer

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER_SECRET = "whsec_c2hvcGRlc2sgdGVzdHMgYW5kIG5vdGhpbmcgZWxzZSEh"


@dataclass(frozen=True)
class Received:
    """A request that came, verified by the specification's own library."""

    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def event_id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def json(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.body)
        return content

    @property
    def text(self) -> str:
        words: str = self.json["message"]["text"]
        return words

    def is_signed_with(self, secret: str) -> bool:
        try:
            Webhook(secret).verify(self.body, self.headers)
        except Exception:
            return False
        return True


class Receiver(RawServer):
    """The shop's system. ``enqueue`` says how the next requests are answered; else with 204."""

    def __init__(self) -> None:
        super().__init__()
        self.received: list[Received] = []
        self.most_at_once = 0
        self._answers: deque[tuple[bytes, float]] = deque()
        self._at_once = 0
        self._came = asyncio.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/shopdesk"

    @property
    def texts(self) -> list[str]:
        return [one.text for one in self.received if one.json["type"] == "message"]

    def enqueue(self, status: int, seconds: float = 0, body: bytes = b"", **headers: str) -> None:
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        head = "\r\n".join([f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *lines])
        self._answers.append((head.encode() + b"\r\n\r\n" + body, seconds))

    def enqueue_raw(self, answer: bytes, seconds: float = 0) -> None:
        self._answers.append((answer, seconds))

    async def until(self, count: int, seconds: float = 10) -> list[Received]:
        """Wait until so many requests have come in all."""
        async with asyncio.timeout(seconds):
            while len(self.received) < count:
                self._came.clear()
                await self._came.wait()
        return self.received

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
            signature = next(line for line in head if line.lower().startswith("webhook-sig"))
            headers["webhook-signature"] = signature.split(": ", 1)[1]
            body = await reader.readexactly(int(headers["content-length"]))
            now = asyncio.get_running_loop().time()
            self.received.append(Received(headers, body, now))
            self._came.set()
            answer, seconds = (
                self._answers.popleft() if self._answers else (b"HTTP/1.1 204 X\r\n\r\n", 0.0)
            )
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            try:
                await asyncio.sleep(seconds)
            finally:
                self._at_once -= 1
            if not answer:
                return
            writer.write(answer)
            await writer.drain()


@dataclass(frozen=True)
class Signed:
    """A request as the shop's system makes it."""

    headers: dict[str, str]
    body: bytes


def signed(
    body: Mapping[str, Any] | bytes,
    *,
    event_id: str | None = None,
    secret: str = SECRET,
    seconds_ago: float = 0,
) -> Signed:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    event_id = event_id or f"evt_{uuid4().hex}"
    at = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    signature = Webhook(secret).sign(event_id, at, content.decode())
    headers = {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature,
    }
    return Signed(headers, content)


@pytest.fixture
def sign() -> Callable[..., Signed]:
    """Signs a request; see ``signed``."""
    return signed


@pytest.fixture
def secrets() -> tuple[str, str]:
    """The account's secret, and another."""
    return SECRET, OTHER_SECRET


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """The shop's system."""
    receiver = Receiver()
    await receiver.start()
    yield receiver
    await receiver.stop()


MakeChannel = Callable[..., WebhookChannel]


@pytest.fixture
async def make_channel(receiver: Receiver) -> AsyncIterator[MakeChannel]:
    """Makes accounts; arguments as of ``WebhookChannel``."""
    made: list[Callable[[], Awaitable[None]]] = []

    def make(name: str = "shop", **changes: Any) -> WebhookChannel:
        channel = WebhookChannel(
            name, **{"url": receiver.url, "secrets": [SECRET], "timeout": 5.0, **changes}
        )
        made.append(channel.close)
        return channel

    yield make
    for close in made:
        await close()


@pytest.fixture
def channel(make_channel: MakeChannel) -> WebhookChannel:
    """The account ``shop`` of the receiver."""
    return make_channel()
