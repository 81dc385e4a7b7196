"""Writing: input methods, keyboard alone, languages, other placements on a page."""

import json
import mimetypes
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e

STATIC = Path(__file__).resolve().parents[2] / "gateway" / "widget" / "static"


def test_enter_that_chooses_a_word_does_not_send(visit, gateway):
    widget = visit(language="zh")
    widget.open()
    session = widget.page.context.new_cdp_session(widget.page)
    widget.input.focus()
    session.send(
        "Input.imeSetComposition", {"text": "ni hao", "selectionStart": 6, "selectionEnd": 6}
    )
    enter = {"key": "Process", "code": "Enter", "windowsVirtualKeyCode": 229}
    session.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **enter})
    expect(widget.messages).to_have_count(0)
    # The same as pages see it: some browsers say Enter and isComposing, Safari says Enter and 229.
    widget.input.evaluate(
        """(input) => {
          const press = (more) => input.dispatchEvent(
            new KeyboardEvent("keydown", { key: "Enter", bubbles: true, ...more }));
          press({ isComposing: true });
          press({ keyCode: 229 });
        }"""
    )
    session.send("Input.insertText", {"text": "你好"})
    expect(widget.input).to_have_value("你好")
    expect(widget.messages).to_have_count(0)
    widget.input.press("Enter")
    expect(widget.messages).to_have_count(1)
    widget.wait(lambda: [frame["text"] for frame in gateway.received("message")] == ["你好"])


def test_shift_enter_makes_a_line_and_the_field_grows(visit, gateway):
    widget = visit()
    widget.open()
    height = "input => input.offsetHeight"
    low = widget.input.evaluate(height)
    widget.input.type("One")
    widget.input.press("Shift+Enter")
    widget.input.type("Two")
    assert widget.input.evaluate(height) > low
    widget.input.press("Enter")
    widget.wait(lambda: len(gateway.received("message")) == 1)
    assert gateway.received("message")[0]["text"] == "One\nTwo"
    assert widget.texts() == ["One\nTwo"]
    assert widget.input.evaluate(height) == low


def test_nothing_but_blanks_is_not_sent(visit, gateway):
    widget = visit()
    widget.open()
    widget.send("  \n ")
    expect(widget.messages).to_have_count(0)


def test_keyboard_alone(visit, gateway):
    gateway.answers.append(
        {
            "text": "An answer",
            "rateable": True,
            "sources": [{"id": "a", "title": "A page", "url": "/help/a", "quote": "Words"}],
        }
    )
    widget = visit()
    keyboard = widget.page.keyboard
    keyboard.press("Tab")  # the link of the page
    keyboard.press("Tab")
    expect(widget.launcher).to_be_focused()
    keyboard.press("Enter")
    expect(widget.input).to_be_focused()
    keyboard.type("Hi")
    keyboard.press("Enter")
    expect(widget.messages).to_have_count(2)
    expect(widget.input).to_be_focused()
    # Backwards: files, thumbs, sources, the scrolling log, the close button.
    seen = []
    for _ in range(6):
        keyboard.press("Shift+Tab")
        seen.append(
            widget.page.evaluate(
                """() => {
                  const one = document.querySelector("shopdesk-chat").shadowRoot.activeElement;
                  return one.getAttribute("aria-label") ?? one.textContent;
                }"""
            )
        )
    assert seen[1:] == ["Not helpful", "Helpful", "Sources (1)", "Conversation", "Close chat"]
    keyboard.press("Tab")
    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(widget.page.locator(".sources a")).to_be_visible()
    keyboard.press("Tab")
    keyboard.press("Tab")
    keyboard.press("Space")
    widget.wait(lambda: len(gateway.received("rating")) == 1)
    keyboard.press("Tab")
    keyboard.press("Tab")
    keyboard.type("Good")
    keyboard.press("Enter")
    widget.wait(lambda: gateway.received("rating")[-1]["comment"] == "Good")
    keyboard.press("Escape")
    expect(widget.panel).to_be_hidden()
    expect(widget.launcher).to_be_focused()


