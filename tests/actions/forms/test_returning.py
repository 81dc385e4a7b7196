"""Sending back and exchanging: which article, how many, what for, why, and what is refused."""

from dataclasses import replace
from typing import Any

import pytest

from actions.forms.returning import ReturnItem
from actions.phrasing import Phrases
from commerce.commerce import Proof, Return, ReturnRequest
from commerce.returns import ReturnPolicy

ADA = Proof(email="ada@example.com")
START = {
    "en": "I want to return something from LK-100002 ada@example.com",
    "zh": "我要退货，订单LK-100002，ada@example.com",
}


@pytest.fixture
def made(shop: Any, monkeypatch: Any) -> list[ReturnRequest]:
    """The returns that the shop was asked for."""
    asked: list[ReturnRequest] = []

    async def request(number: str, proof: Proof, wanted: ReturnRequest, *, key: str) -> Return:
        assert number == "LK-100002"
        assert key
        asked.append(wanted)
        return Return("R-1", approved=len(asked) % 2 == 1)

    monkeypatch.setattr(shop, "request_return", request)
    return asked


async def begun(chat: Any, page: str = "en", words: str = "") -> Any:
    talk = chat(page=page)
    await talk.say(words or START[page], "return_item")
    return talk


async def until_confirmed(talk: Any, *lines: str) -> Any:
    for line in lines:
        await talk.say(line, "inform")
    assert talk.slots["requested_slot"] == "confirm", talk.text
    return talk


@pytest.mark.parametrize(
    ("page", "named", "sku"),
    [
        ("en", "the boots", "LK-BOOT-001"),
        ("en", "the hikng boot", "LK-BOOT-001"),
        ("en", "vacuum flask", "LK-BOTL-001"),
        ("en", "Ember", "LK-BOTL-001"),
        ("en", "LK-BOTL-001", "LK-BOTL-001"),
        ("en", "the first one", "LK-BOOT-001"),
        ("en", "the second", "LK-BOTL-001"),
        ("zh", "保温壶", "LK-BOTL-001"),
        ("zh", "徒步靴", "LK-BOOT-001"),
        ("zh", "第二个", "LK-BOTL-001"),
    ],
)
async def test_an_article_is_known_by_its_name_a_part_of_it_or_its_place(
    chat: Any, page: str, named: str, sku: str
) -> None:
    talk = await begun(chat, page)
    assert talk.slots["requested_slot"] == "line"
    await talk.say(named)
    assert talk.slots["details"]["sku"] == sku


async def test_an_article_that_was_named_at_once_is_not_asked_for(chat: Any) -> None:
    talk = await begun(chat, words="the boots from LK-100002 are too small, ada@example.com")
    assert talk.slots["requested_slot"] == "kind"


@pytest.mark.parametrize("page", ["en", "zh"])
async def test_an_article_that_is_not_in_the_order_is_asked_for_again(
    chat: Any, phrases: Phrases, page: str
) -> None:
    talk = await begun(chat, page)
    kayak = "皮划艇" if page == "zh" else "the kayak"
    await talk.say(kayak)
    assert talk.text.startswith(phrases.say("not_understood", page))  # type: ignore[arg-type]
    await talk.say(kayak)
    assert talk.buttons[-1] == "/request_human"
    assert talk.form == "return_form"


@pytest.mark.parametrize(
    ("words", "quantity"), [("2", 2), ("both", 2), ("all of them", 2), ("just one", 1), ("1", 1)]
)
async def test_how_many_may_be_said_in_words(
    chat: Any, made: list[ReturnRequest], words: str, quantity: int
) -> None:
    talk = await begun(chat)
    await until_confirmed(talk, "the flask", words, "Money back", "it leaks")
    await talk.say("/affirm")
    assert made == [ReturnRequest("LK-BOTL-001", quantity, "refund", "it leaks")]


@pytest.mark.parametrize("words", ["3", "0", "a few"])
async def test_more_than_was_bought_is_asked_again(chat: Any, phrases: Phrases, words: str) -> None:
    talk = await begun(chat)
    await talk.say("the flask")
    await talk.say(words)
    assert talk.slots["requested_slot"] == "quantity"
    assert talk.text.startswith(phrases.say("not_understood", "en"))


