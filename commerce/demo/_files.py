"""The embedded demo shop's two files: a list of products and a list of orders, each a CSV."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from commerce._rows import Row, read_rows
from commerce.commerce import ORDER_STATUSES, Money, Order, OrderLine, Product, Text

# The knowledge base reads the same file: its columns are described there.
PRODUCT_COLUMNS = (
    *("sku", "name_en", "name_zh", "category", "brand", "price_eur", "stock", "weight_g"),
    *("colours", "sizes", "attributes_en", "attributes_zh", "description_en", "description_zh"),
    "url",
)
ORDER_COLUMNS = (
    *("number", "customer", "email", "postcode", "country", "status", "placed", "shipped"),
    *("delivered", "carrier", "tracking", "lines", "shipping_eur", "total_eur"),
)

_CURRENCY = "EUR"
_NUMBER = re.compile(r"LK-\d{6}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_COUNTRY = re.compile(r"[A-Z]{2}")
_LINE = re.compile(r"([^:|\s]+):([1-9]\d{0,2})")
_PRICE = re.compile(r"\d{1,7}(?:\.\d{1,2})?")

_ON_ITS_WAY = ("shipped", "delivered", "returned")
_ARRIVED = ("delivered", "returned")


@dataclass(frozen=True, slots=True)
class OrderEntry:
    """One order of the file, with the e-mail address that it was placed with."""

    order: Order
    email: str


def euros(amount: Decimal) -> Money:
    """An amount in the currency of both files."""
    return Money(amount, _CURRENCY)


def read_products(path: Path) -> dict[str, Product]:
    """The products by their article numbers in upper case.

    Raises:
        BrokenFileError: naming file, line, what was found and what was expected.
    """
    products: dict[str, Product] = {}
    for row in read_rows(path, PRODUCT_COLUMNS):
        product = _product(row)
        if product.sku.upper() in products:
            raise row.broken(f"the sku {product.sku!r} a second time", "a sku used once")
        products[product.sku.upper()] = product
    return products


def read_orders(path: Path, products: Mapping[str, Product]) -> list[OrderEntry]:
    """The orders as they stand in the file.

    Args:
        products: those that an order may name, as ``read_products`` gives them.

    Raises:
        BrokenFileError: as for ``read_products``.
    """
    entries: dict[str, OrderEntry] = {}
    for row in read_rows(path, ORDER_COLUMNS):
        email = row.matching("email", _EMAIL, "an e-mail address")
        order = _order(row, products)
        if order.number in entries:
            raise row.broken(f"the order {order.number} a second time", "a number used once")
        entries[order.number] = OrderEntry(order, email)
    return list(entries.values())


def _product(row: Row) -> Product:
    price = row.matching("price_eur", _PRICE, "a price in euros with a point, such as 289.00")
    return Product(
        sku=row.text("sku"),
        name=Text(row.text("name_en"), row.text("name_zh")),
        category=row.text("category"),
        brand=row.cells["brand"],
        price=euros(Decimal(price)),
        stock=row.count("stock"),
        weight_g=row.count("weight_g") if row.optional("weight_g") else None,
        colours=row.listed("colours"),
        sizes=row.listed("sizes"),
        description=Text(row.text("description_en"), row.text("description_zh")),
        url=row.optional("url"),
    )


def _order(row: Row, products: Mapping[str, Product]) -> Order:
    status = row.cells["status"]
    if status not in ORDER_STATUSES:
        raise row.broken(f"`status` {status!r}", f"one of {', '.join(ORDER_STATUSES)}")
    for column, statuses in (
        ("shipped", _ON_ITS_WAY),
        ("carrier", _ON_ITS_WAY),
        ("tracking", _ON_ITS_WAY),
        ("delivered", _ARRIVED),
    ):
        if row.cells[column] and status not in statuses:
            found = f"`{column}` {row.cells[column]!r} with the status {status!r}"
            raise row.broken(found, f"nothing there, or the status {' or '.join(statuses)}")
        if status in statuses:
            row.text(column)
    days = [row.day(column) for column in ("placed", "shipped", "delivered") if row.cells[column]]
    if days != sorted(days):
        found = ", then ".join(map(str, days))
        raise row.broken(found, "`placed`, `shipped` and `delivered` in this order")
    return Order(
        number=row.matching("number", _NUMBER, "LK- and six digits, such as LK-204518"),
        customer=row.text("customer"),
        postcode=row.text("postcode"),
        country=row.matching("country", _COUNTRY, "a two-letter country code, such as NL"),
        status=status,
        placed=row.day("placed"),
        shipped=row.day("shipped") if row.optional("shipped") else None,
        delivered=row.day("delivered") if row.optional("delivered") else None,
        carrier=row.optional("carrier"),
        tracking=row.optional("tracking"),
        lines=_lines(row, products),
        shipping=euros(row.amount("shipping_eur")),
        total=euros(row.amount("total_eur")),
    )


def _lines(row: Row, products: Mapping[str, Product]) -> tuple[OrderLine, ...]:
    lines = []
    for part in row.text("lines").split("|"):
        match = _LINE.fullmatch(part.strip())
        if not match:
            raise row.broken(f"the order line {part!r}", "sku:quantity, such as LK-TENT-001:2")
        product = products.get(match[1].upper())
        if not product:
            raise row.broken(f"the sku {match[1]!r}", "one of the product list")
        lines.append(OrderLine(product.sku, product.name, int(match[2]), product.category))
    return tuple(lines)