def test_what_a_screen_reader_is_told(visit, gateway):
    gateway.answers.append({"text": "Bonjour", "language": "fr"})
    widget = visit()
    expect(widget.launcher).to_have_attribute("aria-expanded", "false")
    widget.open()
    expect(widget.launcher).to_have_attribute("aria-expanded", "true")
    log = widget.page.get_by_role("log", name="Conversation")
    expect(log).to_have_attribute("aria-live", "polite")
    expect(widget.page.get_by_role("dialog", name="Larkfield Outdoor")).to_be_visible()
    widget.send("Hi")
    bubble = widget.page.locator(".assistant .bubble")
    expect(bubble).to_have_attribute("lang", "fr")
    expect(bubble).to_have_attribute("dir", "auto")
    # A whole history is not read aloud when the page comes up.
    widget.page.reload()
    expect(widget.messages).to_have_count(2)


def test_a_chinese_page_has_chinese_texts(visit, gateway):
    gateway.answers.append({"text": "两到四个工作日。", "language": "zh", "rateable": True})
    widget = visit(language="zh", locale="zh-CN")
    expect(widget.launcher).to_have_attribute("aria-label", "打开对话")
    widget.open()
    expect(widget.status).to_have_text("智能助手在线")
    expect(widget.page.get_by_text("您好！有什么可以帮您？")).to_be_visible()
    widget.send("几天能到？")
    expect(widget.messages).to_have_count(2)
    assert gateway.hellos[0]["language"] == "zh"
    expect(widget.page.locator(".day")).to_have_text("今天")
    expect(widget.page.get_by_role("button", name="有帮助")).to_be_visible()
    expect(widget.panel).to_have_attribute("lang", "zh")


def test_both_languages_say_the_same_things():
    folder = STATIC / "texts"
    texts = {path.stem: json.loads(path.read_text("utf-8")) for path in folder.glob("*.json")}
    assert set(texts) == {"en", "zh"}
    assert texts["en"].keys() == texts["zh"].keys()
    for key, english in texts["en"].items():
        assert re.findall(r"\{\w+\}", english) == re.findall(r"\{\w+\}", texts["zh"][key]), key
        assert english.count("|") == texts["zh"][key].count("|"), key


def test_the_attribute_overrides_the_pages_language(visit, gateway):
    html = """<!doctype html><html lang="{language}"><head><title>{shop}</title></head><body>
    <shopdesk-chat language="zh-Hans" shop-name="云雀"></shopdesk-chat>
    <script type="module" src="{gateway}/widget/shopdesk.js"></script></body></html>"""
    widget = visit(html=html)
    widget.open()
    assert widget.page.locator("shopdesk-chat").count() == 1
    expect(widget.panel.get_by_role("heading", name="云雀")).to_be_visible()
    expect(widget.status).to_have_text("智能助手在线")
    widget.page.evaluate("document.querySelector('shopdesk-chat').setAttribute('language', 'en')")
    expect(widget.status).to_have_text("Automated assistant, here now")
    expect(widget.panel).to_be_visible()


def test_taken_off_the_page_and_put_back(visit, gateway):
    widget = visit()
    widget.open()
    widget.send("Hi")
    expect(widget.page.locator(".customer .delivery")).to_have_text("Sent")
    widget.page.evaluate("window.chat = document.querySelector('shopdesk-chat'); chat.remove()")
    widget.wait(lambda: not gateway.talk.sockets)
    gateway.say("While it was away")
    widget.page.evaluate("document.body.append(chat)")
    expect(widget.messages).to_have_count(2)
    assert gateway.hellos[1]["last_seq"] == 1


def test_a_gateway_that_is_not_where_the_script_came_from(visit, gateway, shop):
    html = """<!doctype html><html lang="{language}"><head><title>{shop}</title></head><body>
    <shopdesk-chat server="{gateway}/"></shopdesk-chat>
    <script type="module" src="/assets/shopdesk.js"></script></body></html>"""
    for file in STATIC.rglob("*"):
        if file.is_file():
            kind = mimetypes.guess_type(file.name)[0]
            path = f"/assets/{file.relative_to(STATIC).as_posix()}"
            shop.put(path, file.read_text("utf-8"), {"Content-Type": f"{kind}; charset=utf-8"})
    gateway.answers.append({"text": "From the other side"})
    widget = visit(html=html)
    widget.open()
    widget.send("Hello")
    expect(widget.messages).to_have_count(2)


def test_what_a_page_writes_is_left_for_the_customer_to_send(visit, gateway):
    widget = visit()
    widget.page.evaluate(
        "() => { const chat = document.querySelector('shopdesk-chat');"
        " chat.open(); chat.write('About this tent'); }"
    )
    expect(widget.input).to_have_value("About this tent")
    expect(widget.input).to_be_focused()
    assert gateway.received("message") == []
