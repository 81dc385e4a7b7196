"""What is the same in every form: left, taken back, interrupted, changed, given up, and failing."""

from typing import Any

import pytest

from actions.phrasing import Phrases
from commerce.commerce import Proof
from commerce.errors import NotSupportedError, OutcomeUnknownError, ShopUnavailableError

ADA = Proof(email="ada@example.com")
SIGNED_IN = {"id": "7", "email": "ada@example.com"}
ONE_ORDER = {"id": "9", "email": "cem@example.net"}

# Each skill's every question: what leads to it, step by step.
PATHS: dict[str, tuple[tuple[str, str], ...]] = {
    "order_status_form": (("my order", "track_order"), ("LK-100002", "inform")),
    "cancel_order_form": (
        ("cancel", "cancel_order"),
        ("LK-100001", "inform"),
        ("ada@example.com", "inform"),
    ),
    "change_address_form": (
        ("another address", "change_address"),
        ("LK-100001", "inform"),
        ("3011 WN", "inform"),
        ("Hoogstraat 50", "inform"),
        ("3012 BR", "inform"),
        ("Rotterdam", "inform"),
    ),
    "return_form": (
        ("send back", "return_item"),
        ("LK-100002", "inform"),
        ("ada@example.com", "inform"),
        ("the flask", "inform"),
        ("1", "inform"),
        ("exchange", "inform"),
        ("a red one", "inform"),
        ("it leaks", "inform"),
    ),
    "product_form": (("a tent", "find_product"),),
}
STEPS = [(form, count) for form, path in PATHS.items() for count in range(1, len(path) + 1)]


async def at(chat: Any, form: str, count: int, page: str = "en", **how: Any) -> Any:
    talk = chat(page=page, **how)
    for text, intent in PATHS[form][:count]:
        await talk.say(text, intent)
    assert talk.form == form
    assert talk.slots["requested_slot"]
    return talk


@pytest.mark.parametrize(("form", "count"), STEPS)
@pytest.mark.parametrize(
    ("words", "intent"),
    [("never mind", "stop"), ("forget it", "nlu_fallback"), ("算了", "stop"), ("不用了", "deny")],
)
async def test_every_question_of_every_form_can_be_left(
    chat: Any, shop: Any, phrases: Phrases, form: str, count: int, words: str, intent: str
) -> None:
    talk = await at(chat, form, count)
    await talk.say(words, intent)
    page = "en" if words.isascii() else "zh"
    assert talk.text == phrases.say("stopped", page)  # type: ignore[arg-type]
    assert talk.form is None
    order = await shop.find_order("LK-100001", ADA)
    assert (order.status, order.postcode) == ("received", "3011 WN")


@pytest.mark.parametrize(("form", "count"), STEPS)
async def test_at_every_question_a_person_can_be_asked_for(
    chat: Any, form: str, count: int
) -> None:
    for words in ("can I talk to a person?", "/request_human", "转人工"):
        talk = await at(chat, form, count)
        reply = await talk.say(words, "request_human")
        assert (reply["type"], reply["reason"]) == ("handoff", "customer_request")
        assert talk.form is None


@pytest.mark.parametrize(("form", "count"), STEPS)
async def test_at_every_question_another_one_is_answered_and_the_form_goes_on(
    chat: Any, answering: Any, phrases: Phrases, form: str, count: int
) -> None:
    question = "How long does delivery take?"
    answering.enqueue(question)
    talk = await at(chat, form, count)
    asked, before = talk.slots["requested_slot"], talk.said[-1]
    details = {**talk.slots["details"]}
    await talk.say(question, "ask_shipping")
    answer, again = talk.said
    assert answer["text"] == "Two days."
    assert again["text"] == f"{phrases.say('resume', 'en')} {before['text']}"
    assert again["quick_replies"] == before["quick_replies"]
    assert (talk.slots["requested_slot"], talk.slots["details"]) == (asked, details)


