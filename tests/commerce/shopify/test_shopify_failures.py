"""A Shopify that is away, slow, overrun, or answers nonsense; and what its errors tell."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest

from commerce.errors import CommerceError, OutcomeUnknownError, ShopUnavailableError
from commerce.shopify import Shopify
from tests.commerce.shop_server import Reply
from tests.commerce.shopify.changes import ADA, Change, cancel, give_back, redirect, sent
from tests.commerce.shopify.conftest import Pauses
from tests.commerce.shopify.fake import (
    CLIENT,
    TOKEN,
    FakeShopify,
    Trouble,
    an_error,
    an_order,
    throttled,
)

SECRETS = (TOKEN, CLIENT[1], "shpat_of_the_day", "ada@", "Secret Street", "1001", "3011")
CHANGES = [(cancel, "CancelOrder"), (redirect, "ChangeAddress"), (give_back, "RequestReturn")]


async def failure(asking: Awaitable[object], kind: type[CommerceError]) -> str:
    """What is said of it, and why."""
    with pytest.raises(kind) as caught:
        await asking
    assert type(caught.value) is kind or kind is OutcomeUnknownError
    error: BaseException | None = caught.value
    told = []
    while error:
        told.append(f"{error!r} {error}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    assert not any(secret in " ".join(told) for secret in SECRETS)
    return str(caught.value)


async def unavailable(shop: Shopify) -> str:
    return await failure(shop.find_order("1001", ADA), ShopUnavailableError)


@pytest.mark.parametrize("status", [401, 403])
async def test_a_key_that_is_refused_is_said_with_what_to_do(
    fake: FakeShopify, shop: Shopify, status: int
) -> None:
    fake.faults = [Trouble(Reply(status, {"errors": "Ada at 1 Secret Street"}))]
    assert "docs/commerce/shopify.md" in await unavailable(shop)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(404, {"errors": "Not Found"}),
        Reply(402, {"errors": "Unavailable Shop"}),
        Reply(301, None, headers={"Location": "https://elsewhere.example/"}),
        Reply(text="<html>Secret Street</html>"),
        Reply(text='{"data": '),
        Reply(text="NaN"),
        Reply(data=[]),
        Reply(data={}),
        Reply(data={"data": None}),
        Reply(data={"data": {"orders": {"nodes": "Ada at 1 Secret Street"}}}),
        Reply(data={"errors": "Ada at 1 Secret Street"}),
        an_error("INTERNAL_SERVER_ERROR"),
        an_error("Ada at 1 Secret Street"),
        an_error("SHOP_INACTIVE"),
    ],
)
async def test_nonsense_is_an_error(fake: FakeShopify, shop: Shopify, reply: Reply) -> None:
    fake.faults = [Trouble(reply)]
    await unavailable(shop)
    assert len(fake.requests) == 1


async def test_an_amount_that_is_none_is_nonsense(fake: FakeShopify, shop: Shopify) -> None:
    for amount, currency in (("NaN", "EUR"), ("1.0", "eur"), ("", "EUR")):
        bad = {"presentmentMoney": {"amount": amount, "currencyCode": currency}}
        fake.orders = [an_order(totalPriceSet=bad)]
        assert "totalPriceSet" in await unavailable(shop)


async def test_a_missing_scope_is_named(fake: FakeShopify, shop: Shopify) -> None:
    access = {"requiredAccess": "`read_customers` access scope. Also: `read_orders`"}
    fake.faults = [Trouble(an_error("ACCESS_DENIED", error=access))]
    assert "the scope read_customers, read_orders is missing" in await unavailable(shop)
    fake.faults = [Trouble(an_error("ACCESS_DENIED"))]
    assert "access to customers' data is missing" in await unavailable(shop)
    scopes = {"requiredAccess": "`write_returns` access scope."}
    fake.faults = [Trouble(an_error("ACCESS_DENIED", error=scopes), operation="RequestReturn")]
    fake.orders = [sent()]
    assert "write_returns" in await failure(give_back(shop), ShopUnavailableError)


async def test_reading_is_tried_again(fake: FakeShopify, shop: Shopify) -> None:
    for faults in (
        [Trouble(Reply(500)), Trouble(Reply(503))],
        [Trouble(), Trouble(carried_out=True)],
        [Trouble(throttled(50)), Trouble(throttled(50))],
    ):
        fake.faults = list(faults)
        assert await shop.find_order("1001", ADA) is not None
        assert fake.faults == []


async def test_reading_is_not_tried_for_ever(fake: FakeShopify, shop: Shopify) -> None:
    for reply in (Reply(500), throttled(50)):
        fake.requests.clear()
        fake.faults = [Trouble(reply) for _ in range(9)]
        await unavailable(shop)
        assert len(fake.requests) == 3


async def test_a_shop_is_left_alone_as_long_as_it_says(
    fake: FakeShopify, shop: Shopify, pauses: Pauses
) -> None:
    fake.faults = [Trouble(Reply(429, headers={"Retry-After": "2.0"}))]
    await shop.find_order("1001", ADA)
    fake.faults = [Trouble(throttled(150))]
    await shop.find_order("1001", ADA)
    fake.faults = [Trouble(an_error("THROTTLED"))]
    await shop.find_order("1001", ADA)
    assert pauses == [2.0, 1.5, 1.0]


@pytest.mark.parametrize("reply", [throttled(10_000, 2e6), throttled(3000), throttled(-9, 0.5)])
async def test_nobody_waits_for_what_takes_too_long(
    fake: FakeShopify, shop: Shopify, pauses: Pauses, reply: Reply
) -> None:
    fake.faults = [Trouble(reply)]
    assert "THROTTLED" in await unavailable(shop)
    assert (pauses, len(fake.requests)) == ([], 1)


async def test_a_slow_shop_is_given_up(fake: FakeShopify, hasty: Shopify) -> None:
    fake.faults = [Trouble(hangs=True)]
    async with asyncio.timeout(2.0):
        assert "in time" in await unavailable(hasty)


async def test_a_shop_that_is_down_is_told_quickly(fake: FakeShopify) -> None:
    await fake.stop()
    shop = Shopify(fake.url, token=TOKEN)
    async with asyncio.timeout(8.0):
        assert "cannot be reached" in await unavailable(shop)
    await shop.close()


async def test_nobody_waits_for_a_token_that_others_have_more_time_for(fake: FakeShopify) -> None:
    shop = Shopify(fake.url, client_id=CLIENT[0], client_secret=CLIENT[1], seconds=0.2)
    fake.faults = [Trouble(hangs=True, path="access_token")]
    products = asyncio.create_task(shop.search_products("heron"))
    await asyncio.sleep(0)
    async with asyncio.timeout(2.0):
        assert "access token" in await unavailable(shop)
        with pytest.raises(ShopUnavailableError):
            await products
    await shop.close()


async def test_a_shop_that_is_away_is_an_error(fake: FakeShopify, shop: Shopify) -> None:
    await fake.stop()
    await unavailable(shop)
    assert "cannot be reached" in await failure(cancel(shop), ShopUnavailableError)


@pytest.mark.parametrize(("change", "operation"), CHANGES)
@pytest.mark.parametrize(
    "reply", [None, Reply(500), Reply(text="<"), Reply(data={}), Reply(data=[])]
)
async def test_a_change_whose_answer_is_lost_is_looked_for(
    fake: FakeShopify, shop: Shopify, change: Change, operation: str, reply: Reply | None
) -> None:
    fake.orders = [sent()] if change is give_back else [an_order()]
    fake.faults = [Trouble(reply, carried_out=True, operation=operation)]
    first = await change(shop, ADA, "k1")
    assert await change(shop, ADA, "k1") == first
    # An address may be written twice; it is the same one.
    assert len(fake.changes) == 1 or change is redirect


@pytest.mark.parametrize(("change", "operation"), [CHANGES[0], CHANGES[2]])
async def test_a_change_that_is_not_seen_is_not_tried_again(
    fake: FakeShopify, shop: Shopify, change: Change, operation: str
) -> None:
    fake.orders = [sent()] if change is give_back else [an_order()]
    fake.faults = [Trouble(operation=operation)]
    await failure(change(shop, ADA, "k1"), OutcomeUnknownError)
    assert fake.operations.count(operation) == 1
    # Asked again on purpose, it is looked for first.
    await change(shop, ADA, "k1")
    assert len(fake.changes) == 1


async def test_an_address_may_be_written_again(fake: FakeShopify, shop: Shopify) -> None:
    fake.faults = [Trouble(operation="ChangeAddress"), Trouble(operation="ChangeAddress")]
    assert (await redirect(shop)).postcode == "3012 AA"
    assert fake.changes == ["address"]


@pytest.mark.parametrize(("change", "operation"), CHANGES)
async def test_a_change_that_takes_too_long_is_looked_for(
    fake: FakeShopify, hasty: Shopify, change: Change, operation: str
) -> None:
    fake.orders = [sent()] if change is give_back else [an_order()]
    fake.faults = [Trouble(hangs=True, carried_out=True, operation=operation)]
    await change(hasty, ADA, "k1")
    assert len(fake.changes) == 1


@pytest.mark.parametrize(("change", "operation"), CHANGES)
async def test_what_cannot_be_looked_for_stays_unknown(
    fake: FakeShopify, shop: Shopify, change: Change, operation: str
) -> None:
    fake.orders = [sent()] if change is give_back else [an_order()]
    changing = fake.does[operation]

    def change_and_close(asked: dict[str, Any]) -> dict[str, Any]:
        for read in ("ReadReturns", "ReadOrder", "ReadOrderIfRedirected"):
            fake.faults += [Trouble(Reply(404, {}), operation=read) for _ in range(9)]
        return changing(asked)

    fake.does[operation] = change_and_close
    fake.faults = [Trouble(carried_out=True, operation=operation) for _ in range(3)]
    await failure(change(shop, ADA, "k1"), OutcomeUnknownError)


@pytest.mark.parametrize(("change", "operation"), CHANGES)
async def test_a_throttled_change_is_tried_again(
    fake: FakeShopify, shop: Shopify, change: Change, operation: str
) -> None:
    fake.orders = [sent()] if change is give_back else [an_order()]
    fake.faults = [
        Trouble(throttled(50), operation=operation),
        Trouble(Reply(429), operation=operation),
    ]
    await change(shop, ADA, "k1")
    assert len(fake.changes) == 1


@pytest.mark.parametrize(("change", "operation"), CHANGES)
async def test_an_error_inside_shopify_leaves_a_change_unknown(
    fake: FakeShopify, shop: Shopify, change: Change, operation: str
) -> None:
    fake.orders = [sent()] if change is give_back else [an_order()]
    fake.faults = [Trouble(an_error("INTERNAL_SERVER_ERROR"), operation=operation)]
    await failure(change(shop, ADA, "k1"), OutcomeUnknownError)


async def test_a_cancellation_that_does_not_end_is_unknown(
    fake: FakeShopify, shop: Shopify, pauses: Pauses
) -> None:
    fake.looks_until_cancelled = 99
    await failure(cancel(shop), OutcomeUnknownError)
    assert pauses == [0.2, 0.5, 1.0, 1.5, 2.0]
    # It has ended by the time that somebody asks again.
    fake.looks_until_cancelled = 0
    fake.read_order({"id": fake.orders[0]["id"]})
    assert (await cancel(shop)).status == "cancelled"
    assert fake.changes == ["cancel"]


async def test_an_answer_without_a_result_is_unknown(fake: FakeShopify, shop: Shopify) -> None:
    fake.orders = [sent()]
    made: dict[str, Any] = {"returnRequest": {"return": None, "userErrors": []}}
    fake.faults = [Trouble(Reply(data={"data": made}), operation="RequestReturn")]
    await failure(give_back(shop), OutcomeUnknownError)
    fake.orders = [an_order()]
    updated: dict[str, Any] = {"orderUpdate": {"order": None, "userErrors": []}}
    fake.faults = [Trouble(Reply(data={"data": updated}), operation="ChangeAddress")]
    await failure(redirect(shop), OutcomeUnknownError)
