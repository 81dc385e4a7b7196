"""A stand-in gateway that keeps protocol version 1, a shop on another origin, a real Chromium.

The stand-in does what the protocol promises and, where a test says so, what networks and servers
do to it: it drops sockets, holds back acks, sends twice, falls silent, restarts.
"""

import asyncio
import json
import mimetypes
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "gateway" / "widget" / "static"
DEMO_SHOP = ROOT / "gateway" / "demo_shop"
STRICT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'"
)
Json = dict[str, Any]


def respond(body: bytes, kind: str, headers: dict[str, str] | None = None) -> Response:
    found = {"Content-Type": kind, "Content-Length": str(len(body)), "Connection": "close"}
    return Response(HTTPStatus.OK, "OK", Headers(found | (headers or {})), body)


@dataclass
class Talk:
    """One conversation as the store would hold it: it outlives restarts of the stand-in."""

    token: str
    messages: list[Json] = field(default_factory=list)
    status: str = "bot"
    sockets: set[ServerConnection] = field(default_factory=set)


class StandIn:
    """Scripted from the test's thread, serving from its own."""

    def __init__(self) -> None:
        self.talks: dict[str, Talk] = {}
        self.answers: deque[Json] = deque()
        self.frames: list[Json] = []
        self.drop_before_store = 0
        self.drop_before_ack = 0
        self.withhold_acks = False
        self.send_twice = False
        self.silent = False
        self._may_answer = asyncio.Event()
        self._may_answer.set()
        self.refuse_with: Json | None = None
        self.port = 0
        self.hellos: list[Json] = []
        self._server: Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.start()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def talk(self) -> Talk:
        """The one conversation that a test has."""
        (talk,) = self.talks.values()
        return talk

    def start(self) -> None:
        self._do(self._start())

    def stop(self) -> None:
        """As when the process is killed: sockets die without a goodbye, what was stored stays."""
        self._do(self._stop())

    def close(self) -> None:
        if self._server:
            self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def drop(self) -> None:
        """Cuts every socket at once."""
        self._do(self._drop())

    def say(self, text: str, **more: Any) -> Json:
        """A message of the assistant (or of `author=`) in the test's one conversation."""
        message: Json = self._do(self._say(self.talk, {"text": text, **more}))
        return message

    def tell(self, frame: Json) -> None:
        """Any frame, to every socket of the test's one conversation."""
        self._do(self._broadcast(self.talk, frame))

    def hold_answers(self) -> None:
        self._loop.call_soon_threadsafe(self._may_answer.clear)

    def let_answer(self) -> None:
        self._loop.call_soon_threadsafe(self._may_answer.set)

    def received(self, kind: str) -> list[Json]:
        return [frame for frame in self.frames if frame["type"] == kind]

    def _do(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _start(self) -> None:
        self._server = await serve(
            self._talk,
            "127.0.0.1",
            self.port,
            process_request=self._file,
            ping_interval=None,
            # Browsers open sockets ahead of need; a server that stops waits for them this long.
            open_timeout=1,
            close_timeout=1,
            compression=None,
        )
        self.port = next(iter(self._server.sockets)).getsockname()[1]

    async def _stop(self) -> None:
        assert self._server
        await self._drop()
        self._server.close()
        await self._server.wait_closed()
        self._server = None

    async def _drop(self) -> None:
        for talk in self.talks.values():
            for socket in list(talk.sockets):
                socket.transport.abort()
            talk.sockets.clear()

    def _file(self, connection: ServerConnection, request: Request) -> Response | None:
        path = urlsplit(request.path).path
        if path == "/v1/chat":
            return None
        file = self._find(path)
        if file is None:
            return connection.respond(HTTPStatus.NOT_FOUND, "no such file\n")
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-store"}
        if not path.startswith("/widget/"):
            headers["Content-Security-Policy"] = STRICT_POLICY
        return respond(file.read_bytes(), f"{kind}; charset=utf-8", headers)

    def _find(self, path: str) -> Path | None:
        """The widget's files, and the demo shop with its first page for what is no file."""
        if path.startswith("/widget/"):
            folder, names = STATIC, [path.removeprefix("/widget/")]
        else:
            name = path.removeprefix("/")
            folder, names = DEMO_SHOP, [name] if "." in name else [f"{name}.html", "index.html"]
        files = [(folder / name).resolve() for name in names]
        return next(
            (file for file in files if file.is_relative_to(folder) and file.is_file()), None
        )

    async def _talk(self, socket: ServerConnection) -> None:
        talk: Talk | None = None
        try:
            async for data in socket:
                frame = json.loads(data)
                self.frames.append(frame)
                if talk is None:
                    talk = await self._welcome(socket, frame)
                else:
                    await self._receive(socket, talk, frame)
        except ConnectionClosed:
            pass
        finally:
            if talk:
                talk.sockets.discard(socket)

    async def _welcome(self, socket: ServerConnection, hello: Json) -> Talk | None:
        self.hellos.append(hello)
        assert hello["type"] == "hello", hello
        assert hello["protocol"] == 1, hello
        token = hello["session"]
        if token is not None and token not in self.talks:
            await socket.close(4401)
            return None
        talk = self.talks.get(token) or Talk(f"token-{uuid4()}")
        self.talks[talk.token] = talk
        talk.sockets.add(socket)
        missed = [message for message in talk.messages if message["seq"] > hello["last_seq"]]
        welcome = {"type": "welcome", "protocol": 1, "session": talk.token, "status": talk.status}
        await self._send(socket, {**welcome, "resumed": token is not None, "messages": missed})
        return talk

    async def _receive(self, socket: ServerConnection, talk: Talk, frame: Json) -> None:
        match frame["type"]:
            case "ping":
                if not self.silent:
                    await self._send(socket, {"type": "pong"})
            case "rating":
                for message in talk.messages:
                    if message["id"] == frame["message"]:
                        message["rating"] = frame["value"]
                await self._broadcast(talk, {**frame, "type": "rated"})
            case "message":
                await self._take(socket, talk, frame)
            case other:
                raise AssertionError(f"the widget sent {other!r}")

    async def _take(self, socket: ServerConnection, talk: Talk, frame: Json) -> None:
        if self.refuse_with:
            await self._send(socket, {"type": "error", "id": frame["id"], **self.refuse_with})
            return
        if self.drop_before_store:
            self.drop_before_store -= 1
            socket.transport.abort()
            return
        known = [one for one in talk.messages if one["client_id"] == frame["id"]]
        message = known[0] if known else self._store(talk, {**frame, "author": "customer"})
        if self.drop_before_ack:
            self.drop_before_ack -= 1
            socket.transport.abort()
            return
        if not self.withhold_acks:
            await self._send(socket, {"type": "ack", "id": frame["id"], "message": message})
        for other in talk.sockets - {socket}:
            await self._send(other, {"type": "message", "message": message})
        if known:
            return
        await self._broadcast(talk, {"type": "typing", "author": "assistant", "on": True})
        await self._may_answer.wait()
        await self._broadcast(talk, {"type": "typing", "author": "assistant", "on": False})
        if self.answers:
            await self._say(talk, self.answers.popleft())

    def _store(self, talk: Talk, message: Json) -> Json:
        stored = {
            "id": str(uuid4()),
            "seq": len(talk.messages) + 1,
            "author": message.get("author", "assistant"),
            "text": message["text"],
            "language": message.get("language", "en"),
            "at": message.get("at", time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())),
            "client_id": message.get("id"),
            "sources": message.get("sources", []),
            "quick_replies": message.get("quick_replies", []),
            "rateable": message.get("rateable", False),
            "rating": None,
        }
        talk.messages.append(stored)
        return stored

    async def _say(self, talk: Talk, message: Json) -> Json:
        stored = self._store(talk, message)
        for _ in range(2 if self.send_twice else 1):
            await self._broadcast(talk, {"type": "message", "message": stored})
        return stored

    async def _broadcast(self, talk: Talk, frame: Json) -> None:
        for socket in list(talk.sockets):
            await self._send(socket, frame)

    async def _send(self, socket: ServerConnection, frame: Json) -> None:
        # To a socket that was cut just now: what a network does to the last words.
        with suppress(ConnectionClosed):
            await socket.send(json.dumps(frame))


