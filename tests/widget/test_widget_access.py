"""What axe finds, in all that the widget can show, light and dark, in English and Chinese."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.widget.test_widget_files import picture
from tests.widget.test_widget_looks import TALK

pytestmark = pytest.mark.e2e

WORDS = {
    "en": {"end": "End chat", "email": "Leave your e-mail", "sources": "Sources"},
    "zh": {"end": "结束对话", "email": "留下邮箱", "sources": "参考来源"},
}
FILE = {"id": "a", "name": "a.png", "media_type": "image/png", "size": 90_000, "url": "/v1/files/a"}
CARD = {
    "title": "Ridge 2",
    "subtitle": "EUR 249.00",
    "image": "/tent.png",
    "url": "/products/ridge-2",
    "quick_replies": [{"title": "Which colours?", "payload": "/ask_colours"}],
}


def serious(page: Page) -> dict[str, list[str]]:
    """What stands in the way of people, by the rule's name: the elements."""
    found = Axe().run(page, context="shopdesk-chat").response
    # It looked into the shadow tree: no state has less than this to look at.
    assert len(found["passes"]) >= 10
    return {
        one["id"]: [f"{node['html'][:200]} {node['failureSummary']}" for node in one["nodes"]]
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_axe_finds_nothing_serious(visit: Any, gateway: Any, scheme: str, language: str) -> None:
    visit.expected += ("Failed to load resource",)
    words, talk = WORDS[language], TALK[language]
    # Without motion nothing is seen half faded in.
    widget = visit(language=language, color_scheme=scheme, reduced_motion="reduce")
    page = widget.page
    page.context.route(
        "**/*.png*", lambda route: route.fulfill(content_type="image/png", body=picture())
    )
    page.context.route("**/v1/files*", lambda route: route.fulfill(status=413, body="{}"))
    found: dict[str, Any] = {}

    def look(state: str) -> None:
        if violations := serious(page):
            found[state] = violations

    page.evaluate(
        "shopdesk.configure({ greetings: [{ match: '/*', after: 0, text: 'Hello there' }] })"
    )
    page.locator(".teaser-text").wait_for()
    look("closed, with a greeting")
    page.locator(".teaser-close").click()
    look("closed")
    widget.open()
    expect(widget.status).to_have_attribute("data-state", "bot")
    look("open, empty")
    gateway.answers.append({**talk["answer"], "cards": [CARD] * 3})
    widget.send(talk["question"])
    page.locator(".sources summary").click()
    gateway.say("👍", author="customer", files=[{**FILE, "width": 80, "height": 60}, {
        **FILE, "name": "b.pdf", "media_type": "application/pdf", "width": None, "height": None,
    }])  # fmt: skip
    gateway.say("**Mila**: `code`\n\n> quoted\n\n1. one", author="agent", reply_to=1, rateable=True)
    gateway.say("word " * 400, author="agent")
    gateway.tell({"type": "typing", "author": "agent", "on": True})
    page.locator(".thumb.bad").last.click()
    expect(page.locator(".folded")).to_have_count(1)
    look("conversation")
    page.locator("input[type=file]").set_input_files(
        {"name": "large.png", "mimeType": "image/png", "buffer": picture()}
    )
    expect(page.locator(".attachment[data-state=failed]")).to_have_count(1)
    look("a file that is refused")
    page.locator(".attachment .small").last.click()
    page.locator("button.tool").click()
    look("menu")
    page.get_by_role("menuitem", name=words["end"]).click()
    look("confirmation")
    page.keyboard.press("Escape")
    gateway.say(
        "?",
        author="system",
        quick_replies=[{"title": words["email"], "payload": "/leave_contact"}],
    )
    page.get_by_role("button", name=words["email"]).click()
    look("offline form")
    page.locator(".sheet .primary").click()
    look("offline form, with an error")
    page.keyboard.press("Escape")
    gateway.refuse_with = {"code": "message_too_long", "text": "too long"}
    widget.send("refused")
    expect(page.locator(".failed")).to_have_count(1)
    gateway.refuse_with = None
    look("a message that is refused")
    gateway.talk.status = "closed"
    gateway.tell({"type": "status", "status": "closed"})
    page.locator(".score-option").nth(2).click()
    look("survey")
    gateway.stop()
    widget.banner.wait_for()
    look("connection lost")
    assert found == {}


def test_with_the_colours_that_the_customer_forces(
    visit: Any, gateway: Any, artefacts: Any
) -> None:
    widget = visit(forced_colors="active", reduced_motion="reduce")
    widget.open()
    gateway.answers.append({**TALK["en"]["answer"], "cards": [{**CARD, "image": None}] * 2})
    widget.send(TALK["en"]["question"])
    widget.page.locator(".sources summary").click()
    widget.page.screenshot(path=artefacts / "forced-colours.png")
    # Bubbles have no ground of their own there: their edge tells them apart.
    edge = "one => getComputedStyle(one).borderTopWidth"
    for bubble in widget.page.locator(".bubble").all():
        assert bubble.evaluate(edge) == "1px"
