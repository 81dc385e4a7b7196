"""Numbers of a Shopify shop's orders: as they are typed, searched for and meant."""

import re

import pytest

from commerce.commerce import Order
from commerce.shopify import Shopify
from tests.commerce.shopify.changes import ADA
from tests.commerce.shopify.fake import FakeShopify, an_order


async def found(shop: Shopify, number: str) -> Order:
    order = await shop.find_order(number, ADA)
    assert order is not None
    return order


@pytest.mark.parametrize(
    "typed",
    [
        "LK-204518",
        "lk 204518",
        "#LK204518",
        "ＬＫ－２０４５１８",
        "204518",
        " lk_204518 ",
        "LK – 204518",
    ],
)
async def test_a_number_is_read_as_the_shop_writes_it(
    fake: FakeShopify, shop: Shopify, typed: str
) -> None:
    fake.prefix = "LK-"
    fake.orders = [an_order(name="LK-204518", number=204518)]
    assert (await found(shop, typed)).number == "LK-204518"


async def test_how_the_shop_writes_its_numbers_is_asked_once(
    fake: FakeShopify, shop: Shopify
) -> None:
    fake.prefix = "LK-"
    fake.orders = [an_order(name="LK-204518", number=204518)]
    await found(shop, "204518")
    await found(shop, "204518")
    assert [asked["query"] for asked in fake.variables("FindOrders")] == [
        "name:204518",
        "name:204518 OR name:LK-204518 OR name:LK204518",
        "name:204518 OR name:LK-204518 OR name:LK204518",
    ]


async def test_a_number_that_is_only_like_it_is_not_it(fake: FakeShopify, shop: Shopify) -> None:
    fake.orders = [an_order(name="#10012", number=10012), an_order(name="#1001-A", number=9)]
    assert await shop.find_order("1001", ADA) is None
    fake.orders.append(an_order())
    assert (await found(shop, "1001")).number == "#1001"
    assert await shop.find_order("LK-1001", ADA) is None


async def test_of_two_that_differ_in_signs_only_the_one_as_typed_is_meant(
    fake: FakeShopify, shop: Shopify
) -> None:
    fake.orders = [
        an_order(name="#1001-1", number=5),
        an_order(name="#10011", number=10011, email="eve@example.com"),
    ]
    assert (await found(shop, "1001-1")).number == "#1001-1"
    assert await shop.find_order("10011", ADA) is None


@pytest.mark.parametrize(
    "typed",
    [
        "1001 OR email:*",
        '1001" OR "a',
        "1001' OR 'a",
        "name:1001",
        "(1001)",
        "1001\\",
        "1001*",
        "1001 }",
        "1001\n1002 1003 1004 1005 1006",
        "\ud800",
        "hello",
        "",
        "1" * 41,
    ],
)
async def test_what_is_no_number_does_not_reach_the_shop(
    fake: FakeShopify, shop: Shopify, typed: str
) -> None:
    assert await shop.find_order(typed, ADA) is None
    assert fake.requests == []


async def test_a_search_is_made_of_letters_digits_and_hyphens(
    fake: FakeShopify, shop: Shopify
) -> None:
    fake.prefix = 'X" OR email:* ('
    await shop.find_order("OR 1001", ADA)
    await shop.find_order("1001", ADA)
    for asked in fake.variables("FindOrders"):
        assert re.fullmatch(r"name:[A-Za-z0-9-]+( OR name:[A-Za-z0-9-]+)*", asked["query"])
