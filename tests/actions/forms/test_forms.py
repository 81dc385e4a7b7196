"""The skills as conversations: happy, left, corrected, interrupted, and when the shop fails."""

from datetime import date
from typing import Any

import pytest

from actions.phrasing import Phrases
from commerce.commerce import Proof
from commerce.errors import NotSupportedError, OutcomeUnknownError, ShopUnavailableError

ADA = Proof(email="ada@example.com")
SIGNED_IN = {"id": "7", "name": "Ada", "email": "ada@example.com"}


async def opened(chat: Any, page: str, intent: str, number: str = "LK-100001") -> Any:
    """A chat in which Ada has asked for ``intent`` and proved the order."""
    talk = chat(page=page)
    await talk.say("请帮我办一下" if page == "zh" else "please do it", intent)
    await talk.say(number, "inform")
    await talk.say("ada@example.com", "inform")
    return talk


# Where is my order


@pytest.mark.parametrize("page", ["en", "zh"])
async def test_the_status_is_told_after_number_and_proof(chat: Any, page: str) -> None:
    talk = chat(page=page)
    await talk.say("where is my parcel" if page == "en" else "我的包裹到哪了", "track_order")
    assert talk.form == "order_status_form"
    await talk.say("LK-100002")
    reply = await talk.say("3011wn")
    assert "LK-100002" in reply["text"]
    assert "PP1" in reply["text"]
    assert ("4 February 2026" if page == "en" else "2026年2月4日") in reply["text"]
    assert talk.form is None
    assert talk.buttons == ["/return_item"]


async def test_all_may_be_said_at_once(chat: Any) -> None:
    talk = chat()
    reply = await talk.say("where is order LK-100001? my mail is Ada@Example.com", "track_order")
    assert "Heron 2 tent" in reply["text"]
    assert talk.buttons == ["/cancel_order", "/change_address"]


async def test_an_order_that_was_proved_need_not_be_proved_for_the_next_thing(chat: Any) -> None:
    talk = await opened(chat, "en", "track_order")
    await talk.say("please cancel it then", "cancel_order")
    assert talk.buttons == ["/affirm", "/deny"]


# Cancel


@pytest.mark.parametrize(
    ("page", "yes"), [("en", "yes please"), ("zh", "对，取消吧"), ("en", "/affirm")]
)
async def test_an_order_is_cancelled_after_a_yes(chat: Any, shop: Any, page: str, yes: str) -> None:
    talk = await opened(chat, page, "cancel_order")
    assert (await shop.find_order("LK-100001", ADA)).status == "received"
    await talk.say(yes, "affirm")
    assert (await shop.find_order("LK-100001", ADA)).status == "cancelled"
    assert talk.form is None


async def test_a_no_changes_nothing(chat: Any, shop: Any) -> None:
    talk = await opened(chat, "en", "cancel_order")
    await talk.say("no, better not", "deny")
    assert (await shop.find_order("LK-100001", ADA)).status == "received"
    assert talk.form is None


async def test_what_is_being_packed_is_not_cancelled(chat: Any, phrases: Phrases) -> None:
    talk = chat()
    await talk.say("cancel LK-100004, bob@example.org", "cancel_order")
    assert talk.text == phrases.say("too_late_to_cancel_packing", "en", number="LK-100004")


async def test_a_message_that_is_asked_again_cancels_once(chat: Any, shop: Any) -> None:
    talk = await opened(chat, "en", "cancel_order")
    slots, form = dict(talk.slots), talk.form
    first = await talk.say("yes", "affirm", key="same")
    talk.slots, talk.form = slots, form
    again = await talk.say("yes", "affirm", key="same")
    # The shop is looked at first, and it is cancelled by now: told, and done once.
    assert "LK-100001" in first["text"]
    assert "LK-100001" in again["text"]
    assert (await shop.find_order("LK-100001", ADA)).status == "cancelled"


# Change the address


@pytest.mark.parametrize(
    ("page", "whole", "yes", "postcode"),
    [
        ("en", "Hoogstraat 50, 3012 BR Rotterdam", "yes", "3012 BR"),
        ("zh", "上海市徐汇区衡山路100号 200031", "是的", "200031"),
    ],
)
async def test_the_address_is_changed_in_one_message(
    chat: Any, shop: Any, page: str, whole: str, yes: str, postcode: str
) -> None:
    talk = await opened(chat, page, "change_address")
    await talk.say(whole, "inform")
    assert postcode in talk.text
    await talk.say(yes, "affirm")
    assert (await shop.find_order("LK-100001", ADA)).postcode == postcode


