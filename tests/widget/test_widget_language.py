"""A further language is one file; times are the gateway's, whatever the customer's clock says."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e

ARABIC = {"dir": "rtl", "hello": "مرحبا! كيف يمكننا المساعدة؟", "write": "اكتب رسالة…"}


@pytest.fixture
def arabic(visit, gateway):
    """A page in a language whose one file of texts was added, not all of it translated."""
    context = visit.context(locale="ar-EG")
    cors = {"Access-Control-Allow-Origin": "*"}
    body = json.dumps(ARABIC, ensure_ascii=False)
    context.route(
        "**/widget/texts/ar.json",
        lambda route: route.fulfill(body=body, content_type="application/json", headers=cors),
    )

    def script(route):
        # As the gateway makes it when the folder has one more file.
        given = route.fetch()
        listed = given.text().replace("['en', 'zh']", "['ar', 'en', 'zh']")
        listed = listed.replace("['en','zh']", "['ar','en','zh']")
        assert "ar" in listed
        route.fulfill(response=given, body=listed)

    context.route("**/widget/shopdesk.js", script)
    return visit(context=context, language="ar")


def test_one_file_is_a_language(arabic, artefacts):
    widget = arabic
    widget.open()
    expect(widget.page.get_by_text("مرحبا! كيف يمكننا المساعدة؟")).to_be_visible()
    expect(widget.input).to_have_attribute("placeholder", "اكتب رسالة…")
    # What is not translated is said in English, not left out.
    expect(widget.status).to_have_text("Automated assistant, here now")
    direction = "one => getComputedStyle(one).direction"
    assert widget.page.locator("header").evaluate(direction) == "rtl"
    assert widget.page.locator(".composer").evaluate(direction) == "rtl"
    widget.send("متى يصل الطلب؟")
    expect(widget.page.locator(".customer .delivery")).to_have_text("Sent")
    widget.page.wait_for_timeout(400)
    widget.page.screenshot(path=artefacts / "arabic.png")
    # The page is written from left to right, and its corner stays where it is.
    panel = widget.panel.bounding_box()
    assert panel
    assert panel["x"] > 600


def test_a_language_without_texts_is_english(visit, gateway):
    widget = visit(language="nl", locale="nl-NL")
    widget.open()
    expect(widget.status).to_have_text("Automated assistant, here now")
    widget.wait(lambda: len(gateway.hellos) == 1)
    assert gateway.hellos[0]["language"] == "en"


@pytest.mark.parametrize("days", [-3, 3])
def test_a_clock_that_is_days_off(visit, gateway, days):
    widget = visit()
    widget.page.clock.install(time=datetime.now(UTC) + timedelta(days=days))
    widget.page.reload()
    gateway.answers.append({"text": "Hello back"})
    widget.open()
    widget.send("Hello")
    expect(widget.messages).to_have_count(2)
    assert widget.page.locator(".day").all_inner_texts() == ["Today"]
    gateway.stop()
    widget.send("And this one waits")
    expect(widget.messages).to_have_count(3)
    # The gateway's clock is known by now, also for what it has not seen.
    assert widget.page.locator(".day").all_inner_texts() == ["Today"]
    at = widget.page.locator(".message time").last.get_attribute("datetime")
    assert abs(datetime.fromisoformat(at) - datetime.now(UTC)) < timedelta(seconds=30)
    gateway.start()
    widget.page.reload()
    expect(widget.messages).to_have_count(3)
    assert widget.texts() == ["Hello", "Hello back", "And this one waits"]


def test_an_ack_of_an_earlier_attempt_says_nothing_of_the_clock(visit, gateway):
    gateway.drop_before_ack = 1
    widget = visit()
    widget.open()
    widget.send("Hello")
    widget.wait(lambda: len(gateway.hellos) == 2)
    gateway.talk.messages[0]["at"] = "2026-01-05T12:00:00.000Z"
    expect(widget.page.locator(".customer .delivery")).to_have_text("Sent")
    gateway.stop()
    widget.send("Now")
    at = widget.page.locator(".message time").last.get_attribute("datetime")
    assert abs(datetime.fromisoformat(at) - datetime.now(UTC)) < timedelta(seconds=30)
    gateway.start()
