"""Orders of a Shopify shop: found by those who prove that they are theirs, and by nobody else."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from commerce.commerce import Customer, Money, Order, OrderLine, Proof, Text
from commerce.shopify import Shopify
from tests.commerce.shopify.changes import ADA
from tests.commerce.shopify.fake import FakeShopify, a_line, a_parcel, an_order


async def found(shop: Shopify) -> Order:
    order = await shop.find_order("1001", ADA)
    assert order is not None
    return order


async def test_an_order_is_told_whole(fake: FakeShopify, shop: Shopify) -> None:
    fake.orders = [an_order(displayFulfillmentStatus="FULFILLED", fulfillments=[a_parcel()])]
    assert await found(shop) == Order(
        number="#1001",
        customer="Ada Example",
        postcode="3011 WN",
        country="NL",
        status="shipped",
        # Half past midnight in Amsterdam: a day later than in Greenwich.
        placed=date(2026, 1, 8),
        shipped=date(2026, 1, 9),
        delivered=None,
        carrier="Polderpost",
        tracking="PP1",
        lines=(
            OrderLine(
                "LK-TENT-001", Text("Heron 2 tent - sand", "Heron 2 tent - sand"), 2, "Tents"
            ),
        ),
        shipping=Money(Decimal("4.95"), "EUR"),
        total=Money(Decimal("562.95"), "EUR"),
        tracking_url="https://post.example/track?n=PP1",
    )


@pytest.mark.parametrize(
    "proof",
    [
        Proof(email=" ADA@Example.com "),
        Proof(email="ａda@example.com"),
        Proof(postcode="3011wn"),
        Proof(postcode="3011-WN"),
        Proof(customer_id="77"),
        Proof(customer_id="gid://shopify/Customer/77"),
        Proof(email="eve@example.com", postcode="3011 WN"),
    ],
)
async def test_one_thing_that_fits_proves(shop: Shopify, proof: Proof) -> None:
    assert await shop.find_order("1001", proof) is not None


@pytest.mark.parametrize(
    "proof",
    [
        Proof(email="eve@example.com"),
        Proof(postcode="3011"),
        Proof(postcode="-"),
        Proof(customer_id="7"),
        Proof(customer_id="gid://shopify/Order/77"),
        Proof(email="*"),
    ],
)
async def test_a_wrong_proof_looks_like_no_order(shop: Shopify, proof: Proof) -> None:
    assert await shop.find_order("1001", proof) is None
    assert await shop.find_order("9999", proof) is None


@pytest.mark.parametrize(
    "proof", [Proof(email="x", postcode="-"), Proof(email="?", customer_id="guest"), Proof("-")]
)
async def test_what_an_order_does_not_have_proves_nothing(
    fake: FakeShopify, shop: Shopify, proof: Proof
) -> None:
    fake.orders = [an_order(email=None, customer=None, shippingAddress=None)]
    assert await shop.find_order("1001", proof) is None
    fake.orders = [an_order(email="", shippingAddress=an_order()["shippingAddress"] | {"zip": ""})]
    assert await shop.find_order("1001", proof) is None


ARRIVED = a_parcel(displayStatus="DELIVERED", deliveredAt="2026-01-12T22:59:00Z")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"displayFulfillmentStatus": "UNFULFILLED"}, "received"),
        ({"displayFulfillmentStatus": "SCHEDULED"}, "received"),
        ({"displayFulfillmentStatus": "ON_HOLD"}, "received"),
        ({"displayFulfillmentStatus": "IN_PROGRESS"}, "packing"),
        ({"displayFulfillmentStatus": "PENDING_FULFILLMENT"}, "packing"),
        ({"displayFulfillmentStatus": "OPEN"}, "packing"),
        ({"displayFulfillmentStatus": "REQUEST_DECLINED"}, "packing"),
        ({"displayFulfillmentStatus": "NEW_AT_SHOPIFY"}, "packing"),
        ({"displayFulfillmentStatus": "PARTIALLY_FULFILLED", "fulfillments": [ARRIVED]}, "shipped"),
        ({"displayFulfillmentStatus": "FULFILLED", "fulfillments": [a_parcel()]}, "shipped"),
        ({"displayFulfillmentStatus": "FULFILLED", "fulfillments": []}, "shipped"),
        ({"displayFulfillmentStatus": "FULFILLED", "fulfillments": [ARRIVED]}, "delivered"),
        (
            {"displayFulfillmentStatus": "FULFILLED", "fulfillments": [ARRIVED, a_parcel()]},
            "shipped",
        ),
        (
            {
                "displayFulfillmentStatus": "FULFILLED",
                "fulfillments": [ARRIVED, a_parcel(status="CANCELLED")],
            },
            "delivered",
        ),
        ({"displayFulfillmentStatus": "FULFILLMENT_NOT_REQUIRED"}, "delivered"),
        ({"displayFulfillmentStatus": "RESTOCKED"}, "cancelled"),
        (
            {"cancelledAt": "2026-01-08T10:00:00Z", "displayFinancialStatus": "REFUNDED"},
            "cancelled",
        ),
        (
            {
                "displayFulfillmentStatus": "FULFILLED",
                "fulfillments": [ARRIVED],
                "displayFinancialStatus": "REFUNDED",
                "returnStatus": "RETURNED",
            },
            "returned",
        ),
        ({"displayFinancialStatus": "REFUNDED"}, "received"),
    ],
)
async def test_how_far_an_order_is(
    fake: FakeShopify, shop: Shopify, changes: dict[str, Any], status: str
) -> None:
    fake.orders = [an_order(**changes)]
    assert (await found(shop)).status == status


async def test_an_order_has_not_come_while_a_part_is_on_its_way(
    fake: FakeShopify, shop: Shopify
) -> None:
    parcels = [ARRIVED, a_parcel()]
    fake.orders = [an_order(displayFulfillmentStatus="FULFILLED", fulfillments=parcels)]
    assert (await found(shop)).delivered is None


async def test_the_day_of_delivery_is_that_of_the_last_parcel(
    fake: FakeShopify, shop: Shopify
) -> None:
    later = a_parcel(deliveredAt="2026-01-14T23:30:00Z", trackingInfo=[])
    fake.orders = [an_order(displayFulfillmentStatus="FULFILLED", fulfillments=[later, ARRIVED])]
    order = await found(shop)
    assert (order.shipped, order.delivered) == (date(2026, 1, 9), date(2026, 1, 15))
    assert order.tracking == "PP1"


@pytest.mark.parametrize(
    "url",
    ["http://post.example/", "javascript:alert(1)", "https://a@b.example/", "https://[", None],
)
async def test_a_customer_is_sent_to_https_only(
    fake: FakeShopify, shop: Shopify, url: str | None
) -> None:
    info = [{"company": "Polderpost", "number": "PP1", "url": url}]
    parcel = a_parcel(trackingInfo=info)
    fake.orders = [an_order(displayFulfillmentStatus="FULFILLED", fulfillments=[parcel])]
    order = await found(shop)
    assert (order.tracking, order.tracking_url) == ("PP1", None)


async def test_what_was_taken_out_of_an_order_is_not_told(fake: FakeShopify, shop: Shopify) -> None:
    gone = a_line("LK-MUG-001", currentQuantity=0)
    rest = a_line(None, 3, currentQuantity=1, product=None)
    bare = a_line(" ", 1, variant=None, id="gid://shopify/LineItem/9", product=None)
    fake.orders = [an_order(lineItems={"nodes": [gone, rest, bare]})]
    lines = (await found(shop)).lines
    assert [(line.sku, line.quantity, line.category) for line in lines] == [
        ("#87", 1, ""),
        ("#9", 1, ""),
    ]
    fake.orders = [an_order(lineItems={"nodes": [gone]}, cancelledAt="2026-01-08T10:00:00Z")]
    assert [line.quantity for line in (await found(shop)).lines] == [2]


async def test_an_unknown_time_zone_is_greenwich(fake: FakeShopify, shop: Shopify) -> None:
    fake.zone = "Mars/Olympus_Mons"
    assert (await found(shop)).placed == date(2026, 1, 7)


async def test_a_customer_who_is_signed_in_sees_the_latest(
    fake: FakeShopify, shop: Shopify
) -> None:
    fake.orders = [an_order(name=f"#{number}") for number in (1003, 1002, 1001)]
    for customer in (Customer("77"), Customer("gid://shopify/Customer/77")):
        orders = await shop.orders_of(customer, 2)
        assert [order.number for order in orders] == ["#1003", "#1002"]
    assert await shop.orders_of(Customer("78")) == []
    await shop.orders_of(Customer("77"), 1000)
    assert fake.variables("OrdersOf")[-1]["limit"] == 20


@pytest.mark.parametrize("customer", ["", "ada", "7 OR 8", "gid://shopify/Order/77", "７７", "-1"])
async def test_what_is_no_customer_has_no_orders(
    fake: FakeShopify, shop: Shopify, customer: str
) -> None:
    assert await shop.orders_of(Customer(customer, "ada@example.com")) == []
    assert fake.requests == []


async def test_at_least_one_order_is_asked_for(shop: Shopify) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        await shop.orders_of(Customer("77"), 0)
