"""Cards in the assistant's replies; and which addresses reach a customer."""

import json
from typing import Any

import pytest

from gateway.errors import AssistantError
from gateway.replies import parse_replies
from gateway.texts import Language
from store.records import Card, QuickReply

ANSWER = {
    "type": "answer",
    "text": "x",
    "language": "en",
    "answered": True,
    "reason": None,
    "writer": "extractive",
    "confidence": 0.8,
    "latency_ms": 1.0,
    "question": "q",
    "sources": [],
    "passages": [],
}


def parse(**changes: Any) -> Any:
    def the_default(_: str, default: Language) -> Language:
        return default

    body = json.dumps([{"recipient_id": "x", "custom": {**ANSWER, **changes}}]).encode()
    (reply,) = parse_replies(body, language="en", detect_language=the_default)
    return reply.message


def test_cards_are_read() -> None:
    cards = [
        {
            "title": "Heron 2 tent",
            "subtitle": "EUR 279.00",
            "image": "https://shop.example/heron.jpg",
            "url": "/shop/heron-2-tent",
            "quick_replies": [{"title": "Is it in stock?", "payload": "Is it in stock?"}],
        },
        {"title": "Heron 3 tent"},
    ]
    assert parse(cards=cards).cards == (
        Card(
            "Heron 2 tent",
            "EUR 279.00",
            "https://shop.example/heron.jpg",
            "/shop/heron-2-tent",
            (QuickReply("Is it in stock?", "Is it in stock?"),),
        ),
        Card("Heron 3 tent"),
    )


def test_an_action_of_before_has_none() -> None:
    assert parse().cards == ()


@pytest.mark.parametrize(
    "cards", [[{}], [{"title": ""}], [{"title": "x" * 501}], [{"title": "x"}] * 11, "x", None]
)
def test_cards_that_do_not_fit_are_refused(cards: Any) -> None:
    with pytest.raises(AssistantError, match="does not fit"):
        parse(cards=cards)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://shop.example/a?b=c#d", True),
        ("http://shop.example", True),
        ("/shop/heron", True),
        ("javascript:alert(1)", False),
        ("JavaScript:alert(1)", False),
        (" javascript:alert(1)", False),
        ("java\nscript:alert(1)", False),
        ("data:text/html,x", False),
        ("//evil.example", False),
        ("/\\evil.example", False),
        ("\\\\evil.example", False),
        ("/\t/evil.example", False),
        ("/\t\\evil.example", False),
        ("https:\\\\evil.example", False),
        ("https:/evil.example", False),
        ("shop/heron", False),
        ("", False),
        (None, False),
    ],
)
def test_only_pages_are_linked(url: str | None, kept: bool) -> None:
    expected = url if kept else None
    source = {"id": "x", "title": "t", "url": url, "quote": "q"}
    message = parse(cards=[{"title": "x", "url": url, "image": url}], sources=[source])
    assert (message.cards[0].url, message.cards[0].image) == (expected, expected)
    assert message.sources[0].url == expected


def test_what_is_no_answer_may_have_buttons_and_cards() -> None:
    """A form's question, a status: said, without the record of an answer."""
    message = parse(
        type="message",
        text="Shall I cancel it?",
        language="zh",
        quick_replies=[{"title": "Yes", "payload": "/affirm"}],
        cards=[{"title": "Heron 2 tent", "url": "javascript:alert(1)"}],
    )
    assert (message.text, message.language) == ("Shall I cancel it?", "zh")
    assert message.quick_replies == (QuickReply("Yes", "/affirm"),)
    assert message.cards == (Card("Heron 2 tent", None, None, None, ()),)
    assert message.answer is None
    assert message.sources == ()
