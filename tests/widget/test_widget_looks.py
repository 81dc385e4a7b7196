"""How the widget looks: pictures for people, and what can be measured on them."""

from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tests.widget.stand_in import DEMO_SHOP

pytestmark = pytest.mark.e2e

SOURCES = {
    "en": [
        {
            "id": "en/faq/shipping#delivery-time",
            "title": "How long does delivery take?",
            "url": "/help/shipping",
            "quote": "Netherlands, Belgium, Germany: 2-4 working days. Rest of the EU: 3-6.",
        },
        {
            "id": "en/policies/shipping#costs",
            "title": "Shipping policy: costs",
            "url": "/help/shipping",
            "quote": "EUR 4.95 within the EU, free from EUR 60.",
        },
    ],
    "zh": [
        {
            "id": "zh/faq/shipping#delivery-time",
            "title": "配送需要多长时间？",
            "url": "/help/shipping",
            "quote": "荷兰、比利时和德国：2–4 个工作日。欧盟其他国家：3–6 个工作日。",
        },
        {
            "id": "zh/policies/shipping#costs",
            "title": "配送政策：运费",
            "url": "/help/shipping",
            "quote": "欧盟境内运费 4.95 欧元，满 60 欧元免运费。",
        },
    ],
}
TALK: dict[str, dict[str, Any]] = {
    "en": {
        "question": "How long does a tent take to Germany, and what is the postage?",
        "answer": {
            "text": "Standard delivery to Germany takes **2-4 working days**.\n\n"
            "- Postage is EUR 4.95\n- Free from EUR 60",
            "sources": SOURCES["en"],
            "rateable": True,
            "quick_replies": [
                {"title": "And express?", "payload": "/ask_express"},
                {"title": "Talk to a person", "payload": "/request_human"},
            ],
        },
    },
    "zh": {
        "question": "帐篷寄到德国要几天？运费多少？",
        "answer": {
            "language": "zh",
            "text": "寄往德国的标准配送需要 **2–4 个工作日**。\n\n"
            "- 运费 4.95 欧元\n- 满 60 欧元免运费",
            "sources": SOURCES["zh"],
            "rateable": True,
            "quick_replies": [
                {"title": "可以加急吗？", "payload": "/ask_express"},
                {"title": "转人工客服", "payload": "/request_human"},
            ],
        },
    },
}
SIZES = {
    "desktop": {"viewport": {"width": 1280, "height": 800}},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "device_scale_factor": 2,
        "has_touch": True,
        "is_mobile": True,
    },
}


PRODUCTS = {
    "en": (
        "This pole broke. Is there a tent for two, and a lantern?",
        "These two, both in stock:",
        ("tent", "Ridge 2 trekking tent", "EUR 249.00", "Which colours?"),
        ("lantern", "Ember lantern", "EUR 179.00", "Which colours?"),
    ),
    "zh": (
        "支杆断了。有双人帐篷和营灯吗？",
        "这两款，都有现货：",
        ("tent", "山脊 2 徒步帐篷", "249.00 欧元", "有哪些颜色？"),
        ("lantern", "余烬营灯", "179.00 欧元", "有哪些颜色？"),
    ),
}


def show_products_and_files(widget: Any, language: str) -> None:
    widget.page.context.route(
        "**/art/*.svg",
        lambda route: route.fulfill(path=DEMO_SHOP / "art" / route.request.url.rpartition("/")[2]),
    )
    question, answer, *products = PRODUCTS[language]
    picture = {"id": "a", "name": "IMG_2044.jpg", "media_type": "image/jpeg", "size": 1_340_000}
    bill = {"id": "b", "name": "receipt.pdf", "media_type": "application/pdf", "size": 84_000}
    files = [
        {**picture, "url": "/art/hero.svg", "width": 640, "height": 400},
        {**bill, "url": "/receipt.pdf", "width": None, "height": None},
    ]
    widget.gateway.say(question, author="customer", files=files, language=language)
    widget.gateway.say(
        answer,
        language=language,
        rateable=True,
        cards=[
            {
                "title": title,
                "subtitle": price,
                "image": f"/art/{art}.svg",
                "url": "/",
                "quick_replies": [{"title": reply, "payload": "/ask"}],
            }
            for art, title, price, reply in products
        ],
    )
    widget.page.locator(".card").nth(1).wait_for()
    widget.page.wait_for_timeout(600)


