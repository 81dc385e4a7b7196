"""Hostile words in every field that is shown: none runs, none makes an element of its own."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.widget.attacks import ATTACKS

pytestmark = pytest.mark.e2e

Json = dict[str, Any]

# fmt: off
ELEMENTS = {
    "a", "bdi", "blockquote", "br", "button", "canvas", "circle", "code", "details", "div",
    "em", "fieldset", "form", "h1", "h2", "header", "i", "img", "input", "label", "legend",
    "li", "ol", "p", "path", "pre", "progress", "section", "span", "strong", "summary", "svg",
    "textarea", "time", "ul",
}
ATTRIBUTES = {
    "accept", "alt", "autocomplete", "checked", "class", "d", "datetime", "dir", "disabled",
    "enterkeyhint", "height", "hidden", "href", "id", "inert", "lang", "loading", "max",
    "maxlength", "multiple", "name", "novalidate", "open", "placeholder", "rel", "required",
    "role", "rows", "src", "start", "style", "tabindex", "target", "title", "type", "value",
    "viewBox", "width",
}
# fmt: on
# Of every element: its name, its attributes, where it leads to.
SEEN = """({ shadowRoot }) => [...shadowRoot.querySelectorAll("*")].map((one) => ({
  name: one.localName,
  attributes: one.getAttributeNames(),
  style: one.getAttribute("style"),
  href: one.localName === "a" ? one.protocol : null,
  rel: one.rel ?? "",
  source: one.localName === "img" ? new URL(one.src).protocol : null,
}))"""


@pytest.fixture
def guarded(visit: Any) -> Iterator[Any]:
    """A visit whose page counts what runs."""
    # That pictures are not there, and that hostile frames are no frames of the protocol.
    visit.expected += ("Failed to load resource", "net::ERR_", "$.", "no frame: ")
    widget = visit()
    page: Page = widget.page
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.evaluate("window.runs = 0; window.ran = () => (window.runs += 1); null")
    page.context.route("**/*.invalid/**", lambda route: route.abort())
    opened: list[Page] = []
    page.context.on("page", lambda other: opened.append(other))
    widget.open()
    widget.wait(lambda: len(widget.gateway.talks) == 1)
    yield widget
    page.wait_for_timeout(200)
    harmless(page)
    assert page.evaluate("runs") == 0
    assert dialogs == []
    assert opened == []


def harmless(page: Page) -> None:
    elements = page.locator("shopdesk-chat").evaluate(SEEN)
    assert {one["name"] for one in elements} <= ELEMENTS
    attributes = {name for one in elements for name in one["attributes"]} - ATTRIBUTES
    assert {name for name in attributes if not name.startswith(("aria-", "data-"))} == set()
    assert {one["href"] for one in elements} <= {None, "https:", "http:", "mailto:", "tel:"}
    assert {one["source"] for one in elements} <= {None, "https:", "http:"}
    for one in elements:
        if one["href"] in ("https:", "http:"):
            assert one["rel"] == "noopener noreferrer nofollow"
        assert "url(" not in (one["style"] or "")


def view(attack: str, number: int) -> Json:
    """A message that says the same in all its fields."""
    replies = [{"title": attack, "payload": attack}]
    file = {"id": attack, "name": attack, "size": 10, "url": attack}
    return {
        "text": attack,
        "language": attack,
        "rateable": True,
        "sources": [{"id": attack, "title": attack, "url": attack, "quote": attack}],
        "quick_replies": replies,
        "cards": [
            {
                "title": attack,
                "subtitle": attack,
                "image": attack,
                "url": attack,
                "quick_replies": replies,
            }
        ]
        * (1 + number % 2),
        "files": [
            {**file, "media_type": "image/png", "width": 40, "height": 30},
            {**file, "media_type": attack, "width": None, "height": None},
        ],
        "reply_to": max(1, number),
    }


def test_in_all_fields_of_messages(guarded):
    for number, attack in enumerate(ATTACKS):
        guarded.gateway.say(author=("assistant", "agent")[number % 2], **view(attack, number))
        guarded.gateway.say(attack, author="system")
    expect(guarded.messages).to_have_count(2 * len(ATTACKS))
    for summary in guarded.page.locator(".sources summary").all():
        summary.evaluate("one => one.click()")
    titles = guarded.page.locator(".sources li > :first-child").all_text_contents()
    assert [title.removesuffix(" (opens in a new tab)") for title in titles] == list(ATTACKS)


def test_in_all_nodes_of_marked_up_text(guarded):
    for attack in ATTACKS:
        text = {"type": "text", "text": attack}
        inline = [
            text,
            {"type": "code", "text": attack},
            {"type": "strong", "children": [{"type": "emphasis", "children": [text]}]},
            {"type": "link", "url": attack, "children": [text, {"type": "break"}]},
            {"type": attack, "text": attack, "url": attack, "onclick": attack},
        ]
        paragraph = {"type": "paragraph", "children": inline, "innerHTML": attack}
        guarded.gateway.say(
            attack,
            rich=[
                paragraph,
                {"type": "list", "ordered": attack, "items": [[paragraph]]},
                {"type": "code_block", "text": attack},
                {"type": "quote", "blocks": [paragraph]},
                {"type": attack, "children": inline},
            ],
        )
    expect(guarded.messages).to_have_count(len(ATTACKS))


@pytest.mark.parametrize(
    "tree",
    [
        [None, 1, "text", [], {}, {"type": None}, {"type": "toString"}, {"type": "__proto__"}],
        [{"type": "paragraph"}, {"type": "paragraph", "children": "<b>"}, {"type": "list"}],
        [{"type": "list", "items": [None, "x", {"a": 1}]}, {"type": "code_block"}],
        [{"type": "link", "url": None, "children": None}, {"type": "quote", "blocks": 3}],
        [{"type": "link", "url": "https://a.example", "children": [
            {"type": "link", "url": "https://b.example", "children": [
                {"type": "text", "text": "https://c.example"}]}]}],
    ],
)  # fmt: skip
def test_a_tree_that_is_none(guarded, tree):
    guarded.gateway.say("words", rich=tree)
    expect(guarded.messages).to_have_count(1)
    assert guarded.page.locator("a a").count() == 0


def test_a_tree_without_end(guarded):
    node: Json = {"type": "text", "text": "deep"}
    for _ in range(50):
        node = {"type": "quote", "blocks": [node]}
    guarded.gateway.say("words", rich=[node])
    expect(guarded.messages).to_have_count(1)
    assert guarded.page.locator("blockquote").count() <= 20
    expect(guarded.messages).to_contain_text("deep")


def test_in_what_the_customer_writes_and_quotes(guarded):
    for attack in ATTACKS:
        guarded.gateway.say(attack, author="customer")
    expect(guarded.messages).to_have_count(len(ATTACKS))
    shown = guarded.page.locator(".customer .text").all_text_contents()
    assert shown == list(ATTACKS)
    guarded.send(ATTACKS[0])
    expect(guarded.messages).to_have_count(len(ATTACKS) + 1)


def test_in_status_errors_and_typing(guarded):
    for attack in ATTACKS:
        guarded.gateway.tell({"type": "status", "status": attack})
        guarded.gateway.tell({"type": "typing", "author": attack, "on": True})
        guarded.gateway.tell({"type": "error", "code": attack, "text": attack, "id": attack})
        guarded.gateway.tell({"type": attack})
        guarded.gateway.tell(
            {"type": "rated", "message": attack, "value": attack, "comment": attack}
        )
    guarded.gateway.tell({"type": "status", "status": "bot"})
    guarded.page.wait_for_timeout(100)


def test_in_the_names_of_files_to_be_sent(guarded):
    guarded.page.route("**/v1/files*", lambda route: route.abort())
    guarded.wait(lambda: guarded.page.locator(".status[data-state=bot]").count() == 1)
    for start in range(0, len(ATTACKS), 5):
        files = [
            {"name": name.replace("/", "_"), "mimeType": "image/png", "buffer": b"x"}
            for name in ATTACKS[start : start + 5]
        ]
        guarded.page.locator("input[type=file]").set_input_files(files)
        expect(guarded.page.locator(".attachment")).to_have_count(len(files))
        harmless(guarded.page)
        for _ in files:
            guarded.page.locator(".attachment .small:last-of-type").first.click()


def test_in_what_the_shops_page_says(visit):
    visit.expected += ("Failed to load resource", "net::ERR_")
    html = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>x</title></head>
    <body><shopdesk-chat></shopdesk-chat>
    <script type="module" src="{gateway}/widget/shopdesk.js"></script></body></html>"""
    widget = visit(html=html)
    page = widget.page
    page.evaluate("window.runs = 0; window.ran = () => (window.runs += 1); null")
    greeting = {"match": "/*", "after": 0, "text": " ".join(ATTACKS)}
    page.evaluate("(greeting) => shopdesk.configure({ greetings: [greeting] })", greeting)
    page.locator(".teaser-text").wait_for()
    chat = page.locator("shopdesk-chat")
    for attack in ATTACKS:
        chat.evaluate("(chat, name) => chat.setAttribute('shop-name', name)", attack)
        page.evaluate("(text) => shopdesk.write(text)", attack)
        harmless(page)
    page.locator(".teaser-text").click()
    expect(page.locator(".message")).to_have_count(1)
    harmless(page)
    assert page.evaluate("runs") == 0