async def test_the_address_may_be_given_part_by_part(chat: Any, shop: Any) -> None:
    talk = await opened(chat, "en", "change_address")
    for part in ("Hoogstraat 50", "3012 BR", "Rotterdam"):
        await talk.say(part, "inform")
    await talk.say("yes", "affirm")
    assert (await shop.find_order("LK-100001", ADA)).postcode == "3012 BR"


async def test_a_postcode_that_opened_the_order_is_replaced_by_the_new_one(chat: Any) -> None:
    talk = chat()
    await talk.say("other address for LK-100001", "change_address")
    await talk.say("3011 WN")
    await talk.say("Hoogstraat 50, 3012 BR Rotterdam")
    await talk.say("yes", "affirm")
    reply = await talk.say("where is it now", "track_order")
    assert "Heron 2 tent" in reply["text"]


# Return and exchange


@pytest.mark.parametrize("page", ["en", "zh"])
async def test_one_article_of_several_is_returned(chat: Any, shop: Any, page: str) -> None:
    talk = await opened(chat, page, "return_item", "LK-100002")
    assert len(talk.buttons) == 2
    boots = talk.buttons[0]
    await talk.say(boots, "inform")
    await talk.say("退款" if page == "zh" else "money back", "inform")
    await talk.say("磨脚，走路疼" if page == "zh" else "they pinch at the heel", "inform")
    assert talk.buttons == ["/affirm", "/deny"]
    reply = await talk.say("是的" if page == "zh" else "yes", "affirm")
    assert "R-" in reply["text"].replace("\\", "")
    assert talk.form is None


async def test_an_exchange_asks_for_what_instead(chat: Any) -> None:
    talk = chat()
    await talk.say("I want to exchange the bottle of LK-100002 ada@example.com", "return_item")
    await talk.say("2", "inform")
    await talk.say("the blue one, 1 litre", "inform")
    await talk.say("/deny")
    assert talk.form == "return_form"


async def test_what_came_too_long_ago_is_not_returned(chat: Any) -> None:
    talk = chat()
    reply = await talk.say("return LK-100005 bob@example.org", "return_item")
    assert "4 August 2025" in reply["text"]
    assert talk.slots["offer_reason"] == "policy"
    assert talk.buttons == ["/request_human"]


async def test_what_has_not_been_sent_is_not_returned(chat: Any) -> None:
    talk = await opened(chat, "en", "return_item", "LK-100001")
    assert talk.form is None
    assert talk.slots["offered_human"] is True


# Products


@pytest.mark.parametrize(
    ("page", "words"), [("en", "is the Heron 2 tent in stock?"), ("zh", "Heron 2 双人帐篷有货吗")]
)
async def test_a_named_product_is_told_with_price_and_stock(
    chat: Any, page: str, words: str
) -> None:
    talk = chat(page=page)
    reply = await talk.say(words, "check_stock")
    assert "279.00" in reply["text"]
    assert "34" in reply["text"]
    assert len(reply["cards"]) == 1


async def test_a_kind_of_thing_is_narrowed_by_one_question(chat: Any) -> None:
    talk = chat()
    await talk.say("I'm looking for a tent", "find_product")
    assert talk.form == "product_form"
    assert 2 <= len(talk.buttons) <= 3
    reply = await talk.say("The lightest", "inform")
    assert reply["cards"][0]["title"] == "Solo Tern 1 tent"
    assert talk.form is None


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("a light tent under 250 euros", "Solo Tern 1 tent"),
        ("the cheapest tent you have", "Solo Tern 1 tent"),
        ("有没有轻一点的帐篷", "独鸥 1 单人帐篷"),
    ],
)
async def test_price_and_weight_choose(chat: Any, words: str, first: str) -> None:
    talk = chat(page="zh" if "帐" in words else "en")
    reply = await talk.say(words, "find_product")
    assert reply["cards"][0]["title"] == first


async def test_what_the_shop_has_not_is_said(chat: Any, phrases: Phrases) -> None:
    talk = chat()
    await talk.say("xylophones", "find_product")
    assert talk.text == phrases.say("no_product", "en")


# Around the forms


