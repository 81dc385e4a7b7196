"""Pictures for people of what opens beside and over the conversation, and that it all fits."""

import pytest
from playwright.sync_api import expect

from tests.widget.test_widget_looks import SIZES

pytestmark = pytest.mark.e2e

GREETING = {
    "en": "Looking for a tent? Ask me about size, weight or weather.",
    "zh": "在挑帐篷吗？尺寸、重量、天气，随时问我。",
}
QUESTION = {"en": "Is the Heron 2 tent waterproof?", "zh": "Heron 2 帐篷防暴雨吗？"}
OFFER = {
    "en": {"title": "Leave your e-mail", "payload": "/leave_contact"},
    "zh": {"title": "留下邮箱", "payload": "/leave_contact"},
}


@pytest.mark.parametrize(
    ("size", "scheme", "language"),
    [
        ("desktop", "light", "en"),
        ("desktop", "dark", "zh"),
        ("phone", "light", "zh"),
        ("phone", "dark", "en"),
    ],
)
def test_pictures_of_the_panels(visit, gateway, artefacts, size, scheme, language):
    widget = visit(language=language, color_scheme=scheme, **SIZES[size])
    page = widget.page
    steps = iter("123456789")

    def picture(what):
        page.wait_for_timeout(350)
        name = f"{size}-{scheme}-{language}-panels-{next(steps)}-{what}.png"
        page.screenshot(path=artefacts / name)
        # Nothing is cut off at the side.
        over = "panel => panel.scrollWidth - panel.clientWidth"
        assert widget.page.locator(".panel").evaluate(over) == 0

    page.evaluate(
        "(text) => shopdesk.configure({ greetings: [{ match: '/*', after: 0, text }] })",
        GREETING[language],
    )
    page.locator(".teaser").wait_for()
    picture("greeting")
    widget.open()
    gateway.answers.append({"text": "…", "quick_replies": [OFFER[language]]})
    widget.send(QUESTION[language])
    expect(page.locator(".suggestions button")).to_have_count(1)
    page.locator(".tool").click()
    picture("menu")
    page.keyboard.press("Escape")
    page.locator(".suggestions button").click()
    page.locator("input[type=email]").fill("anna@larkfield")
    page.keyboard.press("Enter")
    picture("form")
    page.locator("input[type=email]").fill("anna@larkfield.example")
    page.keyboard.press("Enter")
    page.locator(".sheet .thanks").wait_for()
    picture("form-sent")
    page.locator(".sheet .secondary").click()
    page.locator(".tool").click()
    page.locator(".menu button").last.click()
    picture("end")
    page.locator(".sheet .primary").click()
    page.locator(".score-option").nth(3).click()
    picture("survey")
    page.locator(".survey .primary").click()
    page.locator(".survey .thanks").wait_for()
    picture("thanks")