@pytest.mark.parametrize("page", ["en", "zh"])
async def test_a_return_by_buttons_alone(
    chat: Any, made: list[ReturnRequest], phrases: Phrases, page: str
) -> None:
    talk = await begun(chat, page)
    await talk.say(talk.buttons[1])
    assert talk.buttons == ["1", "2"]
    await talk.say("2")
    await talk.say(phrases.say("button_refund", page))  # type: ignore[arg-type]
    await talk.say(phrases.say("reason_faulty", page))  # type: ignore[arg-type]
    assert talk.buttons == ["/affirm", "/deny"]
    await talk.say("/affirm")
    reason = phrases.say("reason_faulty", page)  # type: ignore[arg-type]
    assert made == [ReturnRequest("LK-BOTL-001", 2, "refund", reason)]
    assert "R-1" in talk.text
    assert talk.form is None


@pytest.mark.parametrize(
    ("page", "kind", "wanted", "reason"),
    [
        ("en", "exchange it please", "one size larger", "wrong size"),
        ("en", "I'd like to swap it", "another one", "the zip broke, this is ridiculous"),
        ("zh", "换货", "43码", "太小了，穿不进去"),
    ],
)
async def test_an_exchange_with_what_is_wanted_and_why(
    chat: Any, made: list[ReturnRequest], page: str, kind: str, wanted: str, reason: str
) -> None:
    talk = await begun(chat, page)
    boots = "靴" if page == "zh" else "the boots"
    await until_confirmed(talk, "徒步靴" if boots == "靴" else boots, kind, wanted, reason)
    assert wanted in talk.text
    assert reason in talk.text
    await talk.say("对" if page == "zh" else "yes", "affirm")
    assert made == [ReturnRequest("LK-BOOT-001", 1, "exchange", reason, wanted)]


async def test_not_an_exchange_is_the_money(chat: Any) -> None:
    for words in ("I don't want an exchange", "不换，退钱", "refund", "I want my money"):
        talk = await begun(chat)
        await talk.say("the boots")
        await talk.say(words)
        assert talk.slots["details"]["kind"] == "refund"


async def test_money_back_said_at_once_is_not_asked_for(chat: Any) -> None:
    talk = await begun(chat, words="LK-100002 ada@example.com money back for the boots")
    assert talk.slots["requested_slot"] == "reason"


@pytest.mark.parametrize(
    ("asked", "question"),
    [("kind", "how long does the refund take?"), ("quantity", "do I have 14 days?")],
)
async def test_a_question_is_no_answer_though_it_holds_one(
    chat: Any, asked: str, question: str
) -> None:
    talk = await begun(chat)
    await talk.say("the boots" if asked == "kind" else "the flask")
    assert talk.slots["requested_slot"] == asked
    await talk.say(question, "ask_returns")
    assert talk.slots["requested_slot"] == asked
    assert [reply["type"] for reply in talk.said] == ["answer", "message"]


async def test_a_question_between_the_articles_is_answered(chat: Any, answering: Any) -> None:
    answering.enqueue("who pays for the parcel?")
    talk = await begun(chat)
    await talk.say("who pays for the parcel?", "ask_returns")
    assert talk.said[0]["answered"] is True
    assert talk.slots["requested_slot"] == "line"


@pytest.mark.parametrize(("page", "no"), [("en", "that's wrong"), ("zh", "不对")])
async def test_thats_wrong_goes_one_answer_back_each_time(chat: Any, page: str, no: str) -> None:
    talk = await begun(chat, page)
    flask = "保温壶" if page == "zh" else "the flask"
    answers = (flask, "2", "换货" if page == "zh" else "exchange", "红色" * 2, "坏了" * 2)
    steps = ["line", "quantity", "kind", "wanted", "reason"]
    await until_confirmed(talk, *answers)
    for step in reversed(steps):
        await talk.say(no, "correct")
        assert talk.slots["requested_slot"] == step
    await talk.say(no, "correct")
    assert talk.slots["requested_slot"] == "number"