@pytest.mark.parametrize("steps", range(3))
@pytest.mark.parametrize(
    ("page", "words", "intent"),
    [
        ("en", "never mind", "stop"),
        ("zh", "算了", "stop"),
        ("en", "cancel", "nlu_fallback"),
        ("zh", "不用了", "deny"),
    ],
)
async def test_every_step_can_be_left(
    chat: Any, shop: Any, phrases: Phrases, page: str, words: str, intent: str, steps: int
) -> None:
    talk = chat(page=page)
    await talk.say("新地址" if page == "zh" else "another address", "change_address")
    for said in ("LK-100001", "ada@example.com")[:steps]:
        await talk.say(said)
    await talk.say(words, intent)
    assert talk.form is None
    assert talk.text == phrases.say("stopped", page)
    assert (await shop.find_order("LK-100001", ADA)).postcode == "3011 WN"


@pytest.mark.parametrize(
    ("page", "words"),
    [("en", "no, the other order: LK-100002"), ("zh", "不是这个订单，是LK-100002")],
)
async def test_another_order_is_taken_in_the_middle(chat: Any, page: str, words: str) -> None:
    talk = await opened(chat, page, "cancel_order")
    await talk.say(words, "correct")
    await talk.say("ada@example.com")
    assert "LK-100002" in talk.text
    assert talk.form is None  # It is delivered: there is nothing to cancel.


async def test_the_other_order_is_asked_for_after_the_form_has_ended(
    chat: Any, phrases: Phrases
) -> None:
    talk = await opened(chat, "en", "track_order")
    await talk.say("no, the other order", "correct")
    assert talk.text.endswith(phrases.say("ask_number", "en"))
    await talk.say("LK-100002")
    await talk.say("ada@example.com")
    assert "LK-100002" in talk.text


@pytest.mark.parametrize(
    ("page", "question"), [("en", "How long does delivery take?"), ("zh", "多久能送到？")]
)
async def test_a_question_in_between_is_answered_and_the_form_goes_on(
    chat: Any, answering: Any, phrases: Phrases, page: str, question: str
) -> None:
    answering.enqueue(question)
    talk = chat(page=page)
    await talk.say("我的订单呢" if page == "zh" else "my order", "track_order")
    await talk.say(question, "ask_shipping")
    assert [reply["type"] for reply in talk.said] == ["answer", "message"]
    assert talk.said[0]["answered"] is True
    assert talk.said[1]["text"].endswith(phrases.say("ask_number", page))
    await talk.say("LK-100001 ada@example.com")
    assert "LK-100001" in talk.text


async def test_small_talk_in_between_is_met_and_the_form_goes_on(chat: Any) -> None:
    talk = chat()
    await talk.say("my order", "track_order")
    await talk.say("thank you", "thank")
    assert talk.form == "order_status_form"


async def test_another_wish_takes_over(chat: Any) -> None:
    talk = chat()
    await talk.say("cancel my order", "cancel_order")
    await talk.say("actually I want to send something back", "return_item")
    assert talk.form == "return_form"


@pytest.mark.parametrize(
    ("intent", "words", "reason"),
    [("request_human", "a person please", "customer_request")],
)
async def test_a_person_is_had_at_any_time(chat: Any, intent: str, words: str, reason: str) -> None:
    talk = chat()
    await talk.say("my order", "track_order")
    reply = await talk.say(words, intent)
    assert (reply["type"], reply["reason"]) == ("handoff", reason)
    assert talk.form is None


async def test_anger_in_a_form_is_heard_and_a_person_offered(chat: Any) -> None:
    talk = chat()
    await talk.say("my order", "track_order")
    await talk.say("this is a disgrace", "complain")
    assert talk.slots["offered_human"] is True
    assert talk.slots["offer_reason"] == "frustration"


async def test_twice_not_understood_offers_a_person(chat: Any) -> None:
    talk = chat()
    await talk.say("my order", "track_order")
    await talk.say("grmpf", "nlu_fallback")
    assert talk.buttons == []
    await talk.say("grmpf grmpf", "nlu_fallback")
    assert talk.buttons == ["/request_human"]
    assert talk.form == "order_status_form"


async def test_three_wrong_proofs_hand_over_whatever_the_skill(chat: Any) -> None:
    talk = chat()
    await talk.say("my order LK-100003", "track_order")
    await talk.say("eve@example.com")
    await talk.say("never mind", "stop")
    await talk.say("cancel LK-100003", "cancel_order")
    await talk.say("10438")
    await talk.say("LK-100003")
    reply = await talk.say("99999")
    assert (reply["type"], reply["reason"]) == ("handoff", "policy")
    reply = await talk.say("my order LK-100001", "track_order")
    assert reply["type"] == "handoff"


