"""What is written is shown and never run; a strict page has no complaint; it all stays small."""

import gzip
from pathlib import Path

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e

STATIC = Path(__file__).resolve().parents[2] / "gateway" / "widget" / "static"
SIZE_LIMIT = 25_000

ATTACKS = [
    "<script>ran()</script>",
    "<img src=x onerror=ran()>",
    '"><svg onload=ran()>',
    "<iframe srcdoc='<script>parent.ran()</script>'></iframe>",
    "[click](javascript:ran())",
    "[click](JaVaScRiPt:ran())",
    "[click](data:text/html,<script>ran()</script>)",
    "[click](vbscript:ran())",
    "[<img src=x onerror=ran()>](https://example.com)",
    '**<b onmouseover="ran()">bold</b>**',
    "- <img src=x onerror=ran()>",
    'https://example.com/"onmouseover="ran()',
    "{{constructor.constructor('ran()')()}}",
    "</textarea><script>ran()</script>",
    "<shopdesk-chat onclick=ran()>",
    "‮<script>ran()</script>",
]


def test_what_is_written_is_shown_and_not_run(visit, gateway):
    widget = visit()
    widget.page.evaluate("window.runs = 0; window.ran = () => (window.runs += 1); null")
    widget.open()
    widget.wait(lambda: len(gateway.talks) == 1)
    for attack in ATTACKS:
        gateway.say(
            attack,
            language=attack,
            rateable=True,
            sources=[{"id": attack, "title": attack, "url": attack, "quote": attack}],
            quick_replies=[{"title": attack, "payload": attack}],
        )
        gateway.say(attack, author="system")
    expect(widget.messages).to_have_count(2 * len(ATTACKS))
    for attack in ATTACKS:
        widget.input.fill(attack)
        widget.input.press("Enter")
    expect(widget.messages).to_have_count(3 * len(ATTACKS))
    assert widget.page.locator(".customer .text").all_text_contents() == ATTACKS
    for summary in widget.page.locator(".sources summary").all():
        summary.click()
    root = widget.page.locator("shopdesk-chat")
    found = root.evaluate(
        """({ shadowRoot }) => ({
          strange: shadowRoot.querySelectorAll(
            "script, img, iframe, b, shopdesk-chat, .bubble svg:not(.icon)").length,
          handlers: [...shadowRoot.querySelectorAll("*")].flatMap((one) =>
            one.getAttributeNames().filter((name) => name.startsWith("on"))),
          schemes: [...new Set([...shadowRoot.querySelectorAll("a")].map((one) => one.protocol))],
        })"""
    )
    assert found["strange"] == 0
    assert found["handlers"] == []
    assert set(found["schemes"]) <= {"http:", "https:"}
    # Every link followed: each opens a page of its own, and none runs anything here.
    root.evaluate(
        """({ shadowRoot }) => shadowRoot.querySelectorAll("a").forEach((one) => {
          one.addEventListener("click", (event) => event.preventDefault());
          one.click();
        })"""
    )
    assert widget.page.evaluate("runs") == 0
    titles = widget.page.locator(".sources li > :first-child").all_text_contents()
    assert [title.removesuffix(" (opens in a new tab)") for title in titles] == ATTACKS


def test_a_page_with_a_strict_policy_has_nothing_to_complain_of(visit, gateway):
    gateway.answers.append(
        {
            "text": "**Yes**, see https://larkfield.example",
            "rateable": True,
            "sources": [{"id": "a", "title": "A page", "url": "/help/a", "quote": "Words"}],
        }
    )
    socket = gateway.origin.replace("http", "ws")
    policy = "; ".join(
        [
            "default-src 'none'",
            f"script-src {gateway.origin}",
            f"connect-src {gateway.origin} {socket}",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ]
    )
    # The browser reports each violation as a console error, and `visit` fails the test for any.
    widget = visit(headers={"Content-Security-Policy": policy})
    widget.open()
    widget.input.type("Is it\n")
    widget.page.locator(".sources summary").click()
    widget.page.get_by_role("button", name="Not helpful").click()
    widget.page.get_by_label("Sorry about that").fill("No")
    widget.page.get_by_role("button", name="Send comment").click()
    expect(widget.page.get_by_text("Thank you for your feedback.")).to_be_visible()
    # Its own looks came along: the panel is where it belongs, in its own colours.
    assert widget.panel.evaluate("panel => getComputedStyle(panel).position") == "fixed"


def test_the_pages_own_styles_do_not_reach_in(visit):
    html = """<!doctype html><html lang="{language}"><head><title>{shop}</title><style>
    * {{ color: red; font-size: 40px; }} button {{ display: none; }} div {{ float: left; }}
    </style></head><body>
    <script type="module" src="{gateway}/widget/shopdesk.js"></script></body></html>"""
    widget = visit(html=html)
    widget.open()
    assert widget.input.evaluate("input => getComputedStyle(input).fontSize") == "15px"
    expect(widget.page.locator(".send")).to_be_visible()


def test_small_enough():
    sizes = {
        path.relative_to(STATIC).as_posix(): len(gzip.compress(path.read_bytes(), 9))
        for path in STATIC.rglob("*")
        if path.is_file()
    }
    assert sum(sizes.values()) <= SIZE_LIMIT, sizes