@pytest.mark.parametrize(("form", "count"), STEPS)
@pytest.mark.parametrize(
    ("words", "intent", "phrase"),
    [
        ("thank you so much", "thank", "aside_thank"),
        ("are you a robot?", "bot_challenge", "aside_bot_challenge"),
        ("what can you do?", "ask_capabilities", "aside_ask_capabilities"),
        ("good morning to you", "greet", "aside_greet"),
        ("tell me a joke", "chitchat", "aside"),
    ],
)
async def test_at_every_question_small_talk_is_met(
    chat: Any, phrases: Phrases, form: str, count: int, words: str, intent: str, phrase: str
) -> None:
    talk = await at(chat, form, count)
    asked, details = talk.slots["requested_slot"], {**talk.slots["details"]}
    await talk.say(words, intent)
    assert talk.said[0]["text"] == phrases.say(phrase, "en")
    assert (talk.slots["requested_slot"], talk.slots["details"]) == (asked, details)


@pytest.mark.parametrize(("form", "count"), STEPS)
async def test_at_every_question_another_wish_takes_over(chat: Any, form: str, count: int) -> None:
    asked = await at(chat, form, count)
    if asked.slots["requested_slot"] in ("reason", "wanted"):
        return  # There it would be a part of the story.
    for intent, other in (("track_order", "order_status_form"), ("return_item", "return_form")):
        if other == form:
            continue
        talk = await at(chat, form, count)
        await talk.say("I would rather do something else", intent)
        ended = talk.slots.get("last_form") == other
        assert talk.form == other or ended


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("intent", ["complain", "abuse"])
async def test_anger_ends_the_form_and_offers_a_person(
    chat: Any, phrases: Phrases, count: int, intent: str
) -> None:
    talk = await at(chat, "cancel_order_form", count)
    await talk.say("this is a disgrace", intent)
    assert talk.text == phrases.say("upset", "en")
    assert talk.form is None
    reply = await talk.say("yes", "affirm")
    assert (reply["type"], reply["reason"]) == ("handoff", "frustration")


# The questions to which nearly everything is an answer are not among them.
@pytest.mark.parametrize(
    ("form", "count"),
    [
        *(("order_status_form", n) for n in (1, 2)),
        ("cancel_order_form", 3),
        ("change_address_form", 4),
        ("return_form", 4),
    ],
)
@pytest.mark.parametrize("page", ["en", "zh"])
async def test_twice_not_understood_offers_a_person_and_the_count_begins_anew(
    chat: Any, phrases: Phrases, form: str, count: int, page: str
) -> None:
    talk = await at(chat, form, count, page="en")
    noise = "grmpf" if page == "en" else "呃"
    asked = talk.slots["requested_slot"]
    await talk.say(noise, "nlu_fallback", confidence=0.3)
    assert talk.text.startswith(phrases.say("not_understood", page))  # type: ignore[arg-type]
    assert "/request_human" not in talk.buttons
    # A question in between is no failure.
    await talk.say("How long does it take?", "ask_shipping")
    await talk.say(noise, "nlu_fallback", confidence=0.3)
    assert talk.text.startswith(phrases.say("not_understood_again", page))  # type: ignore[arg-type]
    assert talk.buttons[-1] == "/request_human"
    assert talk.slots["requested_slot"] == asked
    assert talk.form == form


async def test_an_answer_that_is_understood_forgives_the_ones_before(chat: Any) -> None:
    talk = await at(chat, "order_status_form", 1)
    await talk.say("grmpf", "nlu_fallback", confidence=0.3)
    await talk.say("LK-100002")
    await talk.say("grmpf", "nlu_fallback", confidence=0.3)
    assert talk.buttons == []


# Wrong proofs


@pytest.mark.parametrize("page", ["en", "zh"])
async def test_three_wrong_proofs_hand_over(chat: Any, phrases: Phrases, page: str) -> None:
    talk = chat(page=page)
    await talk.say("我的订单" if page == "zh" else "my order", "track_order")
    for attempt in range(3):
        assert talk.form == "order_status_form"
        await talk.say("LK-100003")
        await talk.say(f"eve{attempt}@example.com")
    assert talk.said[-1]["type"] == "handoff"
    assert talk.said[-1]["reason"] == "policy"
    assert talk.text == phrases.say("too_many_tries", page)  # type: ignore[arg-type]


async def test_neither_another_form_nor_leaving_gives_new_tries(chat: Any) -> None:
    talk = chat()
    for text, intent in (
        ("my order LK-100003", "track_order"),
        ("cancel LK-100003", "cancel_order"),
    ):
        await talk.say(text, intent)
        await talk.say("eve@example.com")
        await talk.say("never mind", "stop")
    await talk.say("return LK-100003 eve@example.com", "return_item")
    assert (talk.said[-1]["type"], talk.said[-1]["reason"]) == ("handoff", "policy")