# Signed in


async def test_a_signed_in_customer_chooses_among_the_own_orders(chat: Any) -> None:
    talk = chat(customer=SIGNED_IN)
    await talk.say("where is my order", "track_order")
    assert talk.buttons == ["LK-100001", "LK-100002"]
    await talk.say("LK-100002")
    assert "PP1" in talk.text


async def test_a_signed_in_customer_learns_nothing_of_other_orders(chat: Any) -> None:
    talk = chat(customer=SIGNED_IN)
    await talk.say("where is order LK-100003", "track_order")
    there = talk.text
    other = chat(customer=SIGNED_IN)
    await other.say("where is order LK-999999", "track_order")
    assert there.replace("100003", "999999") == other.text


# When the shop fails


class FailingShop:
    """Opens an order as the given shop does, and fails at changing it; or at everything."""

    def __init__(self, shop: Any, error: Exception, *, reads: bool = False) -> None:
        self._shop, self._error, self._reads = shop, error, reads
        self.writes = 0

    def __getattr__(self, name: str) -> Any:
        async def fail(*_: Any, **__: Any) -> None:
            self.writes += 1
            raise self._error

        if self._reads or name in ("cancel_order", "change_address", "request_return"):
            return fail
        return getattr(self._shop, name)


@pytest.mark.parametrize("page", ["en", "zh"])
async def test_a_shop_that_is_down_is_told_and_a_person_offered(
    chat: Any, actions_of: Any, shop: Any, phrases: Phrases, page: str
) -> None:
    down = FailingShop(shop, ShopUnavailableError("no connection"), reads=True)
    talk = type(chat())(actions_of(down), page=page)
    await talk.say("LK-100001 ada@example.com", "track_order")
    assert talk.text == phrases.say("shop_unavailable", page)
    assert talk.slots["offer_reason"] == "tool_failure"
    reply = await talk.say("/request_human")
    assert (reply["type"], reply["reason"]) == ("handoff", "tool_failure")


async def test_a_change_of_unknown_outcome_is_not_repeated(
    chat: Any, actions_of: Any, shop: Any, phrases: Phrases
) -> None:
    failing = FailingShop(shop, OutcomeUnknownError("the connection broke"))
    talk = type(chat())(actions_of(failing))
    await talk.say("cancel LK-100001 ada@example.com", "cancel_order")
    reply = await talk.say("yes", "affirm")
    assert (reply["type"], reply["reason"]) == ("handoff", "tool_failure")
    assert reply["text"] == phrases.say("outcome_unknown", "en")
    assert failing.writes == 1


async def test_what_the_shop_cannot_do_goes_to_a_person(
    chat: Any, actions_of: Any, shop: Any
) -> None:
    failing = FailingShop(shop, NotSupportedError("no returns"))
    talk = type(chat())(actions_of(failing))
    await talk.say("cancel LK-100001 ada@example.com", "cancel_order")
    reply = await talk.say("yes", "affirm")
    assert (reply["type"], reply["reason"]) == ("handoff", "unsupported_request")


# Repair


@pytest.mark.parametrize("intent", ["complain", "abuse"])
async def test_anger_offers_a_person(chat: Any, intent: str) -> None:
    talk = chat()
    await talk.say("you lot are hopeless", intent)
    assert talk.buttons == ["/request_human"]
    assert talk.slots["offer_reason"] == "frustration"


async def test_an_order_number_out_of_nowhere_asks_for_that_order(chat: Any) -> None:
    talk = chat()
    await talk.say("LK-100001", "inform")
    assert talk.form == "order_status_form"
    assert "LK-100001" in talk.text


async def test_what_is_unclear_is_asked_back_once_then_a_person_is_offered(
    chat: Any, search: Any
) -> None:
    search.score = 0.35
    talk = chat()
    await talk.say("hm the thing", "nlu_fallback", confidence=0.3)
    assert talk.said[-1]["type"] == "message"
    assert "/request_human" not in talk.buttons
    await talk.say("well that thing", "nlu_fallback", confidence=0.3)
    assert "/request_human" in talk.buttons
    assert talk.slots["offered_human"] is True


def test_dates_are_written_as_people_write_them() -> None:
    from actions.phrasing import day

    assert day(date(2026, 3, 1), "en") == "1 March 2026"
    assert day(date(2026, 3, 1), "zh") == "2026年3月1日"
