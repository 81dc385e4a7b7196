"""A strict page has nothing to complain of, no style leaks in, and it all stays small."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from gateway.files import small_files
from gateway.widget.bundle import bundle

pytestmark = pytest.mark.e2e

STATIC = Path(__file__).resolve().parents[2] / "gateway" / "widget" / "static"
SIZE_LIMIT = 34_000


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
    files = small_files(STATIC, bundle)
    # All that a page loads; a further language takes the place of English.
    loaded = ("shopdesk.js", "style.css", "texts/en.json")
    sizes = {name: len(files[STATIC / name].zipped) for name in loaded}
    assert sum(sizes.values()) <= SIZE_LIMIT, sizes


def test_no_more_is_loaded_than_that(visit, gateway):
    context = visit.context()
    asked = []
    context.on("request", lambda request: asked.append(request.url))
    widget = visit(context=context)
    widget.open()
    expect(widget.status).to_have_attribute("data-state", "bot")
    files = {url.removeprefix(gateway.origin) for url in asked if url.startswith(gateway.origin)}
    assert files == {"/widget/shopdesk.js", "/widget/style.css", "/widget/texts/en.json"}