async def test_taking_back_gives_no_new_tries(chat: Any) -> None:
    talk = chat()
    await talk.say("my order LK-100003 eve@example.com", "track_order")
    await talk.say("no, the other order", "correct")
    await talk.say("LK-100003 eve1@example.com")
    await talk.say("never mind", "stop")
    await talk.say("no, the other order", "correct")
    await talk.say("LK-100003 eve2@example.com")
    assert talk.said[-1]["type"] == "handoff"


# Corrections


@pytest.mark.parametrize(
    ("form", "start", "intent"),
    [
        ("order_status_form", "where is LK-100001 ada@example.com", "track_order"),
        ("cancel_order_form", "cancel LK-100002 ada@example.com", "cancel_order"),
        ("return_form", "return LK-100001 ada@example.com", "return_item"),
        ("change_address_form", "move LK-100002 ada@example.com", "change_address"),
    ],
)
@pytest.mark.parametrize("words", ["no, the other order", "不是，另一个订单"])
async def test_after_a_form_has_ended_the_other_order_begins_it_anew(
    chat: Any, phrases: Phrases, form: str, start: str, intent: str, words: str
) -> None:
    talk = chat()
    await talk.say(start, intent)
    assert talk.form is None
    await talk.say(words, "correct")
    assert talk.form == form
    page = "en" if words.isascii() else "zh"
    assert talk.text == phrases.say("ask_number", page)  # type: ignore[arg-type]


async def test_a_number_in_the_correction_is_taken_at_once(chat: Any) -> None:
    talk = chat()
    await talk.say("where is LK-100001 ada@example.com", "track_order")
    await talk.say("no, I meant LK-100002", "correct")
    assert talk.slots["requested_slot"] == "proof"
    await talk.say("ada@example.com")
    assert "PP1" in talk.text


async def test_before_anything_was_done_there_is_nothing_to_take_back(
    chat: Any, phrases: Phrases
) -> None:
    talk = chat()
    await talk.say("no, the other one", "correct")
    assert talk.text == phrases.say("nothing_to_take_back", "en")


# Signed in


@pytest.mark.parametrize("page", ["en", "zh"])
async def test_who_is_signed_in_with_one_order_is_told_of_it_directly(chat: Any, page: str) -> None:
    talk = chat(page=page, customer=ONE_ORDER)
    await talk.say("我的包裹呢" if page == "zh" else "where is my parcel", "track_order")
    assert "LK-100011" in talk.text
    assert talk.form is None
    # Asked for the other one, the only one is not told once more.
    await talk.say("不是这个订单" if page == "zh" else "no, the other order", "correct")
    assert talk.slots["requested_slot"] == "number"
    assert talk.buttons == ["LK-100011"]


async def test_who_is_signed_in_cancels_without_any_proof(chat: Any, shop: Any) -> None:
    talk = chat(customer=SIGNED_IN)
    await talk.say("cancel my order", "cancel_order")
    assert talk.buttons == ["LK-100001", "LK-100002"][::-1] or talk.buttons == [
        "LK-100001",
        "LK-100002",
    ]
    await talk.say("LK-100001")
    await talk.say("/affirm")
    assert (await shop.find_order("LK-100001", ADA)).status == "cancelled"


async def test_who_is_signed_in_may_still_prove_an_order_placed_otherwise(chat: Any) -> None:
    talk = chat(customer=SIGNED_IN)
    await talk.say("where is LK-100003", "track_order")
    await talk.say("10437")
    assert "RK77" in talk.text


# The shop fails


class Failing:
    """A shop that fails at some of what it is asked, and counts how often."""

    def __init__(self, shop: Any, error: Exception, *failing: str) -> None:
        self._shop, self._error, self._failing = shop, error, failing
        self.asked = 0

    def __getattr__(self, name: str) -> Any:
        async def fail(*_: Any, **__: Any) -> None:
            self.asked += 1
            raise self._error

        return fail if name in self._failing else getattr(self._shop, name)


READS = ("find_order", "orders_of", "search_products")
CHANGES = {
    "cancel_order_form": "cancel_order",
    "change_address_form": "change_address",
    "return_form": "request_return",
}


