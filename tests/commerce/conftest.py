"""The demo shop's own files, and small ones that a test may break."""

from collections.abc import Callable
from pathlib import Path

import pytest

from commerce.demo import ORDER_COLUMNS, PRODUCT_COLUMNS, DemoShop

ROOT = Path(__file__).resolve().parents[2]

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
def shop(products_file: Path, orders_file: Path) -> DemoShop:
    return DemoShop(products_file, orders_file)


@pytest.fixture
def small_shop(tmp_path: Path) -> Callable[..., DemoShop]:
    """Makes a shop of one product and one order, with some cells written otherwise."""

    def make(
        *, product: dict[str, str] | None = None, order: dict[str, str] | None = None
    ) -> DemoShop:
        def row(columns: tuple[str, ...], cells: dict[str, str]) -> str:
            return ",".join(cells.get(column, "") for column in columns)

        products, orders = tmp_path / "products.csv", tmp_path / "orders.csv"
        for path, columns, cells in (
            (products, PRODUCT_COLUMNS, PRODUCT | (product or {})),
            (orders, ORDER_COLUMNS, ORDER | (order or {})),
        ):
            path.write_text(f"{','.join(columns)}\n{row(columns, cells)}\n", encoding="utf-8")
        return DemoShop(products, orders)

    return make
