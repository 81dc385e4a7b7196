"""Where is my order: every status, in both languages."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from actions.phrasing import Phrases
from commerce.commerce import ORDER_STATUSES, Order, Proof

PROOF = Proof(email="ada@example.com")


class OneOrder:
    """A shop of one order, as it is told to be; whatever is shown opens it."""

    def __init__(self, order: Order) -> None:
        self.order = order

    async def find_order(self, number: str, proof: Proof) -> Order | None:
        return self.order

    async def orders_of(self, customer: Any, limit: int = 5) -> list[Order]:
        return []


@pytest.fixture
async def order(shop: Any) -> Order:
    found = await shop.find_order("LK-100002", PROOF)
    assert found is not None
    return found  # type: ignore[no-any-return]


@pytest.fixture
def told(chat: Any, actions_of: Any) -> Any:
    """What is told of an order."""

    async def tell(order: Order, page: str) -> Any:
        talk = type(chat())(actions_of(OneOrder(order)), page=page)
        await talk.say("LK-100002 ada@example.com", "track_order")
        return talk

    return tell


@pytest.mark.parametrize("page", ["en", "zh"])
@pytest.mark.parametrize("status", ORDER_STATUSES)
async def test_every_status_is_told_with_its_dates_and_articles(
    told: Any, order: Order, phrases: Phrases, page: str, status: str
) -> None:
    talk = await told(replace(order, status=status), page)
    days = {
        "en": ("1 February 2026", "2 February 2026", "4 February 2026"),
        "zh": ("2026年2月1日", "2026年2月2日", "2026年2月4日"),
    }[page]
    placed, shipped, delivered = days
    first = phrases.say(
        f"status_{status}",
        page,  # type: ignore[arg-type]
        number="LK-100002",
        placed=placed,
        shipped=shipped,
        delivered=delivered,
    )
    assert talk.text.startswith(first)
    assert ("PP1" in talk.text) is (status in ("shipped", "delivered"))
    assert "2 × Ember 750" in talk.text
    buttons = {"received": ["/cancel_order", "/change_address"], "delivered": ["/return_item"]}
    assert talk.buttons == buttons.get(status, [])
    assert talk.form is None


async def test_the_tracking_number_is_a_link_where_the_shop_has_one(
    told: Any, order: Order
) -> None:
    talk = await told(replace(order, tracking_url="https://post.example/t?n=PP1"), "en")
    assert "[PP1](https://post.example/t?n=PP1)" in talk.text


@pytest.mark.parametrize(
    "url",
    ["http://post.example/PP1", "javascript:alert(1)", "https://x.example/a) [b](c", "", None],
)
async def test_a_link_that_could_lead_elsewhere_is_left_out(
    told: Any, order: Order, url: str | None
) -> None:
    talk = await told(replace(order, tracking_url=url), "en")
    assert "tracking number PP1." in talk.text
    assert "](" not in talk.text


async def test_a_delivery_of_unknown_date_claims_none(told: Any, order: Order) -> None:
    talk = await told(replace(order, delivered=None), "en")
    assert "it has been delivered." in talk.text


async def test_what_the_shop_writes_is_no_mark_up(told: Any, order: Order) -> None:
    evil = replace(order, carrier="[x](https://evil.example)", placed=date(2026, 2, 1))
    talk = await told(evil, "en")
    assert "\\[x\\](https://evil.example)" in talk.text


async def test_the_same_order_is_told_again_without_asking(chat: Any) -> None:
    talk = chat()
    await talk.say("where is LK-100002? ada@example.com", "track_order")
    await talk.say("and where is lk 100002", "track_order")
    assert "PP1" in talk.text


async def test_an_address_that_came_first_need_not_be_given_again(chat: Any) -> None:
    talk = chat()
    await talk.say("where is my parcel, I'm ada@example.com", "track_order")
    assert talk.slots["requested_slot"] == "number"
    await talk.say("100002")
    assert "PP1" in talk.text


async def test_after_a_wrong_pair_the_proof_alone_may_be_given_anew(chat: Any) -> None:
    for again in ("ada@example.com", "3011 WN"):
        talk = chat()
        await talk.say("where is LK-100002? eda@example.com", "track_order")
        await talk.say(again)
        assert "PP1" in talk.text


async def test_the_order_number_instead_of_a_proof_is_no_wrong_proof(chat: Any) -> None:
    talk = chat()
    await talk.say("where is LK-100002", "track_order")
    await talk.say("100002")
    assert talk.slots["requested_slot"] == "proof"
    assert talk.slots["proof_tries"] == 0


async def test_another_number_instead_of_a_proof_is_another_order(chat: Any) -> None:
    talk = chat()
    await talk.say("where is LK-100001", "track_order")
    await talk.say("sorry, LK-100002")
    await talk.say("ada@example.com")
    assert "PP1" in talk.text


@pytest.mark.parametrize("words", ["no", "I don't have it"])
async def test_who_has_no_proof_is_asked_once_more_then_offered_a_person(
    chat: Any, words: str
) -> None:
    talk = chat()
    await talk.say("where is LK-100002", "track_order")
    await talk.say(words, "deny")
    assert talk.slots["order_number"] == "LK-100002"
    await talk.say(words, "deny")
    assert talk.buttons == ["/request_human"]


async def test_what_rasa_found_in_the_first_message_is_the_number(chat: Any) -> None:
    talk = chat()
    await talk.say("where is 100002", "track_order", entities={"order_number": "100002"})
    assert talk.slots["requested_slot"] == "proof"


@pytest.mark.parametrize(
    "words", ["if I order tonight, when is it here?", "如果我今晚下单，什么时候能到？"]
)
async def test_an_order_that_is_not_placed_yet_is_a_question(
    chat: Any, answering: Any, words: str
) -> None:
    answering.enqueue(words)
    talk = chat(page="zh" if "单" in words else "en")
    await talk.say(words, "track_order")
    assert talk.said[-1]["type"] == "answer"
    assert talk.buttons == ["/track_order"]
    assert talk.form is None


async def test_a_postcode_is_none_even_if_rasa_takes_it_for_a_number(chat: Any) -> None:
    talk = chat()
    await talk.say("where is LK-100003", "track_order")
    await talk.say("10437", entities={"order_number": "10437"})
    assert "RK77" in talk.text
