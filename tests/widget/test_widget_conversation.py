"""Talking through the widget: what a customer does, and what gateway and page learn of it."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e

ANSWER = {
    "text": "Standard delivery takes **2-4 working days**.\n\n1. Pack\n2. Send\n\nSee https://larkfield.example/help.",
    "sources": [
        {
            "id": "en/faq/shipping#delivery-time",
            "title": "How long does delivery take?",
            "url": "/help/shipping",
            "quote": "Netherlands: 2-4 working days.",
        }
    ],
    "quick_replies": [{"title": "Talk to a person", "payload": "/request_human"}],
    "rateable": True,
}


def test_a_visitor_who_does_not_open_the_chat_costs_no_socket(visit, gateway):
    widget = visit()
    widget.page.wait_for_timeout(500)
    assert gateway.hellos == []
    widget.open()
    widget.wait(lambda: len(gateway.hellos) == 1)
    assert gateway.hellos[0] == {
        "type": "hello",
        "protocol": 1,
        "session": None,
        "identity": None,
        "last_seq": 0,
        "language": "en",
    }


def test_send_and_answer(visit, gateway):
    gateway.answers.append(ANSWER)
    gateway.hold_answers()
    widget = visit()
    widget.open()
    widget.send("When will it come?")
    expect(widget.page.locator(".typing")).to_be_visible()
    expect(widget.page.get_by_text("Assistant is writing…")).to_be_attached()
    gateway.let_answer()
    answer = widget.page.locator(".message.assistant")
    expect(answer).to_be_visible()
    expect(widget.page.locator(".typing")).to_be_hidden()
    assert answer.locator("strong").inner_text() == "2-4 working days"
    assert answer.locator("ol:not(details ol) li").all_inner_texts() == ["Pack", "Send"]
    bare = answer.locator(".text a")
    assert bare.get_attribute("href") == "https://larkfield.example/help"
    assert "noopener" in str(bare.get_attribute("rel"))
    (sent,) = gateway.received("message")
    assert sent["text"] == "When will it come?"
    assert len(sent["id"]) == 36
    expect(widget.page.locator(".customer .delivery")).to_have_text("Sent")


def test_sources_are_folded_and_lead_to_the_shops_page(visit, gateway, shop):
    gateway.answers.append(ANSWER)
    widget = visit()
    widget.open()
    widget.send("When will it come?")
    summary = widget.page.locator(".sources summary")
    expect(summary).to_have_text("Sources (1)")
    link = widget.page.locator(".sources a")
    expect(link).to_be_hidden()
    summary.click()
    expect(link).to_be_visible()
    assert link.evaluate("link => link.href") == f"{shop.origin}/help/shipping"
    assert link.get_attribute("target") == "_blank"
    expect(widget.page.locator(".sources blockquote")).to_have_text(
        "Netherlands: 2-4 working days."
    )
    expect(widget.page.locator(".scroller")).to_be_in_viewport()
    expect(widget.page.locator(".sources blockquote")).to_be_in_viewport()


def test_quick_reply_sends_its_payload_once_and_goes(visit, gateway):
    gateway.answers.append(ANSWER)
    widget = visit()
    widget.open()
    widget.send("Hi")
    widget.page.locator(".suggestions").get_by_role("button", name="Talk to a person").click()
    widget.wait(lambda: len(gateway.received("message")) == 2)
    sent = gateway.received("message")[1]
    assert (sent["text"], sent["payload"]) == ("Talk to a person", "/request_human")
    expect(widget.page.locator(".suggestions button")).to_have_count(0)
    expect(widget.messages.last).to_contain_text("Talk to a person")
    # The keyboard's place is not lost with the button.
    expect(widget.input).to_be_focused()


def test_rating_with_a_comment(visit, gateway):
    gateway.answers.append(ANSWER)
    widget = visit()
    widget.page.evaluate(
        "window.heard = [];addEventListener('shopdesk:rating', (event) => heard.push(event.detail))"
    )
    widget.open()
    widget.send("Hi")
    down = widget.page.get_by_role("button", name="Not helpful")
    down.click()
    expect(down).to_have_attribute("aria-pressed", "true")
    widget.wait(lambda: len(gateway.received("rating")) == 1)
    comment = widget.page.get_by_label("Sorry about that. What was wrong or missing?")
    comment.fill("The price is missing")
    widget.page.get_by_role("button", name="Send comment").click()
    expect(widget.page.get_by_text("Thank you for your feedback.")).to_be_visible()
    widget.wait(lambda: len(gateway.received("rating")) == 2)
    answer = gateway.talk.messages[1]
    assert gateway.received("rating") == [
        {"type": "rating", "message": answer["id"], "value": -1, "comment": None},
        {"type": "rating", "message": answer["id"], "value": -1, "comment": "The price is missing"},
    ]
    # Once, and without the customer's words.
    assert widget.page.evaluate("heard") == [{"message": answer["id"], "value": -1}]
    widget.page.reload()
    expect(down).to_have_attribute("aria-pressed", "true")
    # Confirmed ratings are not sent again.
    widget.page.wait_for_timeout(300)
    assert len(gateway.received("rating")) == 2


def test_rating_changed_to_the_other_thumb(visit, gateway):
    gateway.answers.append(ANSWER)
    widget = visit()
    widget.open()
    widget.send("Hi")
    widget.page.get_by_role("button", name="Helpful", exact=True).click()
    widget.page.get_by_role("button", name="Not helpful").click()
    widget.wait(lambda: gateway.talk.messages[1]["rating"] == -1)
    pressed = widget.page.locator('.thumb[aria-pressed="true"]')
    expect(pressed).to_have_count(1)
    expect(pressed).to_have_attribute("aria-label", "Not helpful")


def test_unread_badge_counts_what_came_while_closed(visit, gateway):
    widget = visit()
    widget.open()
    widget.send("Hi")
    widget.wait(lambda: len(gateway.received("message")) == 1)
    widget.page.get_by_role("button", name="Close chat").first.click()
    expect(widget.panel).to_be_hidden()
    gateway.say("One")
    gateway.say("Two", author="agent")
    expect(widget.page.locator(".badge")).to_have_text("2")
    expect(widget.launcher).to_have_attribute("aria-label", "Open chat, 2 unread")
    widget.page.reload()
    expect(widget.page.locator(".badge")).to_have_text("2")
    widget.open()
    expect(widget.page.locator(".badge")).to_be_hidden()
    widget.page.reload()
    widget.launcher.wait_for()
    expect(widget.page.locator(".badge")).to_be_hidden()


def test_events_and_methods_for_the_shops_own_scripts(visit, gateway):
    gateway.answers.append({"text": "Hello back"})
    widget = visit()
    widget.page.evaluate(
        """window.heard = [];
        for (const name of ["open", "close", "message"]) {
          document.addEventListener(`shopdesk:${name}`, ({ type, detail }) =>
            heard.push([type, detail.author ?? "", detail.text ?? ""]));
        }
        document.querySelector("shopdesk-chat").open();"""
    )
    expect(widget.panel).to_be_visible()
    widget.send("Hello")
    expect(widget.messages).to_have_count(2)
    widget.page.evaluate('document.querySelector("shopdesk-chat").close()')
    assert widget.page.evaluate("heard") == [
        ["shopdesk:open", "", ""],
        ["shopdesk:message", "customer", ""],
        ["shopdesk:message", "assistant", ""],
        ["shopdesk:close", "", ""],
    ]
    # History is no news: after a reload the shop's analytics count nothing twice.
    widget.page.add_init_script(
        "window.again = 0; addEventListener('shopdesk:message', () => (window.again += 1))"
    )
    widget.page.reload()
    expect(widget.messages).to_have_count(2)
    assert widget.page.evaluate("again") == 0


def test_a_person_takes_over_and_the_chat_ends(visit, gateway):
    widget = visit()
    widget.open()
    expect(widget.status).to_have_text("Automated assistant, here now")
    widget.send("A person, please")
    widget.wait(lambda: len(gateway.received("message")) == 1)
    gateway.tell({"type": "status", "status": "waiting"})
    expect(widget.status).to_have_text("Waiting for a person…")
    gateway.tell({"type": "status", "status": "human"})
    gateway.say("This is Mila.", author="agent")
    expect(widget.status).to_have_text("You are talking to a person")
    expect(widget.page.locator(".message.agent .who")).to_have_text("Support team")
    gateway.tell({"type": "status", "status": "closed"})
    expect(widget.input).to_be_hidden()
    widget.page.get_by_role("button", name="Start a new chat").click()
    expect(widget.input).to_be_visible()
    expect(widget.messages).to_have_count(0)
    widget.wait(lambda: len(gateway.talks) == 2)
    widget.send("Again")
    widget.wait(lambda: [len(talk.messages) for talk in gateway.talks.values()] == [2, 1])


def test_a_message_too_long_is_held_and_counted(visit, gateway):
    widget = visit()
    widget.open()
    counter = widget.page.locator(".counter")
    widget.input.fill("x" * 3000)
    expect(counter).to_have_text("")
    widget.input.fill("x" * 3990)
    expect(counter).to_have_text("Characters left: 10")
    widget.input.fill("x" * 4005)
    expect(counter).to_have_text("Too long by 5")
    widget.input.press("Enter")
    expect(widget.messages).to_have_count(0)
    # An emoji is one character, as the gateway counts.
    widget.send("🏕" * 4000)
    widget.wait(lambda: len(gateway.received("message")) == 1)
    assert gateway.received("message")[0]["text"] == "🏕" * 4000


def test_what_the_gateway_refuses_stays_in_view_and_is_not_sent_again(visit, gateway):
    gateway.refuse_with = {"code": "message_too_long", "text": "too long"}
    widget = visit()
    widget.open()
    widget.send("Hi")
    expect(widget.page.locator(".customer .delivery")).to_have_text("Not sent")
    expect(widget.banner).to_contain_text("This message is too long.")
    expect(widget.page.get_by_role("button", name="Try again")).to_have_count(0)
    gateway.drop()
    widget.wait(lambda: len(gateway.hellos) == 2)
    widget.page.wait_for_timeout(200)
    assert len(gateway.received("message")) == 1


def test_a_failure_of_the_gateway_is_told_honestly(visit, gateway):
    widget = visit()
    widget.open()
    widget.wait(lambda: len(gateway.talks) == 1)
    gateway.tell({"type": "error", "code": "internal", "text": "…", "id": None})
    expect(widget.banner).to_contain_text("Something went wrong on our side.")


def test_a_long_answer_is_shown_from_its_beginning(visit, gateway):
    gateway.answers.append({"text": "First line\n\n" + "A paragraph of many words. \n\n" * 60})
    widget = visit()
    widget.open()
    widget.send("Tell me everything")
    first = widget.page.get_by_text("First line")
    expect(first).to_be_in_viewport()
    widget.page.wait_for_timeout(500)
    expect(first).to_be_in_viewport()


def test_reading_further_up_is_not_disturbed(visit, gateway):
    widget = visit()
    widget.open()
    widget.wait(lambda: len(gateway.talks) == 1)
    for number in range(30):
        gateway.say(f"Message {number}")
    expect(widget.messages).to_have_count(30)
    expect(widget.messages.last).to_be_in_viewport()
    widget.page.locator(".scroller").hover()
    widget.page.mouse.wheel(0, -1500)
    widget.page.wait_for_timeout(400)
    gateway.say("The newest")
    newer = widget.page.get_by_role("button", name="New messages")
    expect(newer).to_be_visible()
    expect(widget.messages.last).not_to_be_in_viewport()
    newer.click()
    expect(widget.messages.last).to_be_in_viewport()
    expect(newer).to_be_hidden()


def test_days_and_times(visit, gateway):
    widget = visit()
    widget.open()
    widget.wait(lambda: len(gateway.talks) == 1)
    gateway.say("Long ago", at="2026-01-05T12:00:00.000Z")
    gateway.say("Now")
    expect(widget.messages).to_have_count(2)
    assert widget.page.locator(".day").all_inner_texts() == ["Monday 5 January", "Today"]
    assert (
        widget.page.locator(".message time").first.get_attribute("datetime")
        == "2026-01-05T12:00:00.000Z"
    )
