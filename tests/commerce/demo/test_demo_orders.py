"""Orders: found by those who know number and e-mail or postcode, and by nobody else."""

import csv
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from commerce.commerce import ORDER_STATUSES, Customer, Money, Order, Proof
from commerce.demo import DemoShop
from commerce.errors import BrokenFileError, CommerceError

EU = {"AT", "BE", "CZ", "DE", "DK", "ES", "FR", "HR", "IE", "IT", "NL", "PL", "PT", "RO", "SE"}


@pytest.fixture(scope="session")
def rows(orders_file: Path) -> list[dict[str, str]]:
    with orders_file.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


async def order_of(shop: DemoShop, row: dict[str, str]) -> Order:
    order = await shop.find_order(row["number"], Proof(email=row["email"]))
    assert order is not None
    return order


async def test_all_sixty_orders_are_found_by_number_and_address(
    shop: DemoShop, rows: list[dict[str, str]]
) -> None:
    orders = [await order_of(shop, row) for row in rows]
    assert len(orders) == 60
    assert [order.number for order in orders] == [row["number"] for row in rows]
    assert {order.status for order in orders} == set(ORDER_STATUSES)
    assert {order.placed.year for order in orders} == {2026}


async def test_totals_are_the_products_prices_and_the_shipping(
    shop: DemoShop, rows: list[dict[str, str]]
) -> None:
    for row in rows:
        order = await order_of(shop, row)
        total = order.shipping
        for line in order.lines:
            product = await shop.product(line.sku)
            assert product is not None
            total += product.price * line.quantity
        assert order.total == total, order.number


async def test_shipping_is_what_the_shop_charges(
    shop: DemoShop, rows: list[dict[str, str]]
) -> None:
    for row in rows:
        order = await order_of(shop, row)
        goods = order.total.amount - order.shipping.amount
        if order.country in EU:
            usual = Decimal("0.00") if goods >= 60 else Decimal("4.95")
        elif order.country in {"GB", "CH", "NO"}:
            usual = Decimal("0.00") if goods >= 150 else Decimal("12.90")
        else:
            usual = Decimal("24.90")
        express = {Decimal("9.90")} if order.country in {"NL", "BE", "DE"} else set()
        assert order.shipping.amount in {usual, *express}, order.number


async def test_gas_and_large_batteries_stay_in_the_eu(
    shop: DemoShop, rows: list[dict[str, str]]
) -> None:
    sent = [
        (line.sku, order.country)
        for order in [await order_of(shop, row) for row in rows]
        for line in order.lines
        if line.sku in {"LK-COOK-008", "LK-NAVI-009"}
    ]
    assert sent
    assert {country for _, country in sent} <= EU


async def test_addresses_belong_to_nobody(rows: list[dict[str, str]]) -> None:
    domains = {row["email"].partition("@")[2] for row in rows}
    assert domains <= {"example.com", "example.org", "example.net"}


@pytest.mark.parametrize(
    "number",
    [
        "LK-204518",
        " lk-204518 ",
        "LK 204518",
        "lk204518",
        "204518",
        "#204518",
        "ＬＫ－２０４５１８",
    ],
)
@pytest.mark.parametrize("email", ["ada@example.com", " ADA@Example.COM ", "ａｄａ@example.com"])
async def test_number_and_address_are_read_as_people_type_them(
    small_shop: Callable[..., DemoShop], number: str, email: str
) -> None:
    order = await small_shop().find_order(number, Proof(email=email))
    assert order is not None
    assert order.number == "LK-204518"


@pytest.mark.parametrize("number", ["", "LK-20451", "LK-2045180", "AB-204518", "LK-204518 x"])
async def test_what_is_no_order_number_finds_nothing(
    small_shop: Callable[..., DemoShop], number: str
) -> None:
    assert await small_shop().find_order(number, Proof(email="ada@example.com")) is None


