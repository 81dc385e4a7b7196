"""The demo shop's own files, and small ones that a test may break."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from commerce.demo import ORDER_COLUMNS, PRODUCT_COLUMNS, DemoShop

ROOT = Path(__file__).resolve().parents[3]

PRODUCT = {
    "sku": "LK-TENT-001",
    "name_en": "Heron 2 tent",
    "name_zh": "Heron 2 双人帐篷",
    "category": "tents",
    "brand": "Lark",
    "price_eur": "279.00",
    "stock": "3",
    "weight_g": "2300",
    "colours": "moss green|sand",
    "description_en": "A tent.",
    "description_zh": "帐篷。",
}
ORDER = {
    "number": "LK-204518",
    "customer": "Ada Example",
    "email": "Ada@example.com",
    "postcode": "3011 WN",
    "country": "NL",
    "status": "delivered",
    "placed": "2026-01-08",
    "shipped": "2026-01-09",
    "delivered": "2026-01-12",
    "carrier": "Polderpost",
    "tracking": "PP1",
    "lines": "LK-TENT-001:2",
    "shipping_eur": "0.00",
    "total_eur": "558.00",
}


@pytest.fixture(scope="session")
def products_file() -> Path:
    return ROOT / "knowledge_base" / "content" / "products.csv"


@pytest.fixture(scope="session")
def orders_file() -> Path:
    return ROOT / "commerce" / "demo_data" / "orders.csv"


@pytest.fixture(scope="session")
def shop(products_file: Path, orders_file: Path) -> Iterator[DemoShop]:
    """The whole demo shop, its dates as they stand in the file. To be left as it is."""
    shop = DemoShop(products_file, orders_file, today=lambda: date(2026, 6, 17))
    yield shop
    asyncio.run(shop.close())


@pytest.fixture
async def small_shop(tmp_path: Path) -> AsyncIterator[Callable[..., DemoShop]]:
    """Makes a shop of one product and one order, with some cells written otherwise.

    ``more`` adds orders; on that ``today`` the dates of ORDER are left as they are.
    """
    made: list[DemoShop] = []

    def make(
        *,
        product: dict[str, str] | None = None,
        order: dict[str, str] | None = None,
        more: tuple[dict[str, str], ...] = (),
        database: Path | None = None,
        today: date = date(2026, 1, 12),
    ) -> DemoShop:
        def text(columns: tuple[str, ...], rows: list[dict[str, str]]) -> str:
            lines = [",".join(row.get(column, "") for column in columns) for row in rows]
            return "\n".join([",".join(columns), *lines, ""])

        products, orders = tmp_path / "products.csv", tmp_path / "orders.csv"
        changed = [ORDER | (order or {}) | cells for cells in ({}, *more)]
        products.write_text(text(PRODUCT_COLUMNS, [PRODUCT | (product or {})]), encoding="utf-8")
        orders.write_text(text(ORDER_COLUMNS, changed), encoding="utf-8")
        shop = DemoShop(products, orders, database, lambda: today)
        made.append(shop)
        return shop

    yield make
    for shop in made:
        await shop.close()


@pytest.fixture
def received(small_shop: Callable[..., DemoShop]) -> Callable[..., DemoShop]:
    """Makes that shop with its order in the state ``status``, of which nothing was sent."""

    def make(status: str = "received", **rest: object) -> DemoShop:
        unsent = dict.fromkeys(("shipped", "delivered", "carrier", "tracking"), "")
        sent = status in ("shipped", "delivered", "returned")
        cells = {"status": status} | ({} if sent else unsent)
        if status == "shipped":
            cells["delivered"] = ""
        return small_shop(order=cells, **rest)

    return make
