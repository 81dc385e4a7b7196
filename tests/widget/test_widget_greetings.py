"""The greeting beside the launcher: where the shop wants it, and never in the way."""

import json

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e

TEXT = {"en": "Looking for a tent?", "zh": "在挑帐篷吗？"}
PAGE = """<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{shop}</title>
<script type="application/json" id="shopdesk-config">%s</script></head>
<body><main><h1>{shop}</h1><input id="search"></main>
<script type="module" src="{gateway}/widget/shopdesk.js"></script></body></html>"""


def greeting(**rule):
    rules = {"greetings": [{"match": "/*", "after": 0, "text": TEXT, **rule}]}
    return PAGE % json.dumps(rules).replace("{", "{{").replace("}", "}}")


@pytest.fixture
def teaser(visit):
    """Goes to a page with a greeting, and returns the widget and where the greeting stands."""

    def go(**options):
        rule = options.pop("rule", {})
        widget = visit(html=greeting(**rule), **options)
        return widget, widget.page.locator(".teaser")

    return go


def test_it_opens_the_chat_and_is_its_first_line(teaser, gateway):
    widget, shown = teaser()
    widget.page.locator("#search").focus()
    expect(shown).to_be_visible()
    expect(widget.page.locator("#search")).to_be_focused()  # it takes nobody's place
    expect(widget.page.get_by_role("status").filter(has_text="Looking")).to_be_attached()
    assert gateway.hellos == []
    shown.get_by_role("button", name="Looking for a tent?").click()
    expect(widget.panel).to_be_visible()
    expect(shown).to_be_hidden()
    expect(widget.messages).to_have_count(1)
    assert widget.texts() == ["Looking for a tent?"]
    expect(widget.page.locator(".message.assistant")).to_be_visible()
    # The customer still has the questions to begin with; the gateway knows nothing of the greeting.
    expect(widget.page.locator(".suggestions button").first).to_be_visible()
    gateway.answers.append({"text": "The Heron 2, then."})
    widget.send("Yes, for two")
    expect(widget.messages).to_have_count(3)
    assert widget.texts() == ["Looking for a tent?", "Yes, for two", "The Heron 2, then."]
    widget.page.reload()
    expect(widget.messages).to_have_count(3)
    assert len(gateway.talk.messages) == 2


def test_the_launcher_opens_the_same_chat(teaser):
    widget, shown = teaser()
    expect(shown).to_be_visible()
    widget.open()
    expect(shown).to_be_hidden()
    assert widget.texts() == ["Looking for a tent?"]


def test_dismissed_is_dismissed(teaser):
    widget, shown = teaser()
    widget.page.evaluate(
        "window.heard = []; shopdesk.on('greeting', (detail) => heard.push(detail)); null"
    )
    widget.page.get_by_role("button", name="Close this message").click()
    expect(shown).to_be_hidden()
    expect(widget.launcher).to_be_focused()
    assert widget.page.evaluate("heard")[-1] == {"match": "/*", "action": "dismissed"}
    widget.page.evaluate(
        "shopdesk.configure({ greetings: [{ match: '/*', after: 0, text: 'Another' }] })"
    )
    widget.page.wait_for_timeout(300)
    expect(shown).to_be_hidden()
    widget.page.reload()
    widget.page.wait_for_timeout(500)
    expect(shown).to_be_hidden()
    widget.open()
    expect(widget.messages).to_have_count(0)


def test_not_into_an_open_chat_nor_a_begun_one(teaser, gateway):
    widget, shown = teaser(rule={"after": 1})
    widget.open()
    widget.page.wait_for_timeout(1_500)
    widget.send("Hello")
    expect(widget.page.locator(".customer .delivery")).to_have_text("Sent")
    widget.page.evaluate("shopdesk.close()")
    widget.page.reload()
    widget.page.wait_for_timeout(1_800)
    expect(shown).to_be_hidden()
    assert widget.page.locator(".message.assistant").count() == 0


@pytest.mark.parametrize(("once", "again"), [("visit", True), ("ever", False)])
def test_once_a_visit_or_once_for_ever(visit, gateway, once, again):
    context = visit.context()
    first = visit(context=context, html=greeting(once=once))
    expect(first.page.locator(".teaser")).to_be_visible()
    first.page.evaluate(
        "sessionStorage.removeItem(Object.keys(sessionStorage).find("
        "(key) => key.endsWith(' greeting')))"
    )
    first.page.reload()
    first.page.wait_for_timeout(400)
    expect(first.page.locator(".teaser")).to_be_hidden()
    later = visit(context=context, html=greeting(once=once))
    later.page.wait_for_timeout(400)
    assert later.page.locator(".teaser").is_visible() is again


def test_a_shop_that_changes_its_pages_without_loading_them(teaser):
    widget, shown = teaser(rule={"match": "/tents*"})
    widget.page.wait_for_timeout(300)
    expect(shown).to_be_hidden()
    widget.page.evaluate("history.pushState({}, '', '/tents/heron-2')")
    expect(shown).to_be_visible()


def test_in_the_pages_language(teaser):
    widget, _ = teaser(language="zh", locale="zh-CN")
    expect(widget.page.get_by_role("button", name="在挑帐篷吗？")).to_be_visible()
    expect(widget.page.get_by_role("button", name="关闭此消息")).to_be_visible()


def test_a_new_chat_begins_without_it(teaser, gateway):
    widget, shown = teaser()
    shown.get_by_role("button", name="Looking").click()
    widget.send("Hello")
    expect(widget.messages).to_have_count(2)
    gateway.set_status("closed")
    widget.page.get_by_role("button", name="Start a new chat").click()
    expect(widget.messages).to_have_count(0)


def test_patterns(visit, gateway):
    widget = visit()
    cases = [
        ("/*", "/", True),
        ("/tents*", "/tents/heron-2", True),
        ("/tents*", "/en/tents", False),
        ("/*/tents", "/en/tents", True),
        ("/a.b", "/axb", False),
        ("/a.b", "/a.b", True),
        ("/(x)[1]+$", "/(x)[1]+$", True),
        ("/tents", "/tents/", False),
    ]
    found = widget.page.evaluate(
        """async ([url, cases]) => {
          const { fits } = await import(url);
          return cases.map(([pattern, path]) => fits(pattern, path));
        }""",
        [f"{gateway.origin}/widget/greetings.js", cases],
    )
    assert found == [expected for *_, expected in cases]
