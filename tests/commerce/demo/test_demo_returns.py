"""Returns that are announced to the demo shop: what was bought, each piece once."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from commerce.commerce import Proof, ReturnRequest
from commerce.demo import DemoShop
from commerce.errors import NotPossibleError

NUMBER = "LK-204518"
ADA = Proof(email="ada@example.com")
# Two were bought.
ONE_TENT = ReturnRequest("LK-TENT-001", 1, "refund", "too big")

Make = Callable[..., DemoShop]


async def refusal(shop: DemoShop, wanted: ReturnRequest, key: str = "k") -> str:
    with pytest.raises(NotPossibleError) as error:
        await shop.request_return(NUMBER, ADA, wanted, key=key)
    return error.value.reason


async def test_a_return_has_a_number_and_the_order_stays_as_it_is(small_shop: Make) -> None:
    shop = small_shop()
    before = await shop.find_order(NUMBER, ADA)
    announced = await shop.request_return(NUMBER, ADA, ONE_TENT, key="k1")
    assert re.fullmatch(r"R-\d{6}", announced.number)
    assert announced.approved
    assert await shop.find_order(NUMBER, ADA) == before


async def test_each_piece_is_announced_once(small_shop: Make) -> None:
    shop = small_shop()
    exchange = replace(ONE_TENT, sku=" lk-tent-001 ", kind="exchange", wanted="the sand one")
    first = await shop.request_return(NUMBER, ADA, ONE_TENT, key="k1")
    assert await refusal(shop, replace(ONE_TENT, quantity=2)) == "refused"
    second = await shop.request_return(NUMBER, ADA, exchange, key="k2")
    assert first.number != second.number
    assert await refusal(shop, ONE_TENT) == "already"
    assert await shop.request_return(NUMBER, ADA, ONE_TENT, key="k1") == first
    assert await refusal(shop, exchange, key="k1") == "refused"


@pytest.mark.parametrize(
    "wanted",
    [
        replace(ONE_TENT, quantity=3),
        replace(ONE_TENT, sku="LK-TENT-002"),
        replace(ONE_TENT, sku=""),
    ],
)
async def test_what_was_not_bought_does_not_come_back(
    small_shop: Make, wanted: ReturnRequest
) -> None:
    assert await refusal(small_shop(), wanted) == "refused"


async def test_lines_of_one_article_count_together(small_shop: Make) -> None:
    shop = small_shop(order={"lines": "LK-TENT-001:2|lk-tent-001:1"})
    await shop.request_return(NUMBER, ADA, replace(ONE_TENT, quantity=3), key="k1")
    assert await refusal(shop, ONE_TENT) == "already"


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("received", "refused"),
        ("packing", "refused"),
        ("cancelled", "refused"),
        ("returned", "already"),
    ],
)
async def test_what_is_not_with_the_customer_does_not_come_back(
    received: Make, status: str, reason: str
) -> None:
    assert await refusal(received(status), ONE_TENT) == reason


async def test_what_is_on_its_way_may_be_announced(received: Make) -> None:
    assert await received("shipped").request_return(NUMBER, ADA, ONE_TENT, key="k1")


async def test_at_once_no_piece_is_announced_twice(small_shop: Make, tmp_path: Path) -> None:
    shops = [small_shop(database=tmp_path / "orders.db") for _ in range(2)]
    said = await asyncio.gather(
        *(shop.request_return(NUMBER, ADA, ONE_TENT, key=f"k{n}") for n in (1, 2) for shop in shops)
    )
    assert len({announced.number for announced in said}) == 2
    assert await refusal(shops[0], ONE_TENT) == "already"
