"""The offline form: nobody can answer now, so the question is left, and waits where it must."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e

OFFER = {
    "author": "system",
    "text": "The assistant is out of order.",
    "quick_replies": [
        {"title": "Leave your e-mail", "payload": "/leave_contact"},
        {"title": "No longer needed", "payload": "/withdraw"},
    ],
}


@pytest.fixture
def widget(visit, gateway):
    """An open chat in which the form is offered."""
    gateway.answers.append(OFFER)
    widget = visit()
    widget.open()
    widget.send("Is the tent waterproof?")
    expect(widget.messages).to_have_count(2)
    return widget


def fill(widget, email):
    widget.page.get_by_label("E-mail", exact=True).fill(email)
    widget.page.locator(".sheet").get_by_role("button", name="Send").click()


def test_the_question_is_left_with_an_address(widget, gateway):
    page = widget.page
    page.evaluate("window.heard = []; shopdesk.on('contact', (detail) => heard.push(detail)); null")
    page.get_by_role("button", name="Leave your e-mail").click()
    expect(page.get_by_label("Name (optional)")).to_be_focused()
    expect(page.get_by_label("Your question")).to_have_value("Is the tent waterproof?")
    page.get_by_label("Name (optional)").fill("Anna")
    fill(widget, "anna@larkfield.example")
    expect(page.get_by_text("Thank you. We will answer to anna@larkfield.example.")).to_be_visible()
    (sent,) = gateway.received("contact")
    assert len(sent.pop("id")) == 36
    assert sent == {
        "type": "contact",
        "email": "anna@larkfield.example",
        "text": "Is the tent waterproof?",
        "name": "Anna",
    }
    assert page.evaluate("heard") == [{}]
    page.get_by_role("button", name="Back to the chat").click()
    expect(widget.messages).to_have_count(2)
    # Pressing the button was no message; it may be pressed again.
    assert len(gateway.received("message")) == 1
    page.get_by_role("button", name="Leave your e-mail").click()
    expect(page.get_by_label("E-mail", exact=True)).to_be_visible()


@pytest.mark.parametrize(
    "address",
    ["", "anna", "anna@", "@shop.example", "anna@shop", "an na@shop.example", "a..b@shop.example"],
)
def test_what_is_no_address_stays_here(widget, gateway, address):
    widget.page.get_by_role("button", name="Leave your e-mail").click()
    fill(widget, address)
    email = widget.page.get_by_label("E-mail", exact=True)
    expect(email).to_be_focused()
    expect(email).to_have_attribute("aria-invalid", "true")
    expect(email).to_have_accessible_description(
        "Please enter an e-mail address, such as name@example.com."
    )
    email.press_sequentially("x")
    expect(email).not_to_have_attribute("aria-invalid", "true")
    assert gateway.received("contact") == []


def test_an_address_that_the_gateway_refuses_can_be_mended(widget, gateway):
    widget.page.get_by_role("button", name="Leave your e-mail").click()
    fill(widget, "anna@shop.invalid")  # a name that can never have mail
    expect(widget.page.get_by_text("Please check the e-mail address.")).to_be_visible()
    assert len(gateway.complaints) == 1
    gateway.complaints.clear()
    fill(widget, "anna@larkfield.example")
    expect(widget.page.get_by_text("Thank you. We will answer")).to_be_visible(timeout=20_000)
    widget.page.reload()
    expect(widget.messages).to_have_count(2)
    widget.page.wait_for_timeout(300)
    assert len(gateway.received("contact")) == 1
    assert gateway.complaints == []


def test_it_waits_in_the_browser_while_the_gateway_is_down(widget, gateway):
    gateway.stop()
    widget.page.get_by_role("button", name="Leave your e-mail").click()
    fill(widget, "anna@larkfield.example")
    expect(widget.page.get_by_text("Your question is kept in this browser")).to_be_visible(
        timeout=15_000
    )
    gateway.start()
    widget.page.reload()
    widget.wait(lambda: len(gateway.received("contact")) == 1, seconds=20)
    expect(widget.banner).to_contain_text("Your question has been sent.")
    widget.page.reload()
    expect(widget.messages).to_have_count(2)
    widget.page.wait_for_timeout(300)
    assert len(gateway.received("contact")) == 1


def test_it_is_offered_when_the_line_stays_down(visit, gateway):
    widget = visit()
    widget.page.clock.install()
    widget.page.reload()
    widget.open()
    expect(widget.status).to_have_text("Automated assistant, here now")
    gateway.stop()
    expect(widget.status).to_have_text("Not connected")
    widget.page.clock.run_for(2_000)
    expect(widget.banner).to_contain_text("Connection lost.")
    offer = widget.banner.get_by_role("button", name="Leave your e-mail")
    expect(offer).to_be_hidden()
    widget.page.clock.run_for(14_000)
    offer.click()
    widget.page.get_by_label("Your question").fill("Are you there?")
    fill(widget, "anna@larkfield.example")
    expect(widget.page.get_by_text("Your question is kept in this browser")).to_be_visible()
    gateway.start()
    widget.page.clock.run_for(31_000)
    expect(widget.page.get_by_text("Thank you. We will answer")).to_be_visible()
    assert gateway.received("contact")[0]["text"] == "Are you there?"


def test_a_known_customer_need_not_say_it_again(visit, gateway):
    gateway.customers["signed"] = {"name": "Anna Tern", "email": "anna@larkfield.example"}
    gateway.answers.append(OFFER)
    widget = visit()
    widget.page.evaluate("shopdesk.identify('signed')")
    widget.open()
    widget.page.locator(".suggestions").get_by_role("button", name="Talk to a person").click()
    expect(widget.messages).to_have_count(2)
    widget.page.get_by_role("button", name="Leave your e-mail").click()
    expect(widget.page.get_by_label("Name (optional)")).to_have_value("Anna Tern")
    expect(widget.page.get_by_label("E-mail", exact=True)).to_have_value("anna@larkfield.example")
    # A button that was pressed is no question.
    expect(widget.page.get_by_label("Your question")).to_have_value("")