class ShopPages:
    """The shop's own server: pages on an origin that is not the gateway's."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[bytes, dict[str, str]]] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server: Server = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(
            10
        )
        port = next(iter(self._server.sockets)).getsockname()[1]
        self.origin = f"http://localhost:{port}"

    def put(self, path: str, html: str, headers: dict[str, str] | None = None) -> str:
        """Returns the page's address."""
        self.pages[path] = (html.encode(), headers or {})
        return self.origin + path

    def close(self) -> None:
        async def stop() -> None:
            self._server.close()
            await self._server.wait_closed()

        asyncio.run_coroutine_threadsafe(stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _start(self) -> Server:
        async def nothing(_: ServerConnection) -> None: ...

        return await serve(nothing, "localhost", 0, process_request=self._page, close_timeout=1)

    def _page(self, connection: ServerConnection, request: Request) -> Response:
        path = urlsplit(request.path).path
        if path == "/favicon.ico":
            return respond(b"", "image/x-icon")
        if path not in self.pages:
            return connection.respond(HTTPStatus.NOT_FOUND, "no such page\n")
        body, headers = self.pages[path]
        return respond(body, "text/html; charset=utf-8", headers)


PAGE = """<!doctype html><html lang="{language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta property="og:site_name" content="{shop}"><title>{shop}</title></head>
<body><main><h1>{shop}</h1><p>A page of the shop.</p><a href="/">Home</a></main>
<script type="module" src="{gateway}/widget/shopdesk.js"></script></body></html>"""


class Widget:
    """What a test does and sees, in the words of a customer."""

    def __init__(self, page: Page, gateway: StandIn) -> None:
        self.page = page
        self.gateway = gateway
        self.launcher = page.locator(".launcher")
        self.panel = page.get_by_role("dialog")
        self.input = page.locator(".composer textarea")
        self.messages = page.locator(".message")
        self.banner = page.locator(".banner")
        self.status = page.locator(".status")

    def open(self) -> None:
        self.launcher.click()
        self.panel.wait_for()

    def send(self, text: str) -> None:
        self.input.fill(text)
        self.input.press("Enter")

    def texts(self) -> list[str]:
        return self.page.locator(".message .text").all_inner_texts()

    def wait(self, condition: Callable[[], bool], seconds: float = 10) -> None:
        """Waits for what happens on the server's side, while the page goes on."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "the condition did not come true in time"
            self.page.wait_for_timeout(20)


@pytest.fixture(scope="session")
def artefacts() -> Path:
    folder = ROOT / "artefacts" / "widget"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def gateway() -> Iterator[StandIn]:
    stand_in = StandIn()
    yield stand_in
    stand_in.close()


@pytest.fixture
def shop() -> Iterator[ShopPages]:
    pages = ShopPages()
    yield pages
    pages.close()


@dataclass
class Visit:
    """A browser of one customer; what its pages complain of fails the test."""

    browser: Browser
    gateway: StandIn
    shop: ShopPages
    contexts: list[BrowserContext] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    # A socket that is cut, or a gateway that is down, is told by the browser in these words.
    expected: tuple[str, ...] = ("WebSocket connection to", "net::ERR_CONNECTION_REFUSED")

    def context(self, **options: Any) -> BrowserContext:
        context = self.browser.new_context(
            **{"viewport": {"width": 1280, "height": 800}, "locale": "en-GB", **options}
        )
        context.set_default_timeout(10_000)
        context.on("console", lambda message: self._note(message.type, message.text))
        context.on("weberror", lambda error: self._note("error", str(error.error)))
        self.contexts.append(context)
        return context

    def __call__(
        self,
        *,
        language: str = "en",
        headers: dict[str, str] | None = None,
        html: str = PAGE,
        context: BrowserContext | None = None,
        **options: Any,
    ) -> Widget:
        """Goes to a page of the shop that has the widget on it."""
        name = "云雀户外" if language == "zh" else "Larkfield Outdoor"
        text = html.format(language=language, shop=name, gateway=self.gateway.origin)
        address = self.shop.put("/", text, headers)
        page = (context or self.context(**options)).new_page()
        page.goto(address)
        widget = Widget(page, self.gateway)
        widget.launcher.wait_for()
        return widget

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and not any(known in text for known in self.expected):
            self.complaints.append(text)


@pytest.fixture
def visit(browser: Browser, gateway: StandIn, shop: ShopPages) -> Iterator[Visit]:
    visit = Visit(browser, gateway, shop)
    yield visit
    for context in visit.contexts:
        context.close()
    assert visit.complaints == []