async def test_one_answer_put_right_keeps_the_others(chat: Any, made: list[ReturnRequest]) -> None:
    talk = await begun(chat)
    await until_confirmed(talk, "the flask", "2", "refund", "it leaks")
    await talk.say("wait, that's wrong", "correct")
    await talk.say("the lid is missing")
    await talk.say("yes", "affirm")
    assert made == [ReturnRequest("LK-BOTL-001", 2, "refund", "the lid is missing")]


async def test_a_return_that_is_looked_at_first_is_not_called_done(
    chat: Any, made: list[ReturnRequest], phrases: Phrases
) -> None:
    made.append(ReturnRequest("X", 1, "refund", "before"))
    talk = await begun(chat)
    await until_confirmed(talk, "the boots", "refund", "too small")
    await talk.say("yes", "affirm")
    assert talk.text == phrases.say(
        "return_noted", "en", returned="R-1", name="Scree Mid hiking boot"
    )


async def test_a_no_at_the_end_returns_nothing(chat: Any, made: list[ReturnRequest]) -> None:
    talk = await begun(chat)
    await until_confirmed(talk, "the boots", "refund", "too small")
    await talk.say("/deny")
    assert made == []
    assert talk.form is None


async def test_the_same_message_again_returns_once(chat: Any, shop: Any) -> None:
    talk = await begun(chat)
    await until_confirmed(talk, "the boots", "refund", "too small")
    slots = {**talk.slots, "details": dict(talk.slots["details"])}
    first = await talk.say("yes", "affirm", key="same")
    talk.slots, talk.form = slots, "return_form"
    again = await talk.say("yes", "affirm", key="same")
    assert first == again
    assert "R-" in first["text"]


@pytest.mark.parametrize("page", ["en", "zh"])
@pytest.mark.parametrize(
    ("changes", "policy", "phrase"),
    [
        ({}, ReturnPolicy(5), "no_return_too_late"),
        ({}, ReturnPolicy(60, excluded=("boots",)), "no_return_excluded"),
        ({}, ReturnPolicy(60, excluded=("lk-boot-001",)), "no_return_excluded"),
        (
            {"delivered": None, "shipped": None, "status": "packing"},
            ReturnPolicy(),
            "not_delivered",
        ),
        ({"status": "cancelled"}, ReturnPolicy(), "no_return_cancelled"),
        ({"status": "returned"}, ReturnPolicy(), "no_return_returned"),
    ],
)
async def test_what_the_policy_refuses_is_told_and_a_person_offered(
    chat: Any,
    actions: Any,
    shop: Any,
    phrases: Phrases,
    monkeypatch: Any,
    page: str,
    changes: dict[str, Any],
    policy: ReturnPolicy,
    phrase: str,
) -> None:
    order = replace(await shop.find_order("LK-100002", ADA), **changes)

    async def find(number: str, proof: Proof) -> Any:
        return order

    monkeypatch.setattr(shop, "find_order", find)
    skill = actions["validate_return_form"]._skill
    assert isinstance(skill, ReturnItem)
    monkeypatch.setattr(skill, "_policy", policy)
    talk = await begun(chat, page)
    await talk.say("徒步靴" if page == "zh" else "the boots")
    if not phrase.startswith("no_return"):
        phrase = f"no_return_{phrase}"
    name = order.lines[0].name.in_language(page)
    days = {"en": "9 February 2026", "zh": "2026年2月9日"}[page]
    assert talk.text == phrases.say(
        phrase,
        page,  # type: ignore[arg-type]
        number="LK-100002",
        name=name,
        until=days if policy.days == 5 else "",
        days=policy.days,
    )
    assert talk.buttons == ["/request_human"]
    assert talk.form is None
    reply = await talk.say("/request_human")
    assert reply["reason"] == "policy"


async def test_an_order_without_articles_goes_to_a_person(
    chat: Any, shop: Any, monkeypatch: Any
) -> None:
    order = replace(await shop.find_order("LK-100002", ADA), lines=())

    async def find(number: str, proof: Proof) -> Any:
        return order

    monkeypatch.setattr(shop, "find_order", find)
    talk = await begun(chat)
    assert talk.said[-1]["type"] == "handoff"
