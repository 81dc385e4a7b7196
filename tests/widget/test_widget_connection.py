"""Nothing lost, nothing doubled: reloads, drops, restarts, duplicates, several tabs."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e


def test_reload_resumes_the_conversation(visit, gateway):
    gateway.answers.append({"text": "Two days"})
    widget = visit()
    widget.open()
    widget.send("When?")
    expect(widget.messages).to_have_count(2)
    widget.page.reload()
    expect(widget.messages).to_have_count(2)
    assert widget.texts() == ["When?", "Two days"]
    assert gateway.hellos[1]["session"] == gateway.talk.token
    # Open before, open after; but the focus is the page's.
    expect(widget.panel).to_be_visible()
    assert widget.page.evaluate("document.activeElement.localName") == "body"
    widget.send("Thanks")
    widget.wait(lambda: len(gateway.talk.messages) == 3)


def test_what_was_being_written_survives_a_reload(visit):
    widget = visit()
    widget.open()
    widget.input.fill("Half a sentence")
    widget.page.reload()
    expect(widget.input).to_have_value("Half a sentence")


def test_dropped_before_it_was_stored_is_sent_again_with_the_same_id(visit, gateway):
    gateway.drop_before_store = 2
    gateway.answers.append({"text": "Here"})
    widget = visit()
    widget.open()
    widget.send("Hello?")
    expect(widget.messages).to_have_count(2, timeout=15_000)
    sent = gateway.received("message")
    assert len(sent) == 3
    assert len({frame["id"] for frame in sent}) == 1
    assert widget.texts() == ["Hello?", "Here"]
    assert len(gateway.talk.messages) == 2


def test_dropped_after_it_was_stored_is_shown_once(visit, gateway):
    gateway.drop_before_ack = 1
    widget = visit()
    widget.open()
    widget.send("Hello?")
    widget.wait(lambda: len(gateway.hellos) == 2)
    expect(widget.page.locator(".customer .delivery")).to_have_text("Sent")
    assert widget.texts() == ["Hello?"]
    assert len(gateway.talk.messages) == 1


def test_a_repeated_message_is_shown_once(visit, gateway):
    gateway.send_twice = True
    gateway.answers.append({"text": "Once"})
    widget = visit()
    widget.open()
    widget.send("Say it")
    expect(widget.messages).to_have_count(2)
    gateway.say("And this")
    expect(widget.messages).to_have_count(3)
    assert widget.texts() == ["Say it", "Once", "And this"]


def test_restart_of_the_gateway(visit, gateway):
    gateway.answers.append({"text": "Before"})
    widget = visit()
    widget.open()
    widget.send("One")
    expect(widget.messages).to_have_count(2)
    gateway.stop()
    expect(widget.banner).to_contain_text("Connection lost. Trying again…")
    expect(widget.status).to_have_text("Not connected")
    widget.send("Two, while it is down")
    widget.send("Three, too")
    expect(widget.page.locator(".customer .delivery").last).to_have_text(
        "Will be sent once connected"
    )
    gateway.start()
    expect(widget.banner).to_be_hidden(timeout=20_000)
    widget.wait(lambda: len(gateway.talk.messages) == 4)
    expect(widget.page.locator(".customer .delivery").last).to_have_text("Sent")
    assert widget.texts() == ["One", "Before", "Two, while it is down", "Three, too"]
    assert gateway.hellos[-1]["last_seq"] == 2


def test_a_drop_in_the_middle_of_an_answer(visit, gateway):
    gateway.hold_answers()
    gateway.answers.append({"text": "The answer"})
    widget = visit()
    widget.open()
    widget.send("Well?")
    expect(widget.page.locator(".typing")).to_be_visible()
    gateway.drop()
    gateway.let_answer()
    expect(widget.messages).to_have_count(2)
    expect(widget.page.locator(".typing")).to_be_hidden()
    assert widget.texts() == ["Well?", "The answer"]


def test_reload_before_the_ack_loses_nothing(visit, gateway):
    widget = visit()
    widget.open()
    widget.wait(lambda: len(gateway.talks) == 1)
    gateway.stop()
    widget.send("Written in a tunnel")
    widget.send("And another")
    gateway.start()
    widget.page.reload()
    expect(widget.messages).to_have_count(2)
    widget.wait(lambda: len(gateway.talk.messages) == 2)
    assert [message["text"] for message in gateway.talk.messages] == [
        "Written in a tunnel",
        "And another",
    ]
    widget.page.reload()
    expect(widget.messages).to_have_count(2)
    widget.page.wait_for_timeout(300)
    assert len(gateway.received("message")) == 2


def test_a_rating_given_while_the_line_is_down_arrives(visit, gateway):
    gateway.answers.append({"text": "An answer", "rateable": True})
    widget = visit()
    widget.open()
    widget.send("Hi")
    expect(widget.messages).to_have_count(2)
    gateway.stop()
    widget.page.get_by_role("button", name="Helpful", exact=True).click()
    gateway.start()
    widget.page.reload()
    widget.wait(lambda: gateway.talk.messages[1]["rating"] == 1)
    expect(widget.page.get_by_role("button", name="Helpful", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )


def test_a_gap_in_the_numbers_is_asked_for(visit, gateway):
    widget = visit()
    widget.open()
    widget.send("Hi")
    widget.wait(lambda: len(gateway.hellos) == 1 and len(gateway.talks) == 1)
    expect(widget.page.locator(".customer .delivery")).to_have_text("Sent")
    sockets = set(gateway.talk.sockets)
    gateway.talk.sockets.clear()
    gateway.say("Lost on the way")
    gateway.talk.sockets.update(sockets)
    gateway.say("Arrived")
    expect(widget.messages).to_have_count(3)
    assert widget.texts() == ["Hi", "Lost on the way", "Arrived"]
    assert gateway.hellos[1]["last_seq"] == 1


def test_a_dead_line_is_noticed(visit, gateway):
    widget = visit()
    heard: list[str] = []
    widget.page.on(
        "websocket", lambda socket: socket.on("framereceived", lambda data: heard.append(data))
    )
    widget.page.clock.install()
    widget.page.reload()
    widget.open()
    widget.wait(lambda: len(gateway.hellos) == 1)
    expect(widget.status).to_have_text("Automated assistant, here now")
    widget.page.clock.run_for(26_000)
    widget.wait(lambda: any('"pong"' in data for data in heard))
    widget.page.wait_for_timeout(100)
    widget.page.clock.run_for(9_000)
    assert len(gateway.hellos) == 1, "the pong came, the line lives"
    gateway.silent = True
    widget.page.clock.run_for(26_000)
    widget.wait(lambda: len(gateway.received("ping")) == 2)
    widget.page.clock.run_for(9_000)
    widget.page.clock.run_for(2_000)
    widget.wait(lambda: len(gateway.hellos) == 2)


def test_without_an_ack_it_is_sent_again_and_at_last_left_to_the_customer(visit, gateway):
    gateway.withhold_acks = True
    widget = visit()
    widget.page.clock.install()
    widget.page.reload()
    widget.open()
    widget.send("Hello?")
    delivery = widget.page.locator(".customer .delivery")
    expect(delivery).to_have_text("Sending…")
    for times in (1, 2, 3):
        widget.wait(lambda times=times: len(gateway.received("message")) == times)
        widget.page.clock.run_for(10_100)
    expect(delivery).to_contain_text("Not sent")
    gateway.withhold_acks = False
    widget.page.get_by_role("button", name="Try again").click()
    expect(delivery).to_have_text("Sent")
    assert len({frame["id"] for frame in gateway.received("message")}) == 1
    assert widget.texts() == ["Hello?"]


def test_a_session_that_is_no_more_begins_anew(visit, gateway):
    widget = visit()
    widget.open()
    widget.send("Old")
    # Else it would still be on its way, and rightly be sent again.
    expect(widget.page.locator(".customer .delivery")).to_have_text("Sent")
    gateway.talks.clear()
    widget.page.reload()
    widget.send("New")
    widget.wait(lambda: len(gateway.talks) == 1 and len(gateway.talk.messages) == 1)
    expect(widget.messages).to_have_count(1)
    assert [hello["session"] is None for hello in gateway.hellos] == [True, False, True]


def test_a_session_that_ends_under_an_open_chat_says_so(visit, gateway):
    widget = visit()
    widget.open()
    widget.send("Old")
    expect(widget.page.locator(".customer .delivery")).to_have_text("Sent")
    sockets = set(gateway.talk.sockets)
    gateway.stop()
    gateway.talks.clear()
    assert sockets
    gateway.start()
    expect(widget.banner).to_contain_text(
        "Your earlier chat is no longer available.", timeout=20_000
    )
    expect(widget.messages).to_have_count(0)


def test_two_tabs_share_one_conversation(visit, gateway):
    context = visit.context()
    first = visit(context=context)
    second = visit(context=context)
    first.open()
    second.open()
    first.wait(lambda: len(gateway.hellos) == 2)
    assert len(gateway.talks) == 1
    gateway.answers.append({"text": "For both"})
    first.send("From the first")
    expect(second.messages).to_have_count(2)
    second.send("From the second")
    expect(first.messages).to_have_count(3)
    assert first.texts() == second.texts() == ["From the first", "For both", "From the second"]


def test_a_tab_that_begins_anew_takes_the_other_along(visit, gateway):
    context = visit.context()
    first = visit(context=context)
    first.open()
    first.send("Hello")
    second = visit(context=context)
    expect(second.page.locator(".message")).to_have_count(1)
    gateway.tell({"type": "status", "status": "closed"})
    first.page.get_by_role("button", name="Start a new chat").click()
    first.wait(lambda: len(gateway.talks) == 2)
    expect(second.page.locator(".message")).to_have_count(0)
    gateway.talks = {list(gateway.talks)[1]: list(gateway.talks.values())[1]}
    first.wait(lambda: len(gateway.talk.sockets) == 2)


def test_offline_and_back(visit, gateway):
    widget = visit()
    widget.open()
    expect(widget.status).to_have_text("Automated assistant, here now")
    gateway.stop()
    widget.page.context.set_offline(True)
    expect(widget.banner).to_contain_text("You are offline.")
    widget.send("From the train")
    gateway.start()
    widget.page.context.set_offline(False)
    expect(widget.banner).to_be_hidden()
    widget.wait(lambda: len(gateway.talk.messages) == 1)
    # The event, not the next try of a long back-off, brought it back.
    expect(widget.page.locator(".customer .delivery")).to_have_text("Sent")


def test_an_origin_that_is_not_allowed_is_told_once(visit, gateway, monkeypatch):
    async def refuse(socket, hello):
        gateway.hellos.append(hello)
        await socket.close(4403)

    monkeypatch.setattr(gateway, "_welcome", refuse)
    widget = visit()
    widget.open()
    expect(widget.banner).to_contain_text("The chat is not available on this page.")
    expect(widget.page.get_by_role("button", name="Try now")).to_be_hidden()
    widget.page.wait_for_timeout(2_000)
    assert len(gateway.hellos) == 1


def test_without_browser_storage_it_still_talks(visit, gateway):
    html = """<!doctype html><html lang="{language}"><head><title>{shop}</title><script>
    for (const area of ["localStorage", "sessionStorage"]) {{
      const get = () => {{ throw new DOMException("blocked", "SecurityError"); }};
      Object.defineProperty(window, area, {{ get }});
    }}</script></head><body>
    <script type="module" src="{gateway}/widget/shopdesk.js"></script></body></html>"""
    gateway.answers.append({"text": "Yes"})
    gateway.drop_before_store = 1
    widget = visit(html=html)
    widget.open()
    widget.send("Does it work?")
    expect(widget.messages).to_have_count(2)
