"""Who is writing: the customer, which a person is told; the others, which the customer is told."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e


@pytest.fixture
def widget(visit, gateway):
    """An open chat with a person, on a clock of our own."""
    widget = visit()
    widget.page.clock.install()
    widget.page.reload()
    widget.open()
    widget.wait(lambda: len(gateway.talks) == 1)
    gateway.set_status("human")
    expect(widget.status).to_have_text("You are talking to a person")
    return widget


def told(gateway):
    return [frame["on"] for frame in gateway.received("typing")]


def test_told_once_and_off_when_idle(widget, gateway):
    widget.input.press_sequentially("Good morn")
    widget.wait(lambda: told(gateway) == [True])
    widget.page.clock.run_for(4_000)
    widget.input.press_sequentially("ing")
    widget.page.clock.run_for(4_000)
    assert told(gateway) == [True]
    widget.page.clock.run_for(1_500)
    widget.wait(lambda: told(gateway) == [True, False])
    widget.input.press_sequentially("!")
    widget.wait(lambda: told(gateway) == [True, False, True])


def test_off_when_sent_or_deleted(widget, gateway):
    widget.input.press_sequentially("Hi")
    widget.input.press("Enter")
    widget.wait(lambda: told(gateway) == [True, False])
    frames = [frame["type"] for frame in gateway.frames]
    assert frames.index("message") > frames.index("typing")
    widget.input.press_sequentially("x")
    widget.input.press("Backspace")
    widget.wait(lambda: told(gateway) == [True, False, True, False])
    widget.page.clock.run_for(6_000)
    widget.page.wait_for_timeout(100)
    assert len(told(gateway)) == 4


def test_only_a_person_is_told(widget, gateway):
    gateway.set_status("bot")
    expect(widget.status).to_have_text("Automated assistant, here now")
    widget.input.press_sequentially("Good morning")
    widget.page.clock.run_for(6_000)
    widget.page.wait_for_timeout(100)
    assert told(gateway) == []


def test_after_a_drop_it_is_told_again(widget, gateway):
    widget.input.press_sequentially("Good")
    widget.wait(lambda: told(gateway) == [True])
    gateway.drop()
    widget.page.clock.run_for(2_000)
    widget.wait(lambda: len(gateway.hellos) == 2)
    expect(widget.status).to_have_text("You are talking to a person")
    widget.input.press_sequentially(" day")
    widget.wait(lambda: told(gateway) == [True, True])


def test_a_person_and_the_assistant_are_told_apart(widget, gateway):
    shown = widget.page.locator(".typing")
    gateway.tell({"type": "typing", "author": "agent", "on": True})
    expect(widget.page.get_by_text("Support team is writing…")).to_be_attached()
    expect(shown).to_be_visible()
    # The assistant, which was at work before, is done: the person still writes.
    gateway.tell({"type": "typing", "author": "assistant", "on": False})
    widget.page.wait_for_timeout(200)
    expect(shown).to_be_visible()
    gateway.tell({"type": "typing", "author": "agent", "on": False})
    expect(shown).to_be_hidden()
