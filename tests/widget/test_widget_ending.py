"""The end of a conversation: the menu, the question how it was, the transcript to keep."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e

QUESTION = "How satisfied are you with this chat?"


@pytest.fixture
def widget(visit, gateway):
    """An open chat in which something was said."""
    gateway.answers.append({"text": "Two days"})
    widget = visit()
    widget.open()
    widget.send("When?")
    expect(widget.messages).to_have_count(2)
    return widget


def choose(widget, name):
    widget.page.get_by_role("button", name="More").click()
    widget.page.get_by_role("menuitem", name=name).click()


def end(widget):
    choose(widget, "End chat")
    widget.page.locator(".sheet").get_by_role("button", name="End chat").click()


def test_the_customer_ends_it_and_says_how_it_was(widget, gateway):
    page = widget.page
    page.evaluate("window.heard = []; shopdesk.on('survey', (detail) => heard.push(detail)); null")
    choose(widget, "End chat")
    page.get_by_role("button", name="Go on chatting").click()
    expect(widget.input).to_be_visible()
    assert gateway.received("end") == []
    end(widget)
    expect(widget.status).to_have_text("This chat has ended")
    expect(widget.input).to_be_hidden()
    expect(page.get_by_role("group", name=QUESTION)).to_be_visible()
    page.get_by_label("4, satisfied").check()
    widget.wait(lambda: len(gateway.received("survey")) == 1)
    page.get_by_label("Would you like to say more?").fill("Quick and clear")
    page.get_by_label("Would you like to say more?").press("Enter")
    expect(page.get_by_text("Thank you for your feedback.")).to_be_visible()
    assert gateway.received("survey") == [
        {"type": "survey", "score": 4, "comment": None},
        {"type": "survey", "score": 4, "comment": "Quick and clear"},
    ]
    assert page.evaluate("heard") == [{"score": 4}]
    page.reload()
    expect(page.get_by_text("Thank you for your feedback.")).to_be_visible()
    expect(page.get_by_role("group", name=QUESTION)).to_be_hidden()
    assert len(gateway.received("survey")) == 2
    assert len(gateway.received("end")) == 1


def test_arrow_keys_send_only_where_they_rest(widget, gateway):
    end(widget)
    widget.page.get_by_label("1, very dissatisfied").focus()
    widget.page.keyboard.press("Space")
    for _ in range(4):
        widget.page.keyboard.press("ArrowRight")
    widget.wait(lambda: len(gateway.received("survey")) == 1)
    widget.page.wait_for_timeout(1_200)
    assert [frame["score"] for frame in gateway.received("survey")] == [5]


def test_a_person_ends_it(widget, gateway):
    widget.input.fill("I was about to")
    gateway.set_status("human")
    gateway.set_status("closed")
    expect(widget.page.get_by_role("group", name=QUESTION)).to_be_visible()
    # Nothing is lost with the composer.
    widget.page.get_by_role("button", name="Continue this chat").click()
    expect(widget.input).to_have_value("I was about to")
    expect(widget.input).to_be_focused()
    widget.input.press("Enter")
    expect(widget.status).to_have_text("Automated assistant, here now")
    assert gateway.talk.status == "bot"
    assert widget.texts() == ["When?", "Two days", "I was about to"]


def test_each_end_has_its_own_question(widget, gateway):
    end(widget)
    widget.page.get_by_label("2, dissatisfied").check()
    widget.page.locator(".survey .primary").click()
    expect(widget.page.get_by_text("Thank you for your feedback.")).to_be_visible()
    widget.page.get_by_role("button", name="Continue this chat").click()
    widget.send("One more thing")
    widget.wait(lambda: gateway.talk.status == "bot")
    gateway.set_status("closed")
    expect(widget.page.get_by_role("group", name=QUESTION)).to_be_visible()
    expect(widget.page.locator(".score-option :checked")).to_have_count(0)


def test_ended_and_rated_while_the_line_is_down(widget, gateway):
    gateway.stop()
    end(widget)
    expect(widget.status).to_have_text("Not connected")
    widget.page.get_by_label("3, neither").check()
    widget.page.locator(".survey textarea").fill("So so")
    widget.page.locator(".survey .primary").click()
    expect(widget.page.get_by_text("Thank you for your feedback.")).to_be_visible()
    gateway.start()
    widget.page.reload()
    widget.wait(lambda: gateway.talk.status == "closed")
    widget.wait(lambda: len(gateway.received("survey")) >= 1)
    assert gateway.received("survey")[-1] == {"type": "survey", "score": 3, "comment": "So so"}
    widget.page.reload()
    expect(widget.page.get_by_text("Thank you for your feedback.")).to_be_visible()
    widget.page.wait_for_timeout(300)
    assert len(gateway.received("end")) == 1


def test_a_new_chat_from_the_menu_ends_the_old_one(widget, gateway):
    old = gateway.talk
    choose(widget, "Start a new chat")
    widget.page.locator(".sheet").get_by_role("button", name="Start a new chat").click()
    expect(widget.messages).to_have_count(0)
    widget.wait(lambda: len(gateway.talks) == 2)
    assert old.status == "closed"
    expect(widget.banner).to_be_hidden()


def test_the_menu_by_keyboard(widget):
    page, keyboard = widget.page, widget.page.keyboard
    button = page.get_by_role("button", name="More")
    button.focus()
    keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Download this chat")).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "true")
    keyboard.press("ArrowUp")
    expect(page.get_by_role("menuitem", name="End chat")).to_be_focused()
    keyboard.press("ArrowDown")
    keyboard.press("ArrowDown")
    sound = page.get_by_role("menuitemcheckbox", name="Sound")
    expect(sound).to_be_focused()
    expect(sound).to_have_attribute("aria-checked", "false")
    keyboard.press("Enter")
    expect(button).to_be_focused()
    keyboard.press("ArrowDown")
    expect(sound).to_have_attribute("aria-checked", "true")
    keyboard.press("Escape")
    expect(button).to_be_focused()
    expect(page.get_by_role("menu")).to_be_hidden()
    # The first Escape closed the menu, the next ones the sheet, and the chat.
    keyboard.press("ArrowUp")
    keyboard.press("Enter")
    expect(page.get_by_role("group", name="End chat")).to_be_focused()
    keyboard.press("Escape")
    expect(widget.panel).to_be_visible()
    expect(button).to_be_focused()
    keyboard.press("Escape")
    expect(widget.panel).to_be_hidden()


def test_the_menu_closes_when_one_goes_on(widget):
    menu = widget.page.get_by_role("menu")
    widget.page.get_by_role("button", name="More").click()
    expect(menu).to_be_visible()
    widget.page.locator(".scroller").click()
    expect(menu).to_be_hidden()
    widget.page.get_by_role("button", name="More").click()
    widget.page.keyboard.press("Tab")
    expect(menu).to_be_hidden()


def test_before_the_first_message_there_is_nothing_to_end_or_keep(visit):
    widget = visit()
    widget.open()
    widget.page.get_by_role("button", name="More").click()
    assert widget.page.locator(".menu button:visible").all_inner_texts() == ["Sound"]


def test_the_transcript_is_a_file(widget, gateway):
    asked = []

    def answer(route):
        asked.append(route.request)
        route.fulfill(
            status=200,
            headers={"Access-Control-Allow-Origin": "*", "Content-Type": "text/plain"},
            body="You: When?\nAssistant: Two days\n",
        )

    widget.page.route("**/v1/transcript*", answer)
    with widget.page.expect_download() as download:
        choose(widget, "Download this chat")
    assert download.value.suggested_filename.startswith("chat-20")
    assert download.value.path().read_text("utf-8").startswith("You: When?")
    (request,) = asked
    assert request.url == f"{gateway.origin}/v1/transcript?language=en"
    assert request.header_value("authorization") == f"Bearer {gateway.talk.token}"


def test_a_transcript_that_does_not_come_is_told(visit, widget):
    visit.expected += ("status of 503",)
    cors = {"Access-Control-Allow-Origin": "*"}
    widget.page.route("**/v1/transcript*", lambda route: route.fulfill(status=503, headers=cors))
    choose(widget, "Download this chat")
    expect(widget.banner).to_contain_text("The chat could not be downloaded.")
