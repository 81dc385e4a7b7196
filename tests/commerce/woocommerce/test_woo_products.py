"""WooCommerce: products are found in spite of typing errors, and told with what they cost now."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest

from commerce.commerce import Money, Text
from commerce.errors import ShopUnavailableError
from commerce.woocommerce import WooCommerce
from commerce.woocommerce._models import WooProduct
from commerce.woocommerce._products import as_product, plain_text
from tests.commerce.shop_server import Fault, Reply
from tests.commerce.woocommerce.conftest import no_sleep
from tests.commerce.woocommerce.fake import KEY, SECRET, FakeWoo, product


def shown(unit: str = "kg", **fields: Any) -> Any:
    return as_product(WooProduct.model_validate(product(**fields)), "EUR", unit)


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(10):
        while not await condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_product_is_read_as_documented(woo: FakeWoo, shop: WooCommerce) -> None:
    (found,) = await shop.search_products("herron tent")
    assert found.sku == "TENT-93"
    assert found.name == Text("Ben & Co Heron tent", "Ben & Co Heron tent")
    assert (found.category, found.brand) == ("Tents & tarps", "Ben & Co")
    assert found.price == Money(Decimal("21.99"), "EUR")
    assert (found.stock, found.weight_g) == (5, 2300)
    assert (found.colours, found.sizes) == (("Black", "Green"), ("S", "M"))
    assert found.description.en == "Warm & light. For two"
    assert found.url == "https://shop.example/product/93/"
    assert await shop.product(" tent-93 ") == found


async def test_all_pages_are_read_once(woo: FakeWoo, shop: WooCommerce) -> None:
    woo.products = [product(n, name=f"Article {n}") for n in range(1, 451)]
    results = await asyncio.gather(*(shop.search_products(f"article {n}") for n in (1, 250, 450)))
    assert [found[0].sku for found in results] == ["TENT-1", "TENT-250", "TENT-450"]
    pages = [request.query["page"] for request in woo.asked("GET", "products")]
    assert sorted(pages) == ["1", "2", "3", "4", "5"]
    assert all(r.query["status"] == "publish" for r in woo.requests)


async def test_pages_are_read_where_nobody_says_how_many(woo: FakeWoo, shop: WooCommerce) -> None:
    first = [product(n, name=f"Article {n}") for n in range(300, 400)]
    woo.products = [product(7, name="Zebra")]
    woo.faults = [Fault(Reply(data=first)), Fault(Reply(data=woo.products))]
    assert (await shop.search_products("zebra"))[0].sku == "TENT-7"
    assert len(woo.requests) == 2


async def test_a_huge_catalogue_is_bounded(
    woo: FakeWoo, shop: WooCommerce, caplog: pytest.LogCaptureFixture
) -> None:
    page = Reply(data=[product()], headers={"X-WP-TotalPages": "900"})
    woo.faults = [Fault(page) for _ in range(60)]
    assert await shop.search_products("heron")
    assert len(woo.requests) == 50
    assert "only the newest" in caplog.text


async def test_products_are_kept_for_ten_minutes_and_longer_while_the_shop_is_away(
    woo: FakeWoo,
) -> None:
    now = [0.0]
    shop = WooCommerce(
        woo.url, key=KEY, secret=SECRET, currency="EUR", sleep=no_sleep, clock=lambda: now[0]
    )

    async def asked_four_times() -> bool:
        return len(woo.requests) == 4

    async def new_ones_are_found() -> bool:
        return bool(await shop.search_products("kestrel"))

    for seconds in (0.0, 599.0):
        now[0] = seconds
        assert await shop.search_products("heron")
    assert len(woo.requests) == 1
    now[0] = 601.0
    woo.faults = [Fault(Reply(status=500))] * 3
    assert await shop.search_products("heron")
    await until(asked_four_times)
    assert await shop.search_products("heron")
    woo.products = [product(94, name="Kestrel")]
    now[0] = 700.0
    await until(new_ones_are_found)
    assert await shop.search_products("heron") == []
    await shop.close()


async def test_a_shop_that_has_never_answered_is_said_to_be_away(
    woo: FakeWoo, shop: WooCommerce, hasty: WooCommerce
) -> None:
    woo.faults = [Fault(Reply(status=500))] * 3
    with pytest.raises(ShopUnavailableError, match="HTTP 500"):
        await shop.search_products("heron")
    assert await shop.search_products("heron")
    woo.faults = [Fault(hangs=True)]
    with pytest.raises(ShopUnavailableError):
        await hasty.search_products("heron")


async def test_one_product_that_does_not_fit_leaves_the_others(
    woo: FakeWoo, shop: WooCommerce, caplog: pytest.LogCaptureFixture
) -> None:
    woo.products.append(product(94, price="on request"))
    assert [found.sku for found in await shop.search_products("heron")] == ["TENT-93"]
    assert "`price`" in caplog.text
    with pytest.raises(ShopUnavailableError, match="`price`"):
        await shop.product("TENT-94")


async def test_products_none_of_which_fits_are_an_error(woo: FakeWoo, shop: WooCommerce) -> None:
    woo.products = [product(price="on request")]
    with pytest.raises(ShopUnavailableError, match="`price`"):
        await shop.search_products("heron")


async def test_a_variation_is_found_by_its_number(woo: FakeWoo, shop: WooCommerce) -> None:
    attributes = [{"id": 6, "name": "Color", "option": "Green"}]
    woo.products.append(
        product(95, type="variation", sku="TENT-G", categories=[], attributes=attributes)
    )
    found = await shop.product("tent-g")
    assert found is not None
    assert found.colours == ("Green",)
    assert [product.sku for product in await shop.search_products("heron")] == ["TENT-93"]


async def test_articles_without_a_number_are_found_by_wordpresss(
    woo: FakeWoo, shop: WooCommerce
) -> None:
    woo.products = [product(sku="")]
    (found,) = await shop.search_products("heron")
    assert found.sku == "#93"
    assert await shop.product("#93") == found
    woo.products = [product()]
    assert await shop.product("#93") is None


@pytest.mark.parametrize("sku", ["", " ", "#", "#x", "NONE-1", "TENT-93,TENT-94", "x" * 200])
async def test_what_the_shop_does_not_have_is_none(shop: WooCommerce, sku: str) -> None:
    assert await shop.product(sku) is None


async def test_a_limit_is_kept(woo: FakeWoo, shop: WooCommerce) -> None:
    woo.products = [product(n) for n in range(1, 10)]
    assert len(await shop.search_products("heron", limit=3)) == 3
    with pytest.raises(ValueError, match="limit must be at least 1"):
        await shop.search_products("heron", limit=0)


@pytest.mark.parametrize(
    ("fields", "stock"),
    [
        ({"stock_quantity": 5}, 5),
        ({"stock_quantity": 2.5}, 2),
        ({"stock_quantity": -3, "stock_status": "onbackorder"}, 0),
        ({"stock_quantity": 5, "stock_status": "outofstock"}, 0),
        ({"stock_quantity": None, "manage_stock": False}, 1),
        ({"stock_quantity": None, "stock_status": "onbackorder"}, 0),
        ({"stock_quantity": None, "stock_status": "outofstock"}, 0),
    ],
)
def test_stock_that_is_not_counted_is_one(fields: dict[str, Any], stock: int) -> None:
    assert shown(**fields).stock == stock


@pytest.mark.parametrize(
    ("weight", "unit", "grams"),
    [
        ("2.3", "kg", 2300),
        ("2,3", "kg", 2300),
        ("150", "g", 150),
        ("1", "lbs", 454),
        ("1.5", "oz", 43),
        ("", "kg", None),
        ("0", "kg", None),
        ("heavy", "kg", None),
        ("1e9", "kg", None),
    ],
)
def test_weights_are_grams(weight: str, unit: str, grams: int | None) -> None:
    assert shown(unit, weight=weight).weight_g == grams


@pytest.mark.parametrize(
    "fields", [{"price": ""}, {"price": None}, {"catalog_visibility": "hidden"}]
)
def test_what_cannot_be_bought_is_no_product(fields: dict[str, Any]) -> None:
    assert shown(**fields) is None


def test_what_is_missing_is_left_empty() -> None:
    bare = as_product(WooProduct.model_validate({"id": 1, "name": "X", "price": 5}), "EUR", "kg")
    assert bare is not None
    assert (bare.sku, bare.category, bare.brand, bare.url) == ("#1", "", "", None)
    assert (bare.colours, bare.sizes, bare.description.en) == ((), (), "")
    chinese = [{"name": "颜色", "options": ["红", ""]}, {"name": "品牌", "options": ["雀"]}]
    found = shown(attributes=chinese, brands=None, permalink="http://shop.example/1")
    assert (found.colours, found.brand, found.url) == (("红",), "雀", None)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("a &lt;b&gt; c", "a <b> c"),
        ("<ul><li>one</li><li>two</li></ul>", "one two"),
        ("un<b>broken</b> word", "unbroken word"),
        ("<style>p{}</style><p>seen", "seen"),
        ("</script>seen<!-- not -->", "seen"),
        ("x" * 5_000, "x" * 2_000),
    ],
)
def test_markup_is_read_as_text(markup: str, text: str) -> None:
    assert plain_text(markup) == text


@pytest.mark.parametrize(
    "settings",
    [
        {"key": " "},
        {"secret": ""},
        {"currency": "euro"},
        {"weight_unit": "stone"},
        {"url": "http://shop.example"},
    ],
)
def test_settings_that_cannot_be_used_are_refused(settings: dict[str, str]) -> None:
    usual = {"url": "https://shop.example", "key": KEY, "secret": SECRET, "currency": "EUR"}
    chosen = usual | settings
    with pytest.raises(ValueError, match=next(iter(settings)).replace("url", "address")) as caught:
        WooCommerce(chosen.pop("url"), **chosen)  # type: ignore[arg-type]
    assert SECRET not in str(caught.value)
