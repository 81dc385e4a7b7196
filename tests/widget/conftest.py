"""A stand-in gateway, a shop on another origin, a real Chromium."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.http11 import Request, Response

from tests.frames import watch
from tests.widget.stand_in import ROOT, StandIn, respond


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
        context.on("page", lambda page: watch(page, lambda text: self._note("error", text)))
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
    assert gateway.complaints == []
