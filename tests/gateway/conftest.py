"""A real gateway on a free port, before a Rasa of our own that does as it is told."""

import asyncio
import json
import os
import threading
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import Future
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import uvicorn
from sqlalchemy import create_engine, text
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from gateway.app import create_app
from gateway.server import make_server
from gateway.texts import Language
from store.database import Database, parse_url
from store.migrate import migrate
from store.status import Status
from tests.frames import check_if_taken, check_server_frame
from tests.servers import RawServer

SECRET = "a secret for tests, never for a shop"
POSTGRES = os.environ.get("SHOPDESK_TEST_POSTGRES_URL")


def detect_language(words: str, default: Language) -> Language:
    return "zh" if any("\u4e00" <= c <= "\u9fff" for c in words) else default


@dataclass
class Deed:
    """What the assistant does when it is asked: wait, then reply, or break off."""

    body: bytes | None = b"[]"
    status: int = 200
    seconds: float = 0
    until: asyncio.Event | None = None


class FakeRasa(RawServer):
    """Rasa's channel and the health checks, on a real port.

    ``enqueue`` says what happens to the next questions; without it, the words are said back.
    """

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.url = f"http://127.0.0.1:{port}"
        self.asked: list[dict[str, Any]] = []
        self.heads: list[str] = []
        self.most_at_once = 0
        self.paths: dict[str, tuple[int, Any]] = {
            "/webhooks/shopdesk/ready": (200, {"status": "ok"}),
            "/ready": (200, {"status": "ok", "index": {"passages": 240}}),
        }
        self._at_once = 0
        self._deeds: deque[Deed] = deque()

    def enqueue(self, *replies: dict[str, Any], **deed: Any) -> None:
        """The next question gets these replies; ``seconds`` or ``until`` let it wait."""
        body = json.dumps([{"recipient_id": "x", **reply} for reply in replies]).encode()
        self._deeds.append(Deed(body, **deed))

    def enqueue_garbage(self, body: bytes, status: int = 200) -> None:
        self._deeds.append(Deed(body, status))

    def enqueue_slowly(self, seconds: float) -> None:
        """The words are said back, but not at once."""
        self._deeds.append(Deed(None, 0, seconds))

    def enqueue_break(self) -> None:
        """The connection ends without a response."""
        self._deeds.append(Deed(None))

    @property
    def messages(self) -> list[str]:
        return [asked["message"] for asked in self.asked]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.heads.append(head)
            lines = head.lower().split("\r\n")
            sizes = [int(line[15:]) for line in lines if line.startswith("content-length:")]
            body = await reader.readexactly(sizes[0]) if sizes else b""
            path = head.split()[1].partition("?")[0]
            if path == "/webhooks/shopdesk/webhook":
                deed = await self._do(json.loads(body))
            else:
                status, content = self.paths.get(path, (404, {}))
                deed = Deed(json.dumps(content).encode(), status)
            if deed.body is None:
                return
            size = len(deed.body)
            writer.write(f"HTTP/1.1 {deed.status} X\r\nContent-Length: {size}\r\n\r\n".encode())
            writer.write(deed.body)
            await writer.drain()

    async def _do(self, asked: dict[str, Any]) -> Deed:
        self.asked.append(asked)
        said = [{"recipient_id": "x", "text": f"You said: {asked['message']}"}]
        echo = Deed(json.dumps(said).encode())
        deed = self._deeds.popleft() if self._deeds else echo
        if deed.status == 0:
            deed = replace(echo, seconds=deed.seconds)
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            await asyncio.sleep(deed.seconds)
            if deed.until is not None:
                await deed.until.wait()
        finally:
            self._at_once -= 1
        return deed


def an_answer(words: str = "Two to four days.", **changes: Any) -> dict[str, Any]:
    """The payload of an answer with a source."""
    payload = {
        "type": "answer",
        "text": words,
        "language": "en",
        "answered": True,
        "reason": None,
        "writer": "extractive",
        "confidence": 0.83,
        "latency_ms": 41.2,
        "question": "how long is delivery",
        "sources": [
            {
                "id": "en/faq/shipping#delivery-time",
                "title": "How long does delivery take?",
                "url": "/help/shipping",
                "quote": words,
            }
        ],
        "passages": [{"id": "en/faq/shipping#delivery-time", "score": 0.91}],
        "quick_replies": [{"title": "Talk to a person", "payload": "/request_human"}],
    }
    return {"custom": {**payload, **changes}}


def a_handoff(reason: str = "customer_request") -> dict[str, Any]:
    return {
        "custom": {
            "type": "handoff",
            "text": "I'm passing you to a colleague.",
            "language": "en",
            "reason": reason,
        }
    }


