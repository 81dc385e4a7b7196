"""WooCommerce: orders are called off and sent elsewhere, once, whatever the network does."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from commerce.commerce import Address, Order, Proof
from commerce.errors import (
    NotPossibleError,
    OutcomeUnknownError,
    ShopUnavailableError,
)
from commerce.woocommerce import WooCommerce
from tests.commerce.shop_server import Fault, Reply
from tests.commerce.woocommerce.fake import ADA, KEY, SECRET, FakeWoo, found, order

EVE = Proof(email="eve@example.com")
HOME = Address(
    "Ada van Example", "Witte de Withstraat 50\nRear house", "3012 BR", "Rotterdam", "NL"
)

Change = Callable[..., Any]


async def cancel(shop: WooCommerce, key: str = "k1", proof: Proof = ADA) -> Order:
    return await shop.cancel_order("727", proof, key=key)


async def move(shop: WooCommerce, key: str = "k1", proof: Proof = ADA) -> Order:
    return await shop.change_address("727", proof, HOME, key=key)


def was_moved(woo: FakeWoo) -> bool:
    return bool(woo.orders[727]["shipping"]["postcode"] == "3012 BR")


def was_done(woo: FakeWoo, change: Change) -> bool:
    return woo.orders[727]["status"] == "cancelled" if change is cancel else was_moved(woo)


async def refusal(call: Any) -> str:
    with pytest.raises(NotPossibleError) as caught:
        await call
    return caught.value.reason


async def test_an_order_is_called_off(woo: FakeWoo, shop: WooCommerce) -> None:
    woo.add()
    assert (await cancel(shop)).status == "cancelled"
    assert woo.orders[727]["status"] == "cancelled"
    (put,) = woo.asked("PUT")
    assert put.json.keys() == {"status", "meta_data"}
    (kept,) = json.loads(woo.meta(727, "_shopdesk_writes"))
    assert kept["key"] == "k1"
    assert "ada" not in json.dumps(kept)


async def test_an_order_is_sent_elsewhere(woo: FakeWoo, shop: WooCommerce) -> None:
    woo.add()
    order = await move(shop)
    assert (order.customer, order.postcode, order.country) == ("Ada van Example", "3012 BR", "NL")
    to = woo.orders[727]["shipping"]
    assert (to["first_name"], to["last_name"]) == ("Ada van", "Example")
    assert (to["address_1"], to["address_2"]) == ("Witte de Withstraat 50", "Rear house")
    # Nothing of the old place is left.
    assert (to["company"], to["state"]) == ("", "")
    assert woo.orders[727]["billing"]["postcode"] == "1012 JS"


async def test_a_name_of_one_word_and_a_state_that_stays(woo: FakeWoo, shop: WooCommerce) -> None:
    woo.add(shipping={**order()["shipping"], "state": "ZH"})
    await shop.change_address(
        "727", ADA, Address("王小明", "Dam 2", "3011WN", "Rotterdam", "NL"), key="k1"
    )
    to = woo.orders[727]["shipping"]
    assert (to["first_name"], to["last_name"], to["state"]) == ("王小明", "", "ZH")
    assert (to["address_1"], to["address_2"]) == ("Dam 2", "")


@pytest.mark.parametrize("change", [cancel, move])
async def test_without_a_proof_nothing_is_changed(
    woo: FakeWoo, shop: WooCommerce, change: Change
) -> None:
    woo.add(customer_id=0)
    assert await refusal(change(shop, proof=EVE)) == "not_found"
    assert await refusal(change(shop, proof=Proof(customer_id="0"))) == "not_found"
    del woo.orders[727]
    assert await refusal(change(shop)) == "not_found"
    assert woo.asked("PUT") == []


@pytest.mark.parametrize(
    ("status", "cancelling", "moving"),
    [
        ("cancelled", "already", "refused"),
        ("failed", "already", "refused"),
        ("completed", "too_late", "too_late"),
        ("refunded", "too_late", "refused"),
        ("ready-to-ship", "too_late", "too_late"),
    ],
)
async def test_what_is_too_late_is_not_done(
    woo: FakeWoo, shop: WooCommerce, status: str, cancelling: str, moving: str
) -> None:
    woo.add(status=status)
    assert await refusal(cancel(shop)) == cancelling
    assert await refusal(move(shop)) == moving
    assert woo.asked("PUT") == []


@pytest.mark.parametrize("status", ["pending", "on-hold", "processing"])
async def test_what_is_not_packed_can_be_called_off(
    woo: FakeWoo, shop: WooCommerce, status: str
) -> None:
    woo.add(status=status)
    assert (await cancel(shop)).status == "cancelled"


async def test_an_order_does_not_go_to_another_country(woo: FakeWoo, shop: WooCommerce) -> None:
    woo.add()
    abroad = Address("Ada Example", "Unter den Linden 1", "10117", "Berlin", "DE")
    assert await refusal(shop.change_address("727", ADA, abroad, key="k1")) == "refused"
    assert woo.asked("PUT") == []


async def test_a_total_that_changes_with_the_address_is_logged(
    woo: FakeWoo, shop: WooCommerce, caplog: pytest.LogCaptureFixture
) -> None:
    woo.add()
    woo.total_after_address = "60.00"
    await move(shop)
    assert "total has changed" in caplog.text


@pytest.mark.parametrize("change", [cancel, move])
async def test_the_same_key_changes_once(woo: FakeWoo, shop: WooCommerce, change: Change) -> None:
    woo.add()
    first = await change(shop)
    assert await change(shop) == first
    assert len(woo.asked("PUT")) == 1


async def test_the_same_key_at_the_same_time_changes_once(woo: FakeWoo, shop: WooCommerce) -> None:
    woo.add()
    orders = await asyncio.gather(*(cancel(shop) for _ in range(4)))
    assert {order.status for order in orders} == {"cancelled"}
    assert len(woo.asked("PUT")) == 1


async def test_a_key_is_not_used_for_something_else(woo: FakeWoo, shop: WooCommerce) -> None:
    woo.add()
    await move(shop)
    other = replace(HOME, city="Delft")
    assert await refusal(cancel(shop)) == "refused"
    assert await refusal(shop.change_address("727", ADA, other, key="k1")) == "refused"
    assert len(woo.asked("PUT")) == 1


async def test_an_earlier_key_is_still_known_after_a_later_one(
    woo: FakeWoo, shop: WooCommerce
) -> None:
    woo.add()
    await move(shop, key="k1")
    back = Address("Ada Example", "Dam 1", "3011 WN", "Rotterdam", "NL")
    await shop.change_address("727", ADA, back, key="k2")
    await move(shop, key="k1")
    assert woo.orders[727]["shipping"]["postcode"] == "3011 WN"
    for number in range(30):
        await shop.change_address("727", ADA, back, key=f"n{number}")
    assert len(json.loads(woo.meta(727, "_shopdesk_writes"))) == 20


async def test_who_proved_the_old_postcode_may_ask_again(woo: FakeWoo, shop: WooCommerce) -> None:
    woo.add()
    old = Proof(postcode="3011 WN")
    await move(shop, proof=old)
    assert (await move(shop, proof=Proof(postcode="3011wn"))).postcode == "3012 BR"
    assert await refusal(move(shop, key="k2", proof=old)) == "not_found"
    assert await refusal(move(shop, proof=Proof(postcode="9999 ZZ"))) == "not_found"
    assert await shop.find_order("727", old) is None
    assert await found(shop, proof=Proof(postcode="3012BR"))


@pytest.mark.parametrize("change", [cancel, move])
async def test_a_key_is_needed(woo: FakeWoo, shop: WooCommerce, change: Change) -> None:
    woo.add()
    with pytest.raises(ValueError, match="key"):
        await change(shop, key="")


FAILURES = [
    Fault(method="PUT"),
    Fault(Reply(status=500), method="PUT"),
    Fault(Reply(status=503), method="PUT"),
    Fault(Reply(text="<html>Fatal error</html>"), method="PUT"),
    Fault(Reply(data={"id": 727}), method="PUT"),
    Fault(Reply(text="a" * 3_000_000), method="PUT"),
]


def applied(fault: Fault) -> Fault:
    return Fault(fault.reply, carried_out=True, hangs=fault.hangs, method=fault.method)


@pytest.mark.parametrize("change", [cancel, move])
@pytest.mark.parametrize("fault", [*FAILURES, Fault(Reply(status=504), method="PUT")])
async def test_what_was_done_though_the_answer_was_lost_is_done(
    woo: FakeWoo, shop: WooCommerce, change: Change, fault: Fault
) -> None:
    woo.add()
    woo.faults = [applied(fault)]
    order = await change(shop)
    assert order == await change(shop)
    assert was_done(woo, change)
    assert len(woo.asked("PUT")) == 1


@pytest.mark.parametrize("change", [cancel, move])
@pytest.mark.parametrize("fault", FAILURES)
async def test_what_was_not_done_is_said_so_and_may_be_tried_again(
    woo: FakeWoo, shop: WooCommerce, change: Change, fault: Fault
) -> None:
    woo.add()
    woo.faults = [fault]
    with pytest.raises(ShopUnavailableError, match="nothing was changed"):
        await change(shop)
    assert not was_done(woo, change)
    await change(shop)
    assert was_done(woo, change)


@pytest.mark.parametrize("fault", [applied(FAILURES[0]), FAILURES[0], FAILURES[1]])
async def test_what_cannot_be_seen_is_unknown(woo: FakeWoo, fault: Fault) -> None:
    async def lose_the_shop(seconds: float) -> None:
        woo.faults = [Fault(Reply(status=503)) for _ in range(3)]

    shop = WooCommerce(woo.url, key=KEY, secret=SECRET, currency="EUR", sleep=lose_the_shop)
    woo.add()
    woo.faults = [fault]
    with pytest.raises(OutcomeUnknownError):
        await cancel(shop)
    assert len(woo.asked("PUT")) == 1
    await shop.close()


async def test_an_order_that_is_gone_afterwards_is_unknown(woo: FakeWoo) -> None:
    async def lose_the_order(seconds: float) -> None:
        woo.orders.clear()

    shop = WooCommerce(woo.url, key=KEY, secret=SECRET, currency="EUR", sleep=lose_the_order)
    woo.add()
    woo.faults = [FAILURES[0]]
    with pytest.raises(OutcomeUnknownError):
        await cancel(shop)
    await shop.close()


@pytest.mark.parametrize("change", [cancel, move])
async def test_a_slow_shop_may_yet_do_it(woo: FakeWoo, hasty: WooCommerce, change: Change) -> None:
    woo.add()
    woo.faults = [Fault(hangs=True, method="PUT")]
    with pytest.raises(OutcomeUnknownError):
        await change(hasty)
    woo.add()
    woo.faults = [Fault(hangs=True, carried_out=True, method="PUT")]
    await change(hasty)
    assert was_done(woo, change)


async def test_a_change_that_was_too_much_is_tried_again(woo: FakeWoo, shop: WooCommerce) -> None:
    woo.add()
    woo.faults = [Fault(Reply(status=429, headers={"Retry-After": "1"}), method="PUT")]
    assert (await cancel(shop)).status == "cancelled"
