"""What an answer holds beside words: markup, cards, quotations, much text, little text."""

from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e

CARD = {
    "title": "Ridge 2 tent",
    "subtitle": "EUR 249.00",
    "image": "https://shop.example/tent.png",
    "url": "/products/ridge-2",
    "quick_replies": [{"title": "Which colours?", "payload": "/ask_colours"}],
}
# One pixel.
GIF = bytes.fromhex(
    "47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b"
)


@pytest.fixture
def chat(visit: Any) -> Any:
    visit.expected += ("Failed to load resource", "net::ERR_")
    widget = visit()
    widget.page.context.route(
        "https://shop.example/tent*",
        lambda route: route.fulfill(body=GIF, content_type="image/gif"),
    )
    widget.page.context.route("https://shop.example/gone*", lambda route: route.abort())
    widget.open()
    widget.wait(lambda: len(widget.gateway.talks) == 1)
    return widget


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def node(kind: str, *children: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": kind, "children": list(children), **more}


def test_markup(chat, visit):
    visit.expected += ("later version",)  # a node that this version of the protocol does not have
    chat.gateway.say(
        "as plain text",
        rich=[
            node(
                "paragraph",
                text("Send it to https://larkfield.example/returns. Or "),
                node("link", text("write"), url="mailto:help@larkfield.example"),
                {"type": "break"},
                node("strong", node("emphasis", text("soon"))),
                {"type": "code", "text": "RMA-1"},
            ),
            {
                "type": "list",
                "ordered": True,
                "start": 3,
                "items": [[node("paragraph", text("Pack"))], []],
            },
            {"type": "code_block", "text": "line 1\nline 2"},
            {"type": "quote", "blocks": [node("paragraph", text("Quoted"))]},
            {"type": "table", "rows": [[text("of a"), text("later version")]]},
        ],
    )
    words = chat.page.locator(".assistant .text")
    assert words.inner_html() == (
        '<p>Send it to <a href="https://larkfield.example/returns" target="_blank" '
        'rel="noopener noreferrer nofollow">https://larkfield.example/returns</a>. Or '
        '<a href="mailto:help@larkfield.example">write</a><br><strong><em>soon</em></strong>'
        '<code>RMA-1</code></p><ol start="3"><li><p>Pack</p></li><li></li></ol>'
        '<pre tabindex="0" dir="ltr"><code>line 1\nline 2</code></pre>'
        "<blockquote><p>Quoted</p></blockquote>of a later version"
    )


def test_words_without_markup(chat):
    chat.gateway.say("One\ntwo *three*\n\nSee https://a.example/b?c=d.", rich=None)
    expect(chat.page.locator(".assistant p")).to_have_count(2)
    assert chat.texts() == ["One\ntwo *three*\n\nSee https://a.example/b?c=d."]
    link = chat.page.locator(".assistant a")
    expect(link).to_have_attribute("href", "https://a.example/b?c=d")
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")


def test_one_card(chat):
    chat.gateway.say("This one:", cards=[{**CARD, "image": None}])
    card = chat.page.locator(".card")
    assert card.locator("a").get_attribute("href") == f"{chat.page.url}products/ridge-2"
    expect(card).to_contain_text("EUR 249.00")
    expect(card.locator(".cover")).to_have_count(0)
    expect(chat.page.locator(".carousel")).to_have_count(0)
    card.get_by_role("button", name="Which colours?").click()
    chat.wait(lambda: len(chat.gateway.received("message")) == 1)
    sent = chat.gateway.received("message")[0]
    assert (sent["text"], sent["payload"]) == ("Which colours?", "/ask_colours")


def test_a_row_of_cards_is_leafed_through(chat):
    cards = [{**CARD, "title": f"Tent {number}"} for number in range(5)]
    cards[1]["image"] = "https://shop.example/gone.png"
    cards[2]["image"] = None
    chat.gateway.say("These:", cards=cards)
    row = chat.page.get_by_role("list", name="Products (5)")
    expect(row.get_by_role("listitem")).to_have_count(5)
    # All have the same room for a picture; a broken one leaves a plain tile.
    expect(row.locator(".cover")).to_have_count(5)
    expect(row.locator(".cover img")).to_have_count(3)
    previous = chat.page.get_by_role("button", name="Previous")
    following = chat.page.get_by_role("button", name="Next")
    expect(previous).to_have_attribute("aria-disabled", "true")
    left = "one => one.scrollLeft"
    assert row.evaluate(left) == 0
    following.press("Enter")
    chat.wait(lambda: row.evaluate(left) > 150)
    expect(following).to_be_focused()
    expect(previous).to_have_attribute("aria-disabled", "false")
    for _ in range(4):
        following.press("Enter")
        chat.page.wait_for_timeout(400)
    expect(following).to_have_attribute("aria-disabled", "true")
    expect(following).to_be_focused()
    # The keyboard alone gets into each card, and out of the row again.
    row.evaluate("one => one.scrollTo(0, 0)")
    row.focus()
    for number in range(5):
        chat.page.keyboard.press("Tab")
        expect(row.get_by_role("link", name=f"Tent {number}")).to_be_focused()
        chat.page.keyboard.press("Tab")
        expect(row.get_by_role("button").nth(number)).to_be_focused()
    chat.page.keyboard.press("Tab")
    expect(following).to_be_focused()


def test_a_row_of_cards_from_right_to_left(chat):
    chat.page.evaluate("document.documentElement.dir = 'rtl'")
    chat.page.locator(".log").evaluate("one => (one.dir = 'rtl')")
    chat.gateway.say("These:", cards=[CARD] * 4)
    row = chat.page.get_by_role("list", name="Products (4)")
    chat.page.get_by_role("button", name="Next").click()
    chat.wait(lambda: row.evaluate("one => one.scrollLeft") < -150)


def test_much_text_is_folded(chat):
    chat.gateway.say("Short.")
    chat.gateway.say("word " * 800 + "https://a.example/last")
    chat.send("line\n" * 40)
    expect(chat.page.locator(".folded")).to_have_count(2)
    bubble = chat.page.locator(".assistant .bubble").last
    button = bubble.get_by_role("button", name="Show all")
    expect(button).to_have_attribute("aria-expanded", "false")
    low = bubble.bounding_box()
    button.click()
    high = bubble.bounding_box()
    assert low
    assert high
    assert high["height"] > 2 * low["height"]
    bubble.get_by_role("button", name="Show less").click()
    expect(bubble.locator(".folded")).to_have_count(1)
    # A keyboard that comes to what is folded away sees it.
    bubble.get_by_role("link").focus()
    expect(bubble.locator(".folded")).to_have_count(0)


def test_what_an_answer_answers(chat):
    chat.send("Where is my order?")
    chat.wait(lambda: len(chat.gateway.talk.messages) == 1)
    chat.gateway.say("One moment.", reply_to=1)
    chat.gateway.say("I am looking.", reply_to=1)
    expect(chat.page.get_by_text("I am looking.")).to_be_visible()
    # What stands right behind the question need not repeat it.
    assert chat.page.get_by_role("button", name="In reply to").count() == 0
    for number in range(30):
        chat.gateway.say(f"Meanwhile {number}")
    expect(chat.page.get_by_text("Meanwhile 29")).to_be_in_viewport()
    chat.gateway.say("It is on its way.", reply_to=1)
    chat.gateway.say("Of something not known here", reply_to=99)
    quotation = chat.page.get_by_role("button", name="In reply to: Where is my order?")
    expect(quotation).to_have_count(1)
    expect(chat.page.get_by_text("Where is my order?").first).not_to_be_in_viewport()
    quotation.click()
    expect(chat.page.get_by_text("Where is my order?").first).to_be_in_viewport()


@pytest.mark.parametrize(
    ("words", "large"),
    [
        ("👍🏽", True),
        ("👩‍👩‍👧 🇳🇱 ❤️", True),
        ("👍 ok", False),
        ("1", False),
        ("😀" * 20, False),
    ],
)
def test_emoji_alone_are_large(chat, words, large):
    chat.send(words)
    assert chat.page.locator(".customer .emoji").count() == large
