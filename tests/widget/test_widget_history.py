"""Long conversations: a page at a time, and nobody loses the line they were reading."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e


@pytest.fixture
def long_talk(visit, gateway):
    """A chat with 35 messages, of which the gateway gives 10 at once; the newest ten are shown."""
    gateway.page = 10
    widget = visit()
    widget.open()
    widget.wait(lambda: len(gateway.talks) == 1)
    for number in range(1, 36):
        gateway.say(f"Message {number}\n\n" + "words " * 20)
    expect(widget.messages).to_have_count(35)
    widget.page.reload()
    expect(widget.messages).to_have_count(10)
    return widget


def numbers(widget):
    return [int(text.split()[1]) for text in widget.texts()]


def test_earlier_messages_come_when_one_scrolls_up(long_talk, gateway):
    widget = long_talk
    assert numbers(widget) == list(range(26, 36))
    expect(widget.messages.last).to_be_in_viewport()
    widget.page.locator(".scroller").hover()
    widget.page.mouse.wheel(0, -10_000)
    expect(widget.messages).to_have_count(20)
    for count in (30, 35):
        widget.page.mouse.wheel(0, -10_000)
        expect(widget.messages).to_have_count(count)
    assert numbers(widget) == list(range(1, 36))
    assert [frame["before"] for frame in gateway.received("history")] == [26, 16, 6]
    expect(widget.page.get_by_role("button", name="Show earlier messages")).to_be_hidden()
    # There is nothing more to ask for.
    widget.page.mouse.wheel(0, 500)
    widget.page.mouse.wheel(0, -10_000)
    widget.page.wait_for_timeout(300)
    assert len(gateway.received("history")) == 3


def test_what_is_read_stays_where_it_is(long_talk, gateway):
    widget = long_talk
    first = widget.page.get_by_text("Message 26")
    button = widget.page.get_by_role("button", name="Show earlier messages")
    button.scroll_into_view_if_needed()
    expect(widget.messages).to_have_count(20)
    widget.page.wait_for_timeout(300)
    before = first.bounding_box()
    # By keyboard too, where nothing scrolls by itself.
    button.evaluate("button => button.click()")
    expect(widget.messages).to_have_count(30)
    after = first.bounding_box()
    assert before
    assert after
    assert abs(before["y"] - after["y"]) < 2
    log = widget.page.get_by_role("log")
    expect(log).to_have_attribute("aria-live", "off")  # old messages are not read aloud as news
    gateway.say("News")
    expect(widget.messages).to_have_count(31)
    expect(log).to_have_attribute("aria-live", "polite")


def test_who_missed_more_than_a_page_begins_from_the_newest(long_talk, gateway):
    widget = long_talk
    gateway.stop()
    for number in range(36, 56):
        gateway._store(gateway.talk, {"text": f"Message {number}"})
    gateway.start()
    expect(widget.page.get_by_text("Message 55")).to_be_in_viewport(timeout=20_000)
    assert numbers(widget) == list(range(46, 56))
    assert gateway.hellos[-1]["last_seq"] == 35
    widget.page.get_by_role("button", name="Show earlier messages").evaluate("one => one.click()")
    expect(widget.messages).to_have_count(20)
    assert numbers(widget) == list(range(36, 56))
    widget.send("Still here")
    expect(widget.page.locator(".customer .delivery")).to_have_text("Sent")


def test_a_page_that_was_lost_with_the_socket_can_be_asked_for_again(long_talk, gateway):
    widget = long_talk
    give = gateway._receive

    async def lose(socket, talk, frame):
        if frame["type"] != "history":
            await give(socket, talk, frame)

    gateway._receive = lose
    button = widget.page.get_by_role("button", name="Show earlier messages")
    button.evaluate("button => button.click()")
    expect(widget.page.locator(".loading")).to_be_visible()
    gateway._receive = give
    gateway.drop()
    widget.wait(lambda: len(gateway.hellos) == 3)
    expect(widget.page.locator(".loading")).to_be_hidden()
    expect(widget.status).to_have_text("Automated assistant, here now")
    button.evaluate("button => button.click()")
    expect(widget.messages).to_have_count(20)
    assert numbers(widget) == list(range(16, 36))


def test_a_gap_is_mended_while_earlier_messages_are_missing(long_talk, gateway):
    widget = long_talk
    sockets = set(gateway.talk.sockets)
    gateway.talk.sockets.clear()
    gateway.say("Message 36 , lost on the way")
    gateway.talk.sockets.update(sockets)
    gateway.say("Message 37")
    expect(widget.messages).to_have_count(12)
    assert numbers(widget) == list(range(26, 38))
