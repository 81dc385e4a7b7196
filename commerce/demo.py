"""The embedded demo shop: a list of products and a list of orders, each a CSV file."""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from commerce._product_search import ProductSearch
from commerce._rows import Row, read_rows
from commerce.commerce import (
    ORDER_STATUSES,
    Money,
    Order,
    OrderLine,
    Product,
    Text,
)

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
_TYPED_NUMBER = re.compile(r"#?(?:LK[\s#\-_–—]*)?(\d{6})", re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_COUNTRY = re.compile(r"[A-Z]{2}")
_LINE = re.compile(r"([^:|\s]+):([1-9]\d{0,2})")
_PRICE = re.compile(r"\d{1,7}(?:\.\d{1,2})?")

_ON_ITS_WAY = ("shipped", "delivered", "returned")
_ARRIVED = ("delivered", "returned")


@dataclass(frozen=True, slots=True)
class _Entry:
    order: Order
    proof: bytes


class DemoShop:
    """A ``Commerce`` that answers from two files, read once.

    Args:
        products: the product list, in the knowledge base's format.
        orders: the orders; None for a shop without any, such as one that tries its own product
            list before it connects its shop system.

    Raises:
        BrokenFileError: naming file, line, what was found and what was expected.
    """

    def __init__(self, products: Path, orders: Path | None) -> None:
        self._products = _read_products(products)
        self._orders = _read_orders(orders, self._products) if orders else {}
        self._search = ProductSearch(tuple(self._products.values()))

    async def find_order(self, number: str, *, email: str) -> Order | None:
        """See ``Commerce.find_order``. ``lk 204518`` and ``204518`` are read as LK-204518."""
        entry = self._orders.get(_canonical_number(number))
        # An unknown number is compared too, so that the time taken tells nothing either.
        known = entry.proof if entry else bytes(hashlib.sha256().digest_size)
        proved = hmac.compare_digest(known, _proof(email))
        return entry.order if entry and proved else None

    async def search_products(self, query: str, limit: int = 5) -> list[Product]:
        """See ``Commerce.search_products``."""
        if limit < 1:
            raise ValueError(f"limit must be at least 1, not {limit}")
        return self._search.find(query, limit)

    async def product(self, sku: str) -> Product | None:
        """See ``Commerce.product``. Upper and lower case are the same."""
        return self._products.get(sku.strip().upper())


def _canonical_number(typed: str) -> str:
    match = _TYPED_NUMBER.fullmatch(unicodedata.normalize("NFKC", typed).strip())
    return f"LK-{match[1]}" if match else ""


def _proof(email: str) -> bytes:
    """A digest of the address as the shop knows it: all of one length, to compare in equal time."""
    normal = unicodedata.normalize("NFKC", email).strip().casefold()
    return hashlib.sha256(normal.encode("utf-8", "surrogatepass")).digest()


def _read_products(path: Path) -> dict[str, Product]:
    products: dict[str, Product] = {}
    for row in read_rows(path, PRODUCT_COLUMNS):
        product = _product(row)
        if product.sku.upper() in products:
            raise row.broken(f"the sku {product.sku!r} a second time", "a sku used once")
        products[product.sku.upper()] = product
    return products


def _product(row: Row) -> Product:
    price = row.matching("price_eur", _PRICE, "a price in euros with a point, such as 289.00")
    return Product(
        sku=row.text("sku"),
        name=Text(row.text("name_en"), row.text("name_zh")),
        category=row.text("category"),
        brand=row.cells["brand"],
        price=_euros(Decimal(price)),
        stock=row.count("stock"),
        weight_g=row.count("weight_g") if row.optional("weight_g") else None,
        colours=row.listed("colours"),
        sizes=row.listed("sizes"),
        description=Text(row.text("description_en"), row.text("description_zh")),
        url=row.optional("url"),
    )


def _euros(amount: Decimal) -> Money:
    return Money(amount, _CURRENCY)


def _read_orders(path: Path, products: Mapping[str, Product]) -> dict[str, _Entry]:
    orders: dict[str, _Entry] = {}
    for row in read_rows(path, ORDER_COLUMNS):
        email = row.matching("email", _EMAIL, "an e-mail address")
        order = _order(row, products)
        if order.number in orders:
            raise row.broken(f"the order {order.number} a second time", "a number used once")
        orders[order.number] = _Entry(order, _proof(email))
    return orders


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
        shipping=_euros(row.amount("shipping_eur")),
        total=_euros(row.amount("total_eur")),
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
        lines.append(OrderLine(product.sku, product.name, int(match[2])))
    return tuple(lines)
