"""Cancelling and sending elsewhere: while nothing is packed, and once a key."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from commerce.commerce import Address, Order, Proof, ReturnRequest
from commerce.demo import DemoShop
from commerce.errors import NotPossibleError, ShopUnavailableError

NUMBER = "LK-204518"
ADA = Proof(email="ada@example.com")
OLD = Proof(postcode="3011 WN")
OFFICE = Address("Ada's office", "Kade 1\nunit 2", "2000", "Antwerpen", "BE")

Make = Callable[..., DemoShop]


async def refusal(attempt: Any) -> str:
    """The reason for which it is not done."""
    with pytest.raises(NotPossibleError) as error:
        await attempt
    return error.value.reason


async def order_of(shop: DemoShop, proof: Proof = ADA) -> Order:
    order = await shop.find_order(NUMBER, proof)
    assert order is not None
    return order


async def test_an_order_that_waits_can_be_cancelled(received: Make) -> None:
    shop = received()
    before = await order_of(shop)
    after = await shop.cancel_order("lk 204518", OLD, key="k1")
    assert after == replace(before, status="cancelled") == await order_of(shop)


async def test_an_order_that_waits_can_be_sent_elsewhere(received: Make) -> None:
    shop = received()
    before = await order_of(shop)
    after = await shop.change_address(NUMBER, OLD, OFFICE, key="k1")
    assert after == await order_of(shop)
    assert after == replace(before, customer="Ada's office", postcode="2000", country="BE")


async def test_the_new_postcode_proves_and_the_old_one_does_not(received: Make) -> None:
    shop = received()
    await shop.change_address(NUMBER, OLD, OFFICE, key="k1")
    assert await shop.find_order(NUMBER, Proof(postcode="2000")) is not None
    assert await shop.find_order(NUMBER, OLD) is None
    assert await refusal(shop.cancel_order(NUMBER, OLD, key="k2")) == "not_found"


async def test_where_there_are_no_postcodes_the_email_still_proves(received: Make) -> None:
    shop = received()
    hong_kong = replace(OFFICE, postcode=" ", city="Hong Kong", country="HK")
    assert (await shop.change_address(NUMBER, ADA, hong_kong, key="k1")).postcode == ""
    assert await shop.find_order(NUMBER, Proof(postcode="-")) is None
    assert await shop.find_order(NUMBER, ADA) is not None


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("packing", "too_late"),
        ("shipped", "too_late"),
        ("delivered", "too_late"),
        ("cancelled", "already"),
        ("returned", "already"),
    ],
)
async def test_later_nothing_is_changed(received: Make, status: str, reason: str) -> None:
    shop = received(status)
    before = await order_of(shop)
    assert await refusal(shop.cancel_order(NUMBER, ADA, key="k1")) == reason
    assert await refusal(shop.change_address(NUMBER, ADA, OFFICE, key="k2")) == reason
    assert await order_of(shop) == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"street": ""},
        {"city": "\t"},
    ],
)
async def test_no_carrier_is_sent_to_half_an_address(received: Make, wrong: dict[str, str]) -> None:
    shop = received()
    before = await order_of(shop)
    attempt = shop.change_address(NUMBER, ADA, replace(OFFICE, **wrong), key="k1")
    assert await refusal(attempt) == "refused"
    assert await order_of(shop) == before
    # The key is free still.
    await shop.change_address(NUMBER, ADA, OFFICE, key="k1")


@pytest.mark.parametrize(
    ("number", "proof"),
    [
        ("LK-999999", ADA),
        ("nothing", ADA),
        (NUMBER, Proof(email="eve@example.com")),
        (NUMBER, Proof(customer_id="7")),
    ],
)
async def test_what_is_not_proved_is_not_found(received: Make, number: str, proof: Proof) -> None:
    shop = received()
    wanted = ReturnRequest("LK-TENT-001", 1, "refund", "too big")
    errors = []
    for attempt in (
        shop.cancel_order(number, proof, key="k1"),
        shop.change_address(number, proof, OFFICE, key="k2"),
        shop.request_return(number, proof, wanted, key="k3"),
    ):
        with pytest.raises(NotPossibleError) as error:
            await attempt
        errors.append(str(error.value))
    assert errors == ["not_found"] * 3
    assert (await order_of(shop)).status == "received"


async def test_a_shop_without_orders_changes_none(products_file: Path) -> None:
    shop = DemoShop(products_file, None)
    wanted = ReturnRequest("LK-TENT-001", 1, "refund", "too big")
    assert await refusal(shop.cancel_order(NUMBER, ADA, key="k")) == "not_found"
    assert await refusal(shop.change_address(NUMBER, ADA, OFFICE, key="k")) == "not_found"
    assert await refusal(shop.request_return(NUMBER, ADA, wanted, key="k")) == "not_found"


async def test_the_same_key_says_again_what_it_said(received: Make) -> None:
    shop = received()
    moved = await shop.change_address(NUMBER, OLD, OFFICE, key="k1")
    cancelled = await shop.cancel_order(NUMBER, ADA, key="k2")
    assert cancelled.status == "cancelled"
    # Though the old postcode proves no more, and nothing can be changed any more.
    assert await shop.change_address(NUMBER, OLD, OFFICE, key="k1") == moved
    assert await shop.cancel_order("#204518", ADA, key="k2") == cancelled
    assert await order_of(shop) == cancelled
    assert await refusal(shop.cancel_order(NUMBER, ADA, key="k3")) == "already"


async def test_a_key_alone_proves_nothing(received: Make) -> None:
    shop = received(more=({"number": "LK-204519", "email": "eve@example.com", "postcode": "1"},))
    await shop.change_address(NUMBER, OLD, OFFICE, key="k1")
    for proof in (Proof(postcode="1"), Proof(email="eve@example.com"), Proof(customer_id="7")):
        attempt = shop.change_address(NUMBER, proof, OFFICE, key="k1")
        assert await refusal(attempt) == "not_found"
    # Nor does it carry a proof over to another order.
    assert await refusal(shop.cancel_order("LK-204519", OLD, key="k1")) == "not_found"


async def test_a_key_is_not_used_for_something_else(received: Make) -> None:
    shop = received(more=({"number": "LK-204519"},))
    await shop.change_address(NUMBER, ADA, OFFICE, key="k1")
    wanted = ReturnRequest("LK-TENT-001", 1, "refund", "too big")
    for attempt in (
        shop.cancel_order(NUMBER, ADA, key="k1"),
        shop.cancel_order("LK-204519", ADA, key="k1"),
        shop.change_address("LK-204519", ADA, OFFICE, key="k1"),
        shop.change_address(NUMBER, ADA, replace(OFFICE, city="Gent"), key="k1"),
        shop.request_return(NUMBER, ADA, wanted, key="k1"),
    ):
        assert await refusal(attempt) == "refused"
    assert (await order_of(shop)).status == "received"


async def test_a_key_is_needed(received: Make) -> None:
    shop = received()
    wanted = ReturnRequest("LK-TENT-001", 1, "refund", "too big")
    for attempt in (
        shop.cancel_order(NUMBER, ADA, key=""),
        shop.change_address(NUMBER, ADA, OFFICE, key=""),
        shop.request_return(NUMBER, ADA, wanted, key=""),
    ):
        with pytest.raises(ValueError, match="key"):
            await attempt


async def test_one_key_twice_at_once_has_one_effect(received: Make, tmp_path: Path) -> None:
    database = tmp_path / "orders.db"
    # Two connections to one file, as two processes have them.
    shops = [received(database=database) for _ in range(2)]
    said = await asyncio.gather(
        *(shop.cancel_order(NUMBER, ADA, key="k1") for shop in shops for _ in range(4))
    )
    assert {order.status for order in said} == {"cancelled"}
    assert said == [said[0]] * 8


async def test_of_two_keys_at_once_one_comes_too_late(received: Make, tmp_path: Path) -> None:
    shops = [received(database=tmp_path / "orders.db") for _ in range(2)]
    said = await asyncio.gather(
        *(shop.cancel_order(NUMBER, ADA, key=f"k{n}") for n, shop in enumerate(shops * 4)),
        return_exceptions=True,
    )
    assert [order.status for order in said if isinstance(order, Order)] == ["cancelled"]
    refused = [error.reason for error in said if isinstance(error, NotPossibleError)]
    assert refused == ["already"] * 7


async def test_signs_that_cannot_be_stored_do_no_harm(received: Make) -> None:
    shop = received()
    strange = replace(OFFICE, name="Ada \ud83d", street="\udc00 1")
    after = await shop.change_address(NUMBER, ADA, strange, key="k\ud800")
    assert after.customer == "Ada ?"
    assert await shop.change_address(NUMBER, ADA, strange, key="k\ud800") == after


async def test_a_closed_shop_is_unavailable(received: Make) -> None:
    shop = received()
    await shop.close()
    with pytest.raises(ShopUnavailableError):
        await shop.find_order(NUMBER, ADA)
    with pytest.raises(ShopUnavailableError):
        await shop.cancel_order(NUMBER, ADA, key="k1")
