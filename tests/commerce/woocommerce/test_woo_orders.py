"""WooCommerce: what is read of an order."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from commerce.commerce import Customer, Money, Text
from commerce.errors import ShopUnavailableError
from commerce.woocommerce import WooCommerce
from tests.commerce.shop_server import Fault, Reply
from tests.commerce.woocommerce.fake import ADA, KEY, SECRET, FakeWoo, found, order

TRACKING = {
    "tracking_provider": "",
    "custom_tracking_provider": "Polderpost",
    "custom_tracking_link": "https://polderpost.example/PP1",
    "tracking_number": "PP1",
    "date_shipped": "1774396800",
    "tracking_id": "6a1b",
}


async def test_an_order_is_read_as_documented(woo: FakeWoo, shop: WooCommerce) -> None:
    woo.add()
    order = await found(shop)
    assert (order.number, order.customer, order.status) == ("727", "Ada Example", "received")
    assert (order.postcode, order.country) == ("3011 WN", "NL")
    # The shop's day: in Greenwich it was still the one before.
    assert (order.placed, order.shipped, order.delivered) == (date(2026, 3, 23), None, None)
    assert order.total == Money(Decimal("59.35"), "EUR")
    assert order.shipping == Money(Decimal("12.10"), "EUR")
    (line,) = order.lines
    assert (line.sku, line.quantity, line.category) == ("TENT-1", 2, "Tents & tarps")
    assert line.name == Text("Ben & Co Tent", "Ben & Co Tent")
    assert "example.com" not in repr(order).lower()
    asked = woo.asked("GET", "orders/727")[0].query["_fields"].split(",")
    assert "customer_ip_address" not in asked


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("pending", "received"),
        ("on-hold", "received"),
        ("processing", "received"),
        ("completed", "shipped"),
        ("cancelled", "cancelled"),
        ("failed", "cancelled"),
        ("trash", "cancelled"),
        ("refunded", "returned"),
        ("ready-to-ship", "packing"),
        ("delivered", "delivered"),
    ],
)
async def test_statuses_are_read_and_unknown_ones_change_nothing(
    woo: FakeWoo, shop: WooCommerce, status: str, expected: str
) -> None:
    woo.add(status=status)
    assert (await found(shop)).status == expected


async def test_a_shop_may_pack_what_is_processing(woo: FakeWoo) -> None:
    woo.add()
    shop = WooCommerce(
        woo.url, key=KEY, secret=SECRET, currency="EUR", packing_statuses=["wc-processing"]
    )
    assert (await found(shop)).status == "packing"
    await shop.close()


async def test_a_cart_at_the_cash_desk_is_no_order(woo: FakeWoo, shop: WooCommerce) -> None:
    woo.add(status="checkout-draft")
    assert await shop.find_order("727", ADA) is None
    assert await shop.orders_of(Customer("12")) == []


async def test_the_tracking_plugins_parcel_is_told(woo: FakeWoo, shop: WooCommerce) -> None:
    older = {**TRACKING, "tracking_number": "PP0"}
    meta = {"id": 1, "key": "_wc_shipment_tracking_items", "value": [older, TRACKING]}
    woo.add(status="completed", date_completed="2026-03-28T10:00:00", meta_data=[meta])
    order = await found(shop)
    assert (order.carrier, order.tracking) == ("Polderpost", "PP1")
    assert order.tracking_url == "https://polderpost.example/PP1"
    assert order.shipped == date(2026, 3, 25)


async def test_without_the_plugin_the_day_it_was_completed_is_the_day_it_was_sent(
    woo: FakeWoo, shop: WooCommerce
) -> None:
    woo.add(status="completed", date_completed="2026-03-28T10:00:00")
    order = await found(shop)
    assert (order.shipped, order.carrier, order.tracking_url) == (date(2026, 3, 28), None, None)


@pytest.mark.parametrize(
    ("changed", "status"),
    [({}, "shipped"), ({"date_shipped": ""}, "packing"), ({"tracking_number": " "}, "received")],
)
async def test_a_parcel_of_an_order_in_progress_is_on_its_way(
    woo: FakeWoo, shop: WooCommerce, changed: dict[str, str], status: str
) -> None:
    value = [{**TRACKING, **changed}]
    woo.add(meta_data=[{"id": 1, "key": "_wc_shipment_tracking_items", "value": value}])
    order = await found(shop)
    assert order.status == status
    assert (order.tracking == "PP1") == (status == "shipped")


@pytest.mark.parametrize(
    "value",
    [None, "", "a:1:{i:0;a:0:{}}", "{", [], [None], [1], {}, [{"tracking_number": None}], 7],
)
async def test_tracking_that_cannot_be_read_is_none(
    woo: FakeWoo, shop: WooCommerce, value: Any
) -> None:
    meta = {"id": 1, "key": "_wc_shipment_tracking_items", "value": value}
    woo.add(status="completed", meta_data=[{"id": 2, "key": None}, meta])
    assert (await found(shop)).tracking is None


@pytest.mark.parametrize(
    "link", ["http://polderpost.example", "javascript:alert(1)", "https://", "https://a@b.example"]
)
async def test_a_tracking_link_is_https_or_none(woo: FakeWoo, shop: WooCommerce, link: str) -> None:
    value = [{**TRACKING, "custom_tracking_link": link, "date_shipped": "yesterday"}]
    meta = {"id": 1, "key": "_wc_shipment_tracking_items", "value": value}
    woo.add(status="completed", meta_data=[meta])
    order = await found(shop)
    assert (order.tracking, order.tracking_url, order.shipped) == ("PP1", None, None)


async def test_an_order_is_told_though_its_categories_are_not(
    woo: FakeWoo, shop: WooCommerce
) -> None:
    woo.add()
    woo.faults = [Fault(Reply(data={"not": "a list"}), path="products")]
    assert (await found(shop)).lines[0].category == ""
    assert (await found(shop)).lines[0].category == "Tents & tarps"
    await found(shop)
    assert len(woo.asked("GET", "products")) == 2


async def test_articles_without_a_number_go_by_wordpresss(woo: FakeWoo, shop: WooCommerce) -> None:
    (line,) = order()["line_items"]
    woo.add(line_items=[{**line, "sku": None}, {**line, "sku": "", "name": "", "product_id": 0}])
    lines = (await found(shop)).lines
    assert [(line.sku, line.name.en) for line in lines] == [("#93", "Ben & Co Tent"), ("#0", "#0")]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"total": "a lot"}, "total"),
        ({"total": None}, "total"),
        ({"total": "NaN"}, "total"),
        ({"currency": "euro"}, "currency"),
        ({"date_created": None}, "date_created"),
        ({"status": ""}, "status"),
        ({"line_items": [{"name": "x", "quantity": "many"}]}, "line_items.0.quantity"),
        ({"line_items": [{"name": "x", "quantity": -1}]}, "line_items.0.quantity"),
        ({"billing": "Ada Example"}, "billing"),
        ({"id": 9}, ""),
    ],
)
async def test_what_does_not_fit_is_said_with_its_field_and_without_its_value(
    woo: FakeWoo, shop: WooCommerce, fields: dict[str, Any], field: str
) -> None:
    woo.orders[727] = {**order(), **fields}
    with pytest.raises(ShopUnavailableError) as caught:
        await shop.find_order("727", ADA)
    text = str(caught.value)
    assert woo.url in text
    assert (f"`{field}`" if field else "another order") in text
    assert "Ada" not in text
    assert "a lot" not in text
