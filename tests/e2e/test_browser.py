"""A customer in a real browser on the demo shop's page, with everything behind it running."""

import re
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect

from shopdesk.settings import ROOT
from tests.frames import watch

pytestmark = pytest.mark.e2e

QUESTION = "How long is the warranty on a tent?"


@pytest.fixture
def page(browser: Browser, system):
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    context.set_default_timeout(20_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        # A gateway that is down is told by the browser in the words of its network.
        lambda said: (
            said.type == "error"
            and not re.search(r"WebSocket|ERR_CONNECTION", said.text)
            and complaints.append(said.text)
        ),
    )
    watch(page, complaints.append)
    page.goto(system.url)
    yield page
    context.close()
    assert complaints == []


def send(page: Page, text: str) -> None:
    page.locator(".composer textarea").fill(text)
    page.keyboard.press("Enter")


def texts(page: Page) -> list[str]:
    return page.locator(".message .text").all_inner_texts()


def test_ask_rate_reload_and_survive_a_killed_gateway(page, system, eventually):
    page.locator(".launcher").click()
    send(page, QUESTION)
    answers = page.locator(".message.assistant")
    expect(answers).to_have_count(1)
    expect(answers).to_contain_text("5 years")
    assert page.get_by_role("button", name="In reply to").count() == 0
    answers.locator("summary").click()
    expect(answers.locator("details")).to_contain_text("warranty")
    picture(page)

    page.get_by_role("button", name=re.compile("^Helpful|^Yes|helped", re.I)).first.click()
    expect(page.locator("[aria-pressed=true]")).to_have_count(1)
    before = texts(page)
    assert len(before) == 2

    page.reload()
    if not page.get_by_role("dialog").is_visible():
        page.locator(".launcher").click()
    expect(page.locator(".message .text")).to_have_count(2)
    assert texts(page) == before
    expect(page.locator("[aria-pressed=true]")).to_have_count(1)

    (gateway, *_) = system.processes("gateway")
    gateway.kill()
    # Written while nobody listens: it must arrive once the gateway is back, and once only.
    send(page, "And how long is it for stoves?")
    assert eventually(lambda: not psutil.pid_exists(gateway.pid), 10)
    assert eventually(system.ready, 60)
    expect(page.locator(".message .text")).to_have_count(4, timeout=60_000)
    page.wait_for_timeout(1000)
    after = texts(page)
    assert after[:2] == before
    assert after[2] == "And how long is it for stoves?"
    assert len(after) == 4


def test_chinese_page(page, system):
    page.goto(system.url + "/zh/")
    page.locator(".launcher").click()
    send(page, "收到货之后多少天内可以退？")
    expect(page.locator(".message.assistant")).to_contain_text("60")
    assert page.locator(".message.assistant [lang=zh]").count() == 1


def picture(page: Page) -> None:
    """The README's picture, kept outside git; docs/images/widget.png is a copy of it."""
    folder = ROOT / "artefacts" / "e2e"
    Path(folder).mkdir(parents=True, exist_ok=True)
    page.mouse.move(10, 400)
    page.screenshot(path=folder / "widget.png", animations="disabled")
