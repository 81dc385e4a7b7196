"""Everything that goes wrong on a customer's side, in a real browser before the real system.

Each test ends with the same look: every tab shows what a fresh device is given, in order and once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect
from websockets.sync.client import connect

from tests.frames import watch

if TYPE_CHECKING:
    from tests.e2e.conftest import System

pytestmark = pytest.mark.e2e

RETURNS = "How long do I have to return something?"
WARRANTY = "How long is the warranty on a tent?"
# Of one family made of four people, two hands with a colour, a flag, and text from right to left.
MIXED = "مرحبا، كم يستغرق التوصيل؟ שלום 👩‍👩‍👧‍👦 👍🏽🤝🏿 🇳🇱 how long does delivery take?"


class Day:
    """One customer's browser."""

    def __init__(self, context: BrowserContext, system: System) -> None:
        self.context = context
        self.system = system
        self.complaints: list[str] = []

    def tab(self, before: Callable[[Page], None] = lambda _: None) -> Page:
        """A tab with the demo shop, the chat open."""
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._hear)
        watch(page, self.complaints.append)
        before(page)
        page.goto(self.system.url)
        if not page.get_by_role("dialog").is_visible():
            page.locator(".launcher").click()
        return page

    def _hear(self, said: Any) -> None:
        # What fails in the network is told by the browser, and meant to fail here.
        if said.type == "error" and not re.search(
            r"WebSocket|net::ERR_|Failed to load resource", said.text
        ):
            self.complaints.append(said.text)

    def stored(self, page: Page) -> list[dict[str, Any]]:
        """What a fresh device of the same customer is given."""
        session = page.evaluate(
            "Object.entries(localStorage).find(([key]) => key.endsWith('session'))[1]"
        )
        address = self.system.url.replace("http", "ws") + "/v1/chat"
        with connect(address, open_timeout=20) as socket:
            hello = {"type": "hello", "protocol": 1, "session": json.loads(session), "last_seq": 0}
            socket.send(json.dumps(hello))
            welcome = json.loads(socket.recv(timeout=20))
        assert welcome["type"] == "welcome", welcome
        messages: list[dict[str, Any]] = welcome["messages"]
        return messages


@pytest.fixture
def day(browser: Browser, system: System) -> Iterator[Day]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    context.set_default_timeout(30_000)
    day = Day(context, system)
    yield day
    context.close()
    assert day.complaints == []


def send(page: Page, text: str) -> None:
    page.locator(".composer textarea").fill(text)
    page.keyboard.press("Enter")


def seen(page: Page) -> list[tuple[str, str]]:
    """Who said what, as the tab shows it."""
    found: list[list[str]] = page.locator(".message").evaluate_all(
        """(all) => all.map((one) => [
          ["customer", "assistant", "agent", "system"].find((who) => one.classList.contains(who)),
          one.querySelector(".text")?.textContent ?? "",
        ])"""
    )
    return [(author, text) for author, text in found]


def all_agree(day: Day, *tabs: Page) -> list[dict[str, Any]]:
    """Every tab shows what is stored: nothing lost, doubled or in another order."""
    tabs[0].wait_for_timeout(1_000)  # for what would come twice
    stored = day.stored(tabs[0])
    assert [message["seq"] for message in stored] == list(range(1, len(stored) + 1))
    for tab in tabs:
        shown = seen(tab)
        assert [author for author, _ in shown] == [message["author"] for message in stored]
        for (_, text), message in zip(shown, stored, strict=True):
            if message["rich"] is None:  # what is between two lines is no text there
                assert "".join(text.split()) == "".join(message["text"].split())
    return stored


def texts_of(stored: list[dict[str, Any]], author: str) -> list[str]:
    return [message["text"] for message in stored if message["author"] == author]


def test_two_tabs_long_words_and_a_reload(day: Day) -> None:
    one, two = day.tab(), day.tab()
    long = ("I bought a tent, and it rained. " * 200)[: 4_000 - len(RETURNS)] + RETURNS
    send(one, long)
    expect(two.locator(".message.assistant")).to_have_count(1)
    send(two, MIXED)
    expect(one.locator(".message.assistant")).to_have_count(2)
    one.reload()
    expect(one.locator(".message.assistant")).to_have_count(2)
    stored = all_agree(day, one, two)
    assert texts_of(stored, "customer") == [long, MIXED]
    direction = "one => getComputedStyle(one).direction"
    assert one.locator(".customer .text").last.evaluate(direction) == "rtl"
    assert one.locator(".assistant .text").last.evaluate(direction) == "ltr"
    # Nothing is wider than the panel that it stands in.
    assert one.locator(".log").evaluate("one => one.scrollWidth <= one.clientWidth")


