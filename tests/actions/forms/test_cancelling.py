"""Cancelling: only a clear yes does it."""

from typing import Any

import pytest

from actions.phrasing import Phrases
from commerce.commerce import Proof
from commerce.errors import NotPossibleError

ADA = Proof(email="ada@example.com")


async def asked(chat: Any, page: str = "en") -> Any:
    talk = chat(page=page)
    await talk.say(
        "cancel LK-100001, ada@example.com"
        if page == "en"
        else "取消订单LK-100001 ada@example.com",
        "cancel_order",
    )
    assert talk.slots["requested_slot"] == "confirm"
    return talk


async def status(shop: Any) -> str:
    order = await shop.find_order("LK-100001", ADA)
    return str(order.status)


@pytest.mark.parametrize(
    ("page", "words", "intent"),
    [
        ("en", "yes, cancel it", "cancel_order"),
        ("en", "please go ahead and cancel the order", "cancel_order"),
        ("en", "yes", "affirm"),
        ("en", "cancel it", "cancel_order"),
        ("zh", "是的，取消订单", "cancel_order"),
        ("zh", "确定取消", "cancel_order"),
        ("zh", "对", "affirm"),
    ],
)
async def test_a_clear_yes_cancels(
    chat: Any, shop: Any, page: str, words: str, intent: str
) -> None:
    talk = await asked(chat, page)
    await talk.say(words, intent)
    assert await status(shop) == "cancelled"
    assert talk.form is None


@pytest.mark.parametrize(
    ("page", "words", "intent"),
    [
        ("en", "no", "deny"),
        ("en", "don't cancel it", "cancel_order"),
        ("en", "please do not cancel the order", "cancel_order"),
        ("en", "keep it", "inform"),
        ("en", "never mind", "stop"),
        ("en", "cancel only the tent", "cancel_order"),
        ("en", "cancel", "cancel_order"),
        ("en", "cancel", "stop"),
        ("en", "can I still cancel it later?", "cancel_order"),
        ("en", "yes", "nlu_fallback"),
        ("en", "thanks", "thank"),
        ("en", "cancel my other order", "cancel_order"),
        ("zh", "不要取消", "cancel_order"),
        ("zh", "先别取消", "cancel_order"),
        ("zh", "取消", "cancel_order"),
        ("zh", "算了", "stop"),
    ],
)
async def test_anything_less_cancels_nothing(
    chat: Any, shop: Any, page: str, words: str, intent: str
) -> None:
    talk = await asked(chat, page)
    await talk.say(words, intent)
    assert await status(shop) == "received"


@pytest.mark.parametrize(("page", "words"), [("en", "cancel"), ("zh", "取消")])
async def test_the_word_alone_is_asked_back_with_both_answers_as_buttons(
    chat: Any, page: str, words: str, shop: Any
) -> None:
    talk = await asked(chat, page)
    await talk.say(words, "cancel_order")
    assert talk.form == "cancel_order_form"
    assert talk.buttons == ["/affirm", "/deny"]
    await talk.say("/affirm")
    assert await status(shop) == "cancelled"


async def test_yes_before_anything_was_proved_confirms_nothing(chat: Any, shop: Any) -> None:
    talk = chat()
    await talk.say("cancel LK-100001", "cancel_order")
    await talk.say("/affirm")
    await talk.say("ada@example.com")
    assert talk.slots["requested_slot"] == "confirm"
    assert await status(shop) == "received"


async def test_a_correction_at_the_last_question_asks_for_the_other_order(
    chat: Any, phrases: Phrases
) -> None:
    for words, intent in (("no, the other order", "deny"), ("that's the wrong order", "correct")):
        talk = await asked(chat)
        await talk.say(words, intent)
        assert talk.text.endswith(phrases.say("ask_number", "en"))


@pytest.mark.parametrize("reason", ["already", "too_late", "refused"])
async def test_what_the_shop_refuses_is_told_and_a_person_offered(
    chat: Any, actions_of: Any, shop: Any, phrases: Phrases, reason: str, monkeypatch: Any
) -> None:
    async def refuse(*_: Any, **__: Any) -> None:
        raise NotPossibleError(reason)  # type: ignore[arg-type]

    monkeypatch.setattr(shop, "cancel_order", refuse)
    talk = await asked(chat)
    await talk.say("yes", "affirm")
    assert talk.text == phrases.say(f"not_possible_{reason}", "en")
    assert talk.slots["offer_reason"] == "unsupported_request"
    reply = await talk.say("yes please", "affirm")
    assert (reply["type"], reply["reason"]) == ("handoff", "unsupported_request")


@pytest.mark.parametrize(
    ("number", "phrase", "buttons"),
    [
        ("LK-100002", "too_late_to_cancel_delivered", ["/return_item", "/request_human"]),
        ("LK-100003", "too_late_to_cancel_shipped", ["/return_item", "/request_human"]),
        ("LK-100004", "too_late_to_cancel_packing", ["/request_human"]),
    ],
)
async def test_where_it_is_too_late_only_what_can_be_done_is_offered(
    chat: Any, phrases: Phrases, number: str, phrase: str, buttons: list[str]
) -> None:
    talk = chat()
    mail = "ada@example.com" if number == "LK-100002" else "bob@example.org"
    await talk.say(f"cancel {number}, {mail}", "cancel_order")
    assert talk.text == phrases.say(phrase, "en", number=number)
    assert talk.buttons == buttons


async def test_what_is_cancelled_is_told_to_be(chat: Any, phrases: Phrases) -> None:
    talk = await asked(chat)
    await talk.say("yes", "affirm")
    await talk.say("cancel my order", "cancel_order")
    assert talk.text == phrases.say("already_cancelled", "en", number="LK-100001")


@pytest.mark.parametrize("page", ["en", "zh"])
async def test_a_question_about_the_rule_is_answered_with_a_button_that_does_it(
    chat: Any, answering: Any, page: str
) -> None:
    words = "can I still cancel?" if page == "en" else "还能取消吗？"
    answering.enqueue(words)
    talk = chat(page=page)
    await talk.say(words, "cancel_order")
    assert talk.said[-1]["type"] == "answer"
    assert talk.buttons == ["/cancel_order"]
    assert talk.form is None
    await talk.say("/cancel_order")
    assert talk.slots["requested_slot"] == "number"


async def test_one_question_is_not_taken_for_a_yes_of_the_one_before(chat: Any, shop: Any) -> None:
    talk = await asked(chat)
    await talk.say("how long does a refund take?", "ask_returns")
    assert talk.slots["requested_slot"] == "confirm"
    assert talk.buttons == ["/affirm", "/deny"]
    assert await status(shop) == "received"
