"""Products: read from the list, and found by what customers type."""

import csv
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from commerce.commerce import Commerce, Money
from commerce.demo import DemoShop
from commerce.errors import BrokenFileError


async def first(shop: Commerce, query: str) -> str | None:
    found = await shop.search_products(query, limit=1)
    return found[0].name.en if found else None


async def test_a_product_is_had_by_its_sku(shop: Commerce) -> None:
    product = await shop.product("LK-TENT-002")
    assert product is not None
    assert product.name.en == "Heron 3 tent"
    assert product.name.in_language("zh") == "Heron 3 三人帐篷"
    assert product.price == Money(Decimal("349.00"), "EUR")
    assert product.weight_g == 2900
    assert product.colours == ("moss green", "sand")
    assert await shop.product("LK-TENT-999") is None


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("heron 3", "Heron 3 tent"),
        ("How heavy is the Heron 3?", "Heron 3 tent"),
        ("swift65", "Swift 65 backpack"),
        ("sleeping bag for kids", "Cub kids' sleeping bag"),
        ("head lamp 900", "Nova 900 headlamp"),
        ("powerbank", "Sprint 10 power bank"),
        ("lk-tent-004", "Solo Tern 1 tent"),
        ("那个65升的Swift包现在啥价？", "Swift 65 backpack"),
        ("你们有儿童睡袋吗", "Cub kids' sleeping bag"),
        ("保温壶", "Ember 750 vacuum flask"),
        ("登山杖多少钱", "Stride trekking poles, pair"),
    ],
)
async def test_products_are_found_in_both_languages(shop: Commerce, query: str, name: str) -> None:
    assert await first(shop, query) == name


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("heorn 3 tnet", "Heron 3 tent"),
        ("swft 65 bakcpack", "Swift 65 backpack"),
        ("tarnwel flask", "Ember 750 vacuum flask"),
        ("gas cartrige", "Gas cartridge 230 g"),
        ("compas", "Azimuth 2 baseplate compass"),
        ("trekking poels", "Stride trekking poles, pair"),
        ("双人账蓬", "Heron 2 tent"),
        ("保温湖", "Ember 750 vacuum flask"),
    ],
)
async def test_typing_errors_are_forgiven(shop: Commerce, typed: str, name: str) -> None:
    assert await first(shop, typed) == name


@pytest.mark.parametrize(
    "query",
    [
        "",
        "   ",
        "!?",
        "do you sell kayaks?",
        "weather tomorrow",
        "皮划艇",
        "明天天气怎么样",
        "z" * 999,
    ],
)
async def test_what_the_shop_does_not_have_is_not_found(shop: Commerce, query: str) -> None:
    assert await shop.search_products(query, limit=5) == []


async def test_a_number_is_not_taken_for_another(shop: Commerce) -> None:
    found = await shop.search_products("swift 45", limit=1)
    assert [product.sku for product in found] == ["LK-PACK-002"]


async def test_of_equals_those_in_stock_come_first(shop: Commerce) -> None:
    bottles = await shop.search_products("brook", limit=2)
    assert [product.stock > 0 for product in bottles] == [True, False]
    lamps = await shop.search_products("fjordlys", limit=10)
    assert len(lamps) == 10
    assert [product.stock > 0 for product in lamps] == [True] * 9 + [False]


async def test_the_limit_is_kept(shop: Commerce) -> None:
    assert len(await shop.search_products("tent", limit=3)) == 3
    with pytest.raises(ValueError, match="at least 1, not 0"):
        await shop.search_products("tent", limit=0)


@pytest.mark.parametrize(
    ("cells", "found", "expected"),
    [
        ({"sku": ""}, "an empty `sku`", "a value"),
        ({"name_zh": ""}, "an empty `name_zh`", "a value"),
        ({"price_eur": "€279"}, "'€279'", "a price in euros"),
        ({"stock": "-1"}, "'-1'", "a whole number"),
        ({"weight_g": "2.3 kg"}, "'2.3 kg'", "a whole number"),
        ({"brand": '"Lark'}, "not CSV", "CSV"),
    ],
)
def test_a_broken_product_is_refused_with_its_place(
    small_shop: Callable[..., DemoShop], cells: dict[str, str], found: str, expected: str
) -> None:
    with pytest.raises(BrokenFileError) as error:
        small_shop(product=cells)
    assert error.value.file.endswith("products.csv")
    assert error.value.line == 2
    assert found in error.value.found
    assert expected in error.value.expected


def test_a_sku_twice_is_refused(products_file: Path, tmp_path: Path) -> None:
    text = products_file.read_text(encoding="utf-8")
    twice = tmp_path / "products.csv"
    twice.write_text(text + text.splitlines()[1] + "\n", encoding="utf-8")
    with pytest.raises(BrokenFileError, match="'LK-TENT-001' a second time"):
        DemoShop(twice, None)


def test_another_header_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "products.csv"
    path.write_text("sku,name\n", encoding="utf-8")
    with pytest.raises(BrokenFileError, match="found the header 'sku,name'") as error:
        DemoShop(path, None)
    assert error.value.line == 1


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BrokenFileError, match=r"gone\.csv: found no readable file"):
        DemoShop(tmp_path / "gone.csv", None)


def test_other_encodings_are_refused_with_the_line(tmp_path: Path, products_file: Path) -> None:
    path = tmp_path / "products.csv"
    path.write_bytes(products_file.read_bytes() + "LK-X,Zelt für zwei\n".encode("latin-1"))
    with pytest.raises(BrokenFileError, match="not UTF-8") as error:
        DemoShop(path, None)
    assert error.value.line == 122


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path, products_file: Path) -> None:
    path = tmp_path / "products.csv"
    path.write_bytes(b"\xef\xbb\xbf" + products_file.read_bytes())
    DemoShop(path, None)


def test_the_demo_shops_list_is_whole(products_file: Path) -> None:
    DemoShop(products_file, None)
    with products_file.open(encoding="utf-8", newline="") as file:
        products = list(csv.DictReader(file))
    categories = [product["category"] for product in products]
    assert len(categories) == 120
    assert {categories.count(category) for category in categories} == {10}
    assert len(set(categories)) == 12
    for column in ("name_en", "name_zh", "description_en", "description_zh", "url"):
        assert len({product[column] for product in products}) == 120, column
    assert any(product["stock"] == "0" for product in products)


@pytest.mark.parametrize(
    ("query", "category"),
    [
        ("a warm sleeping bag", "sleeping bags"),
        ("a sand tent", "tents"),
        ("olive backpack", "backpacks"),
    ],
)
async def test_a_colour_is_no_thing(shop: Commerce, query: str, category: str) -> None:
    # "Warm white" is a lamp's colour, rarer than sleeping bags are.
    found = await shop.search_products(query, limit=3)
    assert found
    assert {product.category for product in found} == {category}


async def test_a_colour_puts_first_what_has_it(shop: Commerce) -> None:
    found = await shop.search_products("sand tent", limit=5)
    assert "sand" in " ".join(found[0].colours)
    assert any("sand" not in " ".join(product.colours) for product in found)