def test_network_off_and_on(day: Day) -> None:
    one, two = day.tab(), day.tab()
    send(one, RETURNS)
    expect(two.locator(".message.assistant")).to_have_count(1)
    # The browser's own switch leaves open sockets be; what is sent over these gets no answer now.
    (gateway, *_) = day.system.processes("gateway")
    gateway.suspend()
    try:
        day.context.set_offline(True)
        send(one, WARRANTY)
        expect(one.locator(".message.customer")).to_have_count(2)
        # What the gateway sent before it was stopped may still arrive, and counts as an answer to
        # the first ping: then it is the next one, 25 + 8 s later, that gets none.
        expect(one.locator(".banner")).to_contain_text("offline", timeout=40_000)
    finally:
        gateway.resume()
    day.context.set_offline(False)
    expect(one.locator(".message.assistant")).to_have_count(2)
    expect(two.locator(".message.assistant")).to_have_count(2)
    stored = all_agree(day, one, two)
    assert texts_of(stored, "customer") == [RETURNS, WARRANTY]


def test_the_gateway_dies_in_the_middle_of_an_answer(day: Day, eventually: Any) -> None:
    page = day.tab()
    send(page, RETURNS)
    expect(page.locator(".message.assistant")).to_have_count(1)
    (gateway, *_) = day.system.processes("gateway")
    page.evaluate(
        """() => new MutationObserver((_, me) => {
          const root = document.querySelector("shopdesk-chat").shadowRoot;
          window.asked = root.querySelectorAll(".message.customer").length > 1;
          window.asked && me.disconnect();
        }).observe(document.querySelector("shopdesk-chat").shadowRoot,
                   { subtree: true, childList: true })"""
    )
    send(page, WARRANTY)
    send(page, "And on a stove?")
    page.wait_for_function("window.asked")
    gateway.kill()
    assert eventually(lambda: gateway.pid not in [p.pid for p in day.system.processes("gateway")])
    assert eventually(day.system.ready, 60)
    expect(page.locator(".message.assistant")).to_have_count(3, timeout=60_000)
    stored = all_agree(day, page)
    assert texts_of(stored, "customer") == [RETURNS, WARRANTY, "And on a stove?"]


@pytest.mark.parametrize("days", [-40, 40])
def test_a_clock_that_is_weeks_off(day: Day, days: int) -> None:
    """Longer than a session is good for: the customer's clock decides nothing."""
    page = day.tab(lambda page: page.clock.install(time=datetime.now(UTC) + timedelta(days=days)))
    send(page, RETURNS)
    expect(page.locator(".message.assistant")).to_have_count(1)
    assert page.locator(".day").all_inner_texts() == ["Today"]
    page.reload()
    expect(page.locator(".message.assistant")).to_have_count(1)
    all_agree(day, page)


def test_a_file_of_a_wrong_type_behind_a_right_name(day: Day) -> None:
    page = day.tab()
    chooser, row = page.locator("input[type=file]"), page.locator(".attachment")
    send(page, "Hello")
    expect(page.locator(".message.assistant")).to_have_count(1)
    program = b"MZ\x90\x00" + bytes(2_000)
    for name, kind, content in (
        ("tent.png", "image/png", program),
        ("tent.png", "image/png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='run()'/>"),
        ("bill.pdf", "application/pdf", b"<html><script>run()</script></html>"),
    ):
        chooser.set_input_files([{"name": name, "mimeType": kind, "buffer": content}])
        expect(row).to_have_attribute("data-state", "failed")
        expect(row.get_by_role("status")).to_contain_text("picture")
        row.locator(".small").last.click()
        expect(row).to_have_count(0)
    picture = BytesIO()
    Image.new("RGB", (320, 200), "#0f6b5c").save(picture, "PNG")
    # The other way round: a right file behind a wrong name is taken for what it is.
    right = {"name": "tent.gif", "mimeType": "image/gif", "buffer": picture.getvalue()}
    chooser.set_input_files([right])
    expect(row).to_have_attribute("data-state", "done")
    send(page, RETURNS)
    expect(page.locator(".message.customer img")).to_have_count(1)
    expect(page.locator(".message.assistant")).to_have_count(2)
    stored = all_agree(day, page)
    (file,) = [file for message in stored for file in message["files"]]
    assert (file["name"], file["media_type"]) == ("tent.png", "image/png")
