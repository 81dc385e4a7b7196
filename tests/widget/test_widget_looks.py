"""How the widget looks: pictures for people, and what can be measured on them."""

from itertools import product
from typing import Any

import pytest

pytestmark = pytest.mark.e2e

SOURCES = {
    "en": [
        {
            "id": "en/faq/shipping#delivery-time",
            "title": "How long does delivery take?",
            "url": "/help/shipping",
            "quote": "Netherlands, Belgium and Germany: 2-4 working days. Rest of the EU: 3-6 working days.",
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
            "text": "寄往德国的标准配送需要 **2–4 个工作日**。\n\n- 运费 4.95 欧元\n- 满 60 欧元免运费",
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


@pytest.mark.parametrize(("size", "scheme", "language"), list(product(SIZES, ("light", "dark"), TALK)))
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