@pytest.mark.parametrize(
    ("size", "scheme", "language"), list(product(SIZES, ("light", "dark"), TALK))
)
def test_pictures(visit, gateway, artefacts, size, scheme, language):
    talk = TALK[language]
    gateway.answers.append(talk["answer"])
    widget = visit(language=language, color_scheme=scheme, **SIZES[size])
    name = f"{size}-{scheme}-{language}"
    widget.open()
    widget.page.wait_for_timeout(400)
    widget.page.screenshot(path=artefacts / f"{name}-1-open.png")
    widget.send(talk["question"])
    widget.page.locator(".assistant .sources summary").click()
    widget.page.wait_for_timeout(600)
    widget.page.screenshot(path=artefacts / f"{name}-2-answer.png")
    show_products_and_files(widget, language)
    widget.page.screenshot(path=artefacts / f"{name}-3-products.png")
    panel = widget.panel.bounding_box()
    viewport = SIZES[size]["viewport"]
    assert panel
    if size == "phone":
        assert (panel["width"], panel["height"]) == (viewport["width"], viewport["height"])
        assert not widget.launcher.is_visible()
    else:
        assert panel["x"] + panel["width"] <= viewport["width"]
        assert panel["y"] >= 0
        assert widget.launcher.is_visible()


CONTRASTS = (Path(__file__).parent / "contrast.js").read_text("utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_and_the_rarer_sights(visit, gateway, artefacts, scheme):
    gateway.answers.extend([TALK["en"]["answer"], {"text": "One more.", "rateable": True}])
    widget = visit(color_scheme=scheme)
    widget.open()
    widget.send("Hello")
    widget.page.locator(".sources summary").click()
    gateway.say("Mila joined the chat.", author="system")
    gateway.say(
        "Hello, this is Mila.",
        author="agent",
        quick_replies=[{"title": "Thanks", "payload": "/thank"}],
    )
    widget.page.get_by_role("button", name="Not helpful").first.click()
    widget.page.get_by_role("button", name="No comment").click()
    widget.page.get_by_role("button", name="Helpful", exact=True).first.click()
    gateway.refuse_with = {"code": "message_too_long", "text": "too long"}
    widget.send("This one is refused")
    widget.page.get_by_text("Not sent").wait_for()
    gateway.stop()
    widget.page.get_by_text("Connection lost.").wait_for()
    widget.send("And this one waits")
    widget.input.fill("x" * 4001)
    widget.page.wait_for_timeout(500)
    widget.page.screenshot(path=artefacts / f"states-{scheme}.png")
    found = widget.page.locator("shopdesk-chat").evaluate(CONTRASTS)
    assert len(found) > 20
    low = {
        name: round(ratio, 2)
        for name, ratio in found.items()
        if ratio < (4.5 if name.startswith("text") else 3.0)
    }
    assert low == {}


def test_without_motion_where_none_is_wanted(visit, gateway):
    widget = visit(reduced_motion="reduce")
    widget.open()
    widget.send("Hi")
    moving = widget.page.locator("shopdesk-chat").evaluate(
        """({ shadowRoot }) => [...shadowRoot.querySelectorAll("*")].filter((one) => {
          const { animationName, transitionDuration } = getComputedStyle(one);
          return animationName !== "none" || transitionDuration !== "0s";
        }).length"""
    )
    assert moving == 0


def test_right_to_left(visit, gateway, artefacts):
    gateway.answers.append(
        {
            "text": "التوصيل خلال 2-4 أيام عمل.\n\n- أولا\n- Second",
            "language": "ar",
            "rateable": True,
        }
    )
    html = """<!doctype html><html lang="ar" dir="rtl">
    <head><meta charset="utf-8"><title>{shop}</title></head>
    <body><script type="module" src="{gateway}/widget/shopdesk.js"></script></body></html>"""
    widget = visit(html=html)
    widget.open()
    widget.send("متى يصل الطلب؟")
    widget.page.locator(".assistant").wait_for()
    widget.page.wait_for_timeout(400)
    widget.page.screenshot(path=artefacts / "rtl.png")
    panel = widget.panel.bounding_box()
    assert panel
    assert panel["x"] < 100, "the corner at the end of the line, which is the left one here"
    direction = "bubble => getComputedStyle(bubble).direction"
    assert widget.page.locator(".assistant .bubble").evaluate(direction) == "rtl"


def test_themed_by_custom_properties(visit):
    html = """<!doctype html><html lang="{language}"><head><title>{shop}</title><style>
    shopdesk-chat {{ --shopdesk-accent: #7a1f5c; --shopdesk-radius: 0px; }}</style></head><body>
    <shopdesk-chat scheme="light"></shopdesk-chat>
    <script type="module" src="{gateway}/widget/shopdesk.js"></script></body></html>"""
    widget = visit(html=html, color_scheme="dark")
    widget.open()
    style = (
        "one => { const s = getComputedStyle(one); return [s.backgroundColor, s.borderRadius]; }"
    )
    assert widget.launcher.evaluate(style)[0] == "rgb(122, 31, 92)"
    assert widget.panel.evaluate(style) == ["rgb(255, 255, 255)", "0px"]