async def test_an_order_says_all_but_the_address(small_shop: Callable[..., DemoShop]) -> None:
    order = await small_shop().find_order("204518", Proof(email="ada@example.com"))
    assert order is not None
    assert (order.placed, order.shipped) == (date(2026, 1, 8), date(2026, 1, 9))
    assert order.delivered == date(2026, 1, 12)
    assert order.total == Money(Decimal("558.00"), "EUR")
    (line,) = order.lines
    assert (line.name.en, line.quantity, line.category) == ("Heron 2 tent", 2, "tents")
    assert "example.com" not in repr(order).lower()


@pytest.mark.parametrize(
    ("cells", "found", "expected"),
    [
        ({"number": "204518"}, "'204518'", "LK- and six digits"),
        ({"email": "ada"}, "'ada'", "an e-mail address"),
        ({"country": "Holland"}, "'Holland'", "two-letter country code"),
        ({"status": "sent"}, "'sent'", "received, packing, shipped"),
        ({"placed": "8.1.2026"}, "'8.1.2026'", "2026-03-31"),
        ({"placed": "2026-02-30"}, "which no calendar has", "2026-03-31"),
        ({"shipped": "2026-01-07"}, "2026-01-08, then 2026-01-07", "in this order"),
        ({"status": "packing"}, "'2026-01-09' with the status 'packing'", "nothing there"),
        ({"tracking": ""}, "an empty `tracking`", "a value"),
        ({"lines": "LK-TENT-001"}, "'LK-TENT-001'", "sku:quantity"),
        ({"lines": "LK-TENT-001:0"}, "'LK-TENT-001:0'", "sku:quantity"),
        ({"lines": "LK-TENT-777:1"}, "'LK-TENT-777'", "one of the product list"),
        ({"total_eur": "558"}, "'558'", "an amount with cents"),
        ({"customer": "Ada, Countess"}, "15 values", "14"),
    ],
)
def test_a_broken_order_is_refused_with_its_place(
    small_shop: Callable[..., DemoShop], cells: dict[str, str], found: str, expected: str
) -> None:
    with pytest.raises(BrokenFileError) as error:
        small_shop(order=cells)
    assert error.value.file.endswith("orders.csv")
    assert error.value.line == 2
    assert found in error.value.found
    assert expected in error.value.expected
    assert "orders.csv:2: found " in str(error.value)
    assert isinstance(error.value, CommerceError)


def test_an_order_twice_is_refused(products_file: Path, orders_file: Path, tmp_path: Path) -> None:
    text = orders_file.read_text(encoding="utf-8")
    twice = tmp_path / "orders.csv"
    twice.write_text(text + text.splitlines()[1] + "\n", encoding="utf-8")
    with pytest.raises(BrokenFileError, match="a second time") as error:
        DemoShop(products_file, twice)
    assert error.value.line == 62


async def test_a_shop_without_orders_finds_none(products_file: Path) -> None:
    shop = DemoShop(products_file, None)
    proof = Proof(email="ada@example.com")
    assert await shop.find_order("LK-204518", proof) is None
    assert await shop.orders_of(Customer("7", "ada@example.com")) == []
    assert await shop.product("lk-tent-002") is not None
    await shop.close()


async def test_a_customers_orders_come_newest_first(small_shop: Callable[..., DemoShop]) -> None:
    shop = small_shop(
        more=(
            {"number": "LK-204519", "placed": "2026-01-09"},
            {"number": "LK-204520", "email": "eve@example.com"},
            {"number": "LK-204521"},
        )
    )
    ada = Customer("7", " ADA@example.com")
    orders = await shop.orders_of(ada)
    assert [order.number for order in orders] == ["LK-204519", "LK-204521", "LK-204518"]
    assert await shop.orders_of(ada, limit=1) == orders[:1]
    proof = Proof(email=ada.email, customer_id=ada.id)
    assert await shop.find_order("LK-204521", proof) == orders[1]


@pytest.mark.parametrize("email", ["", "  ", "someone@example.com"])
async def test_a_customer_without_a_known_address_has_no_orders(
    small_shop: Callable[..., DemoShop], email: str
) -> None:
    assert await small_shop().orders_of(Customer("7", email)) == []


async def test_at_least_one_order_is_asked_for(shop: DemoShop) -> None:
    with pytest.raises(ValueError, match="at least 1, not 0"):
        await shop.orders_of(Customer("7", "ada@example.com"), limit=0)