@dataclass
class Client:
    """A customer's client, as simple as can be: it writes everything down."""

    socket: ClientConnection
    session: str = ""
    welcome: dict[str, Any] = field(default_factory=dict)
    seen: list[dict[str, Any]] = field(default_factory=list)

    async def send(self, **frame: Any) -> None:
        check_if_taken(frame)
        await self.socket.send(json.dumps(frame))

    async def receive(self, seconds: float = 10) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(await asyncio.wait_for(self.socket.recv(), seconds))
        check_server_frame(frame)
        self.seen.append(frame)
        return frame

    async def until(self, kind: str, **parts: Any) -> dict[str, Any]:
        """Read on until a frame of this type, and with these values, comes."""
        while True:
            frame = await self.receive()
            if frame["type"] == kind and all(frame[key] == parts[key] for key in parts):
                return frame

    async def hello(self, session: str | None = None, last_seq: int = 0, **more: Any) -> None:
        hello = {"protocol": 1, "session": session, "last_seq": last_seq, "language": "en", **more}
        await self.send(type="hello", **hello)
        self.welcome = await self.until("welcome")
        self.session = self.welcome["session"]

    async def say(self, words: str, id: str | None = None, **more: Any) -> dict[str, Any]:
        """Send a message and read on until its ack; gives the stored message."""
        id = id or str(uuid4())
        await self.send(type="message", id=id, text=words, **more)
        ack = await self.until("ack", id=id)
        message: dict[str, Any] = ack["message"]
        return message

    async def reply(self) -> dict[str, Any]:
        """Read on until a message comes that this client did not send."""
        message: dict[str, Any] = (await self.until("message"))["message"]
        return message

    async def replies(self, count: int) -> list[str]:
        """Read on until so many messages, of others, have come in all; gives their texts."""
        while True:
            texts = [frame["message"]["text"] for frame in self.seen if frame["type"] == "message"]
            if len(texts) >= count:
                return texts
            await self.receive()

    async def settled(self) -> dict[str, Any]:
        """The next reply, once the assistant has ended its turn."""
        message = await self.reply()
        await self.until("typing", on=False)
        return message

    async def nothing(self, seconds: float = 0.3) -> None:
        """Nothing comes."""
        with pytest.raises(TimeoutError):
            await self.receive(seconds)

    async def closed(self) -> int | None:
        """Read on until the server ends the connection; gives the code."""
        try:
            while True:
                await self.receive()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None


class Gateway:
    """A gateway on a port of its own, in a thread of its own."""

    def __init__(self, app: Any, port: int) -> None:
        self.app = app
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._server: uvicorn.Server = make_server(app, host="127.0.0.1", port=port)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._server.serve())
        self._loop.close()

    async def start(self) -> None:
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive(), "the gateway did not start"
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        self._server.should_exit = True
        await asyncio.to_thread(self._thread.join)

    async def change_status(self, conversation_id: str, status: Status) -> None:
        change = self.app.state.exchange.change_status(conversation_id, status)
        future: Future[None] = asyncio.run_coroutine_threadsafe(change, self._loop)
        await asyncio.wrap_future(future)

    @asynccontextmanager
    async def connect(self, **options: Any) -> AsyncIterator[Client]:
        async with connect(f"ws://127.0.0.1:{self.port}/v1/chat", **options) as socket:
            yield Client(socket)


@pytest.fixture(params=["sqlite", *(["postgresql"] if POSTGRES else [])])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated database."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'shopdesk.db'}"
        migrate(url)
        yield url
        return
    assert POSTGRES is not None
    server = create_engine(parse_url(POSTGRES), isolation_level="AUTOCOMMIT")
    name = f"shopdesk_test_{uuid4().hex}"
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    url = server.url.set(database=name).render_as_string(hide_password=False)
    migrate(url)
    yield url
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The gateway's database, to look into."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
async def rasa(free_port: Callable[[], int]) -> AsyncIterator[FakeRasa]:
    """The assistant, which does as it is told."""
    rasa = FakeRasa(free_port())
    await rasa.start()
    yield rasa
    await rasa.stop()


@pytest.fixture
def widget_dir(tmp_path: Path) -> Path:
    """A folder in the place of the widget's files."""
    folder = tmp_path / "widget"
    folder.mkdir()
    (folder / "shopdesk.js").write_text("export const one = 1;\n")
    (folder / "style.css").touch()
    return folder


MakeGateway = Callable[..., Awaitable[Gateway]]


@pytest.fixture
async def make_gateway(
    rasa: FakeRasa,
    database_url: str,
    widget_dir: Path,
    tmp_path: Path,
    free_port: Callable[[], int],
) -> AsyncIterator[MakeGateway]:
    """Starts gateways on the same database and assistant; arguments as of ``create_app``."""
    async with AsyncExitStack() as stack:

        async def make(**changes: Any) -> Gateway:
            arguments = {
                "database_url": database_url,
                "rasa_url": rasa.url,
                "rasa_token": "the token of rasa",
                "actions_url": rasa.url,
                "action_token": "the token of the actions",
                "secret": SECRET,
                "files_dir": tmp_path / "files",
                "detect_language": detect_language,
                "retry_delays": (0.1,),
                "tell_after": 1,
                "patience": 0.3,
                "widget_dir": widget_dir,
                "demo_shop_dir": None,
                **changes,
            }
            gateway = Gateway(create_app(**arguments), free_port())
            await gateway.start()
            stack.push_async_callback(gateway.stop)
            return gateway

        yield make


@pytest.fixture
async def gateway(make_gateway: MakeGateway) -> Gateway:
    """A gateway with everything as it is by default."""
    return await make_gateway()


@pytest.fixture
async def client(gateway: Gateway) -> AsyncIterator[Client]:
    """A customer who has just opened the chat."""
    async with gateway.connect() as client:
        await client.hello()
        yield client


@pytest.fixture
def answer() -> Callable[..., dict[str, Any]]:
    """Makes an answer with a source; arguments change its payload."""
    return an_answer


@pytest.fixture
def handoff() -> Callable[..., dict[str, Any]]:
    """Makes a handoff; the argument is its reason."""
    return a_handoff


@pytest.fixture
def client_class() -> type[Client]:
    """For tests that connect by themselves."""
    return Client
