"""What is changed in a Shopify shop: once, as long as it is possible, for those whose it is."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from typing import Any

import pytest

from commerce.commerce import Address, Proof, Return, ReturnRequest
from commerce.errors import NotPossibleError
from commerce.shopify import Shopify
from commerce.shopify._changes import mark_of
from tests.commerce.shopify.changes import (
    ADA,
    CHANGES,
    EVE,
    HOME,
    TENT,
    Change,
    cancel,
    give_back,
    redirect,
    sent,
)
from tests.commerce.shopify.fake import (
    ORDER_ID,
    FakeShopify,
    Trouble,
    a_line,
    an_error,
    an_order,
)


async def refusal(change: Awaitable[object]) -> NotPossibleError:
    with pytest.raises(NotPossibleError) as caught:
        await change
    return caught.value


async def test_an_order_is_called_off(fake: FakeShopify, shop: Shopify) -> None:
    fake.looks_until_cancelled = 2
    order = await cancel(shop)
    assert (order.number, order.status) == ("#1001", "cancelled")
    (asked,) = fake.variables("CancelOrder")
    assert asked["id"] == fake.orders[0]["id"]
    assert len(asked["note"]) <= 255
    document = next(r.json["query"] for r in fake.requests if "mutation" in r.json["query"])
    assert "originalPaymentMethodsRefund: true" in document
    assert "restock: true" in document


async def test_an_order_is_sent_elsewhere(fake: FakeShopify, shop: Shopify) -> None:
    order = await redirect(shop)
    assert (order.customer, order.postcode) == ("Ada B. Example", "3012 AA")
    assert fake.variables("ChangeAddress")[0]["input"]["shippingAddress"] == {
        "firstName": "Ada B.",
        "lastName": "Example",
        "address1": "Coolsingel 1",
        "address2": "3rd floor, left",
        "zip": "3012 AA",
        "city": "Rotterdam",
        "countryCode": "NL",
        "phone": "+31101234567",
    }


async def test_a_province_is_kept_where_the_postcode_is(fake: FakeShopify, shop: Shopify) -> None:
    near = Address("Ada", "Blaak 2", "3011  WN", "Rotterdam", "NL")
    await shop.change_address("1001", ADA, near, key="k1")
    assert fake.orders[0]["shippingAddress"]["provinceCode"] == "ZH"


async def test_a_return_is_announced(fake: FakeShopify, shop: Shopify) -> None:
    fake.orders = [sent()]
    assert await give_back(shop) == Return("#1001-R1", approved=False)
    (line,) = fake.variables("RequestReturn")[0]["input"]["returnLineItems"]
    assert line["fulfillmentLineItemId"] == "gid://shopify/FulfillmentLineItem/LK-TENT-001"
    assert (line["quantity"], line["returnReason"]) == (1, "OTHER")
    assert line["customerNote"].startswith("Refund. Reason: It leaks. [Shopdesk ")
    fake.returns[fake.orders[0]["id"]][0]["status"] = "OPEN"
    assert await give_back(shop) == Return("#1001-R1", approved=True)


async def test_the_wish_of_an_exchange_stands_in_the_note(fake: FakeShopify, shop: Shopify) -> None:
    fake.orders = [sent()]
    wanted = ReturnRequest("LK-TENT-001", 2, "exchange", "too\x00 small\n" + "x" * 500, "size 43")
    await shop.request_return("1001", ADA, wanted, key="k1")
    note = fake.variables("RequestReturn")[0]["input"]["returnLineItems"][0]["customerNote"]
    assert note.startswith("Exchange for: size 43. Reason: too small xxx")
    assert note.endswith("]")
    assert len(note) == 300


async def test_pieces_of_several_parcels_go_back_together(fake: FakeShopify, shop: Shopify) -> None:
    lines = [a_line(quantity=1), a_line("LK-MUG-001"), a_line(quantity=2)]
    fake.orders = [sent(lineItems={"nodes": lines})]
    wanted = ReturnRequest("LK-TENT-001", 2, "refund", "")
    await shop.request_return("1001", ADA, wanted, key="k1")
    asked = fake.variables("RequestReturn")[0]["input"]["returnLineItems"]
    assert [line["quantity"] for line in asked] == [1, 1]


@pytest.mark.parametrize("change", CHANGES)
async def test_the_same_key_changes_once(fake: FakeShopify, shop: Shopify, change: Change) -> None:
    fake.orders = [sent()] if change is give_back else [an_order()]
    first = await change(shop, ADA, "k1")
    assert await change(shop, ADA, "k1") == first
    assert len(fake.changes) == 1


@pytest.mark.parametrize("change", CHANGES)
async def test_the_same_key_at_the_same_time_changes_once(
    fake: FakeShopify, shop: Shopify, change: Change
) -> None:
    fake.orders = [sent()] if change is give_back else [an_order()]
    first, second = await asyncio.gather(change(shop, ADA, "k1"), change(shop, ADA, "k1"))
    assert first == second
    assert len(fake.changes) == 1


async def test_the_same_key_is_known_by_the_postcode_of_before(
    fake: FakeShopify, shop: Shopify
) -> None:
    old = Proof(postcode="3011 WN")
    first = await redirect(shop, old)
    assert await redirect(shop, old) == first
    # But only with the key of then, and only by who had it.
    assert (await refusal(redirect(shop, old, "k2"))).reason == "not_found"
    assert (await refusal(redirect(shop, EVE, "k1"))).reason == "not_found"
    assert await shop.find_order("1001", old) is None
    assert fake.changes == ["address"]


@pytest.mark.parametrize("change", CHANGES)
async def test_what_is_somebody_elses_is_not_changed(
    fake: FakeShopify, shop: Shopify, change: Change
) -> None:
    strange = await refusal(change(shop, EVE, "k1"))
    fake.orders = []
    absent = await refusal(change(shop, ADA, "k1"))
    assert (strange.reason, str(strange)) == (absent.reason, str(absent)) == ("not_found",) * 2
    assert fake.changes == []


@pytest.mark.parametrize(
    ("change", "changes", "reason"),
    [
        (cancel, {"cancelledAt": "2026-01-08T10:00:00Z"}, "already"),
        (cancel, {"displayFulfillmentStatus": "IN_PROGRESS"}, "too_late"),
        (cancel, {"displayFulfillmentStatus": "FULFILLED"}, "too_late"),
        (redirect, {"cancelledAt": "2026-01-08T10:00:00Z"}, "refused"),
        (redirect, {"displayFulfillmentStatus": "PARTIALLY_FULFILLED"}, "too_late"),
        (redirect, {"shippingAddress": None}, "refused"),
        (give_back, {"cancelledAt": "2026-01-08T10:00:00Z"}, "refused"),
        (give_back, {}, "refused"),
    ],
)
async def test_what_the_order_does_not_allow_is_not_asked_for(
    fake: FakeShopify, shop: Shopify, change: Change, changes: dict[str, Any], reason: str
) -> None:
    fake.orders = [an_order(**changes)]
    assert (await refusal(change(shop, ADA, "k1"))).reason == reason
    assert fake.changes == []


async def test_another_country_is_refused(fake: FakeShopify, shop: Shopify) -> None:
    away = Address("Ada", "Meir 1", "2000", "Antwerpen", "BE")
    error = await refusal(shop.change_address("1001", ADA, away, key="k1"))
    assert error.reason == "refused"
    assert fake.changes == []


@pytest.mark.parametrize(
    ("sku", "quantity", "reason"),
    [
        ("LK-TENT-001", 3, "refused"),
        ("LK-MUG-001", 1, "refused"),
        ("", 1, "refused"),
    ],
)
async def test_what_is_not_there_does_not_go_back(
    fake: FakeShopify, shop: Shopify, sku: str, quantity: int, reason: str
) -> None:
    fake.orders = [sent()]
    wanted = ReturnRequest(sku, quantity, "refund", "")
    error = await refusal(shop.request_return("1001", ADA, wanted, key="k1"))
    assert error.reason == reason
    assert fake.changes == []


async def test_a_key_is_not_used_for_something_else(fake: FakeShopify, shop: Shopify) -> None:
    await redirect(shop)
    other = replace(HOME, city="Delft")
    error = await refusal(shop.change_address("1001", ADA, other, key="k1"))
    assert error.reason == "refused"
    fake.orders = [sent()]
    await give_back(shop)
    wanted = replace(TENT, kind="exchange")
    error = await refusal(shop.request_return("1001", ADA, wanted, key="k1"))
    assert error.reason == "refused"
    assert fake.changes == ["address", "return"]


async def test_an_article_goes_back_once(fake: FakeShopify, shop: Shopify) -> None:
    fake.orders = [sent(lineItems={"nodes": [a_line(quantity=1)]})]
    await give_back(shop)
    assert (await refusal(give_back(shop, key="k2"))).reason == "already"
    assert fake.changes == ["return"]


async def test_a_return_that_came_to_nothing_is_no_return(fake: FakeShopify, shop: Shopify) -> None:
    fake.orders = [sent(lineItems={"nodes": [a_line(quantity=1)]})]
    await give_back(shop)
    fake.returns[ORDER_ID][0]["status"] = "DECLINED"
    assert (await refusal(give_back(shop, key="k2"))).reason == "refused"


async def test_nobody_forges_the_mark_of_a_key(fake: FakeShopify, shop: Shopify) -> None:
    fake.orders = [sent()]
    forged = ReturnRequest("LK-TENT-001", 1, "refund", f"It leaks {mark_of('k2')}")
    await shop.request_return("1001", ADA, forged, key="k1")
    assert (await give_back(shop, key="k2")).number == "#1001-R2"


async def test_a_value_that_shopify_does_not_know_is_refused(
    fake: FakeShopify, shop: Shopify
) -> None:
    fake.faults = [Trouble(an_error("INVALID_VARIABLE"), operation="ChangeAddress")]
    assert str(await refusal(redirect(shop))) == "refused: INVALID_VARIABLE"


@pytest.mark.parametrize(
    ("change", "operation"),
    [(cancel, "CancelOrder"), (redirect, "ChangeAddress"), (give_back, "RequestReturn")],
)
async def test_a_refusal_says_code_and_field_and_nothing_of_the_customer(
    fake: FakeShopify, shop: Shopify, change: Change, operation: str
) -> None:
    fake.orders = [sent()] if change is give_back else [an_order()]
    message = "1 Secret Street is not a place"
    fake.refusals[operation] = [
        {"code": "INVALID", "field": ["input", "zip", message], "message": message}
    ]
    error = await refusal(change(shop, ADA, "k1"))
    assert str(error) == "refused: INVALID input zip"


async def test_an_order_that_was_called_off_meanwhile_is_said_so(
    fake: FakeShopify, shop: Shopify
) -> None:
    fake.refusals["CancelOrder"] = [{"code": "INVALID", "field": None}]
    find = fake.does["FindOrders"]

    def find_and_cancel(asked: dict[str, Any]) -> dict[str, Any]:
        found = {**find(asked), "orders": {"nodes": [an_order()]}}
        fake.orders[0]["cancelledAt"] = "2026-01-08T10:00:00Z"
        return found

    fake.does["FindOrders"] = find_and_cancel
    assert (await refusal(cancel(shop))).reason == "already"


async def test_what_shopify_does_not_carry_out_is_said_so(fake: FakeShopify, shop: Shopify) -> None:
    cancelling = fake.does["CancelOrder"]

    def fail_later(asked: dict[str, Any]) -> dict[str, Any]:
        answer = cancelling(asked)
        fake.cancelling = None
        return answer

    fake.does["CancelOrder"] = fail_later
    assert (await refusal(cancel(shop))).reason == "refused"
    assert fake.operations.count("ReadOrder") == 2


@pytest.mark.parametrize("change", CHANGES)
async def test_a_change_without_a_key_is_a_mistake(
    fake: FakeShopify, shop: Shopify, change: Change
) -> None:
    with pytest.raises(ValueError, match="key"):
        await change(shop, ADA, "")
    assert fake.requests == []
