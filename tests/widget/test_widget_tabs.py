"""One customer, several tabs: what is done in one is so in the others."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e


@pytest.fixture
def tabs(visit, gateway):
    """Two tabs of one customer on one conversation; the second has the chat closed."""
    context = visit.context()
    gateway.answers.append({"text": "Two days"})
    first = visit(context=context)
    first.open()
    first.send("When?")
    expect(first.messages).to_have_count(2)
    second = visit(context=context)
    first.wait(lambda: len(gateway.talk.sockets) == 2)
    return first, second


def test_seen_in_one_is_read_in_the_other(tabs, gateway):
    first, second = tabs
    first.wait(lambda: gateway.talk.seen_seq == 2)
    first.page.evaluate("shopdesk.close()")
    gateway.say("News")
    for tab in tabs:
        expect(tab.page.locator(".badge")).to_have_text("1")
    first.page.bring_to_front()
    first.open()
    expect(second.page.locator(".badge")).to_be_hidden()
    first.wait(lambda: gateway.talk.seen_seq == 3)
    # Told at once, and only once.
    assert [frame["seq"] for frame in gateway.received("seen")][-1] == 3
    first.page.wait_for_timeout(200)
    assert len({frame["seq"] for frame in gateway.received("seen")}) == len(
        gateway.received("seen")
    )


def test_seen_on_another_device_is_read_here(visit, gateway):
    widget = visit()
    widget.open()
    widget.wait(lambda: len(gateway.talks) == 1)
    widget.page.evaluate("shopdesk.close()")
    gateway.say("One")
    gateway.say("Two")
    expect(widget.page.locator(".badge")).to_have_text("2")
    gateway.talk.seen_seq = 1
    gateway.tell({"type": "seen", "seq": 1})
    expect(widget.page.locator(".badge")).to_have_text("1")
    gateway.talk.seen_seq = 2
    widget.page.reload()
    expect(widget.page.locator(".message")).to_have_count(2)
    expect(widget.page.locator(".badge")).to_be_hidden()


def test_what_was_seen_while_the_line_was_down_is_told_later(visit, gateway):
    widget = visit()
    widget.open()
    widget.wait(lambda: len(gateway.talks) == 1)
    widget.page.evaluate("shopdesk.close()")
    gateway.say("News")
    expect(widget.page.locator(".badge")).to_have_text("1")
    gateway.stop()
    widget.open()
    expect(widget.page.locator(".badge")).to_be_hidden()
    gateway.start()
    widget.wait(lambda: gateway.talk.seen_seq == 1, seconds=20)


def test_the_end_and_the_survey(tabs, gateway):
    first, second = tabs
    second.open()
    first.page.get_by_role("button", name="More").click()
    first.page.get_by_role("menuitem", name="End chat").click()
    first.page.locator(".sheet .primary").click()
    for tab in tabs:
        expect(tab.page.locator(".score")).to_be_visible()
    first.page.get_by_label("5, very satisfied").check()
    first.page.locator(".survey .primary").click()
    for tab in tabs:
        expect(tab.page.get_by_text("Thank you for your feedback.")).to_be_visible()
    second.page.get_by_role("button", name="Continue this chat").click()
    second.send("One more")
    expect(first.messages).to_have_count(3)
    expect(first.input).to_be_visible()


def test_a_survey_answered_on_another_device(visit, gateway):
    widget = visit()
    widget.open()
    widget.send("Hello")
    expect(widget.page.locator(".customer .delivery")).to_have_text("Sent")
    gateway.set_status("closed")
    expect(widget.page.locator(".score")).to_be_visible()
    gateway.tell({"type": "surveyed", "score": 3})
    expect(widget.page.get_by_text("Thank you for your feedback.")).to_be_visible()


def test_no_score_that_is_heard_of_takes_the_comment_away(visit, gateway):
    widget = visit()
    widget.open()
    widget.send("Hello")
    expect(widget.page.locator(".customer .delivery")).to_have_text("Sent")
    gateway.set_status("closed")
    widget.page.get_by_label("5, very satisfied").check()
    widget.wait(lambda: len(gateway.received("survey")) == 1)
    comment = widget.page.locator(".survey textarea")
    comment.fill("It was")
    # Of another device, and of this browser's other tab.
    for score in (3, 5):
        gateway.tell({"type": "surveyed", "score": score})
    widget.page.wait_for_timeout(200)
    expect(comment).to_have_value("It was")
    widget.page.locator(".survey .primary").click()
    expect(widget.page.get_by_text("Thank you for your feedback.")).to_be_visible()
    assert gateway.received("survey")[-1]["comment"] == "It was"


def test_logging_out_of_one_is_logging_out_of_all(tabs, gateway):
    first, second = tabs
    gateway.customers = {"anna": {"name": "Anna", "email": None}}
    second.page.evaluate("shopdesk.identify(() => 'anna'); null")
    first.wait(lambda: gateway.hellos[-1]["identity"] == "anna" and len(gateway.talk.sockets) == 2)
    first.page.evaluate("shopdesk.logout()")
    for tab in tabs:
        expect(tab.page.locator(".message")).to_have_count(0)
    first.wait(lambda: len(gateway.talks) == 1 and not gateway.talk.messages)
    second.open()
    first.wait(lambda: len(gateway.talk.sockets) == 2)
    assert gateway.hellos[-1]["identity"] is None
    second.send("Somebody else")
    expect(first.messages).to_have_count(1)


@pytest.mark.parametrize("welcomed", [True, False])
def test_a_tab_that_came_back_before_it_heard_of_the_logout(visit, gateway, welcomed):
    """The gateway's goodbye may be faster than the browser's word from the other tab."""
    gateway.customers = {"anna": {"name": "Anna", "email": None}}
    widget = visit()
    widget.page.evaluate("shopdesk.identify(() => 'anna'); null")
    widget.open()
    widget.send("Where is my order?")
    expect(widget.messages).to_have_count(1)
    gateway.mute = not welcomed
    gateway.talks = {"token-of-anna": gateway.talk}
    gateway.close_all(4401)
    widget.wait(lambda: len(gateway.hellos) == 2)
    assert gateway.hellos[-1]["identity"] == "anna"
    if welcomed:
        expect(widget.status).to_have_text("Automated assistant, here now")
    gateway.mute = False
    widget.page.evaluate(
        """(key) => dispatchEvent(new StorageEvent("storage", { key, newValue: "true" }))""",
        f"shopdesk {gateway.origin}/ logout",
    )
    widget.wait(lambda: gateway.hellos[-1]["identity"] is None)
    expect(widget.status).to_have_text("Automated assistant, here now")
    assert gateway.hellos[-1]["session"] is None
    expect(widget.messages).to_have_count(0)


def test_a_tab_follows_when_another_has_proven_who_the_customer_is(tabs, gateway):
    first, second = tabs
    second.open()
    # The tokens of before are dead; the tab that signed in has the new one.
    talk = gateway.talk
    old, talk.token = talk.token, "token-new"
    gateway.talks = {talk.token: talk}
    key = f"shopdesk {gateway.origin}/ session"
    first.page.evaluate("([key, token]) => localStorage.setItem(key, token)", [key, '"token-new"'])
    gateway.close_all(4401)
    first.wait(lambda: [hello["session"] for hello in gateway.hellos[-2:]] == ["token-new"] * 2)
    assert old != talk.token
    for tab in tabs:
        expect(tab.messages).to_have_count(2)
        expect(tab.banner).to_be_hidden()