@pytest.mark.parametrize("form", PATHS)
async def test_a_shop_that_is_down_is_told_honestly_and_a_person_offered(
    chat: Any, actions_of: Any, shop: Any, phrases: Phrases, form: str
) -> None:
    for page in ("en", "zh"):
        failing = Failing(shop, ShopUnavailableError("down"), *READS)
        talk = type(chat())(actions_of(failing), page=page)
        start = "LK-100001 ada@example.com" if form != "product_form" else "Heron"
        await talk.say(start, PATHS[form][0][1])
        assert talk.text == phrases.say("shop_unavailable", page)  # type: ignore[arg-type]
        assert talk.buttons == ["/request_human"]
        assert talk.form is None
        assert failing.asked == 1
        assert talk.slots.get("proof_tries", 0) == 0
        reply = await talk.say("yes", "affirm")
        assert (reply["type"], reply["reason"]) == ("handoff", "tool_failure")


@pytest.mark.parametrize("form", CHANGES)
@pytest.mark.parametrize(
    ("error", "phrase", "reason"),
    [
        (OutcomeUnknownError("broken off"), "outcome_unknown", "tool_failure"),
        (NotSupportedError("cannot"), "not_supported", "unsupported_request"),
    ],
)
async def test_a_change_that_fails_is_handed_over_and_not_repeated(
    chat: Any,
    actions_of: Any,
    shop: Any,
    phrases: Phrases,
    form: str,
    error: Exception,
    phrase: str,
    reason: str,
) -> None:
    failing = Failing(shop, error, CHANGES[form])
    talk = type(chat())(actions_of(failing))
    for text, intent in PATHS[form]:
        await talk.say(text, intent)
    assert failing.asked == 0
    reply = await talk.say("yes", "affirm")
    assert (reply["type"], reply["reason"]) == ("handoff", reason)
    assert reply["text"] == phrases.say(phrase, "en")
    assert talk.form is None
    assert talk.slots["details"] is None
    assert failing.asked == 1


@pytest.mark.parametrize("form", CHANGES)
async def test_a_change_while_the_shop_is_down_changes_nothing_and_says_so(
    chat: Any, actions_of: Any, shop: Any, phrases: Phrases, form: str
) -> None:
    failing = Failing(shop, ShopUnavailableError("down"), CHANGES[form])
    talk = type(chat())(actions_of(failing))
    for text, intent in PATHS[form]:
        await talk.say(text, intent)
    await talk.say("yes", "affirm")
    assert talk.text == phrases.say("shop_unavailable", "en")
    assert talk.slots["offer_reason"] == "tool_failure"


# Outside the forms


@pytest.mark.parametrize("words", ["LK-100001", "100001", "#100001", "订单100001"])
async def test_an_order_number_out_of_nowhere_asks_for_that_order(chat: Any, words: str) -> None:
    talk = chat()
    await talk.say(words, "inform")
    assert talk.form == "order_status_form"
    assert talk.slots["requested_slot"] == "proof"


async def test_another_detail_out_of_nowhere_is_read_as_a_question(chat: Any) -> None:
    talk = chat()
    await talk.say("the blue one", "inform")
    assert talk.said[-1]["type"] == "answer"
    assert talk.form is None


@pytest.mark.parametrize(("intent", "phrase"), [("complain", "complained"), ("abuse", "abused")])
@pytest.mark.parametrize("page", ["en", "zh"])
async def test_anger_is_met_calmly_and_a_person_offered(
    chat: Any, phrases: Phrases, intent: str, phrase: str, page: str
) -> None:
    talk = chat(page=page)
    await talk.say("你们太差劲了" if page == "zh" else "you are useless", intent)
    assert talk.text == phrases.say(phrase, page)  # type: ignore[arg-type]
    assert talk.buttons == ["/request_human"]
    reply = await talk.say("yes", "affirm")
    assert reply["reason"] == "frustration"


async def test_two_that_are_not_understood_with_something_between_are_not_in_a_row(
    chat: Any, search: Any
) -> None:
    search.score = 0.35
    talk = chat()
    await talk.say("hm the thing", "nlu_fallback", confidence=0.3)
    await talk.say("my order", "track_order")
    await talk.say("never mind", "stop")
    await talk.say("hm the thing", "nlu_fallback", confidence=0.3)
    assert talk.said[-1]["type"] == "message"
    assert "/request_human" not in talk.buttons
