"""Products of a Shopify shop."""

from decimal import Decimal
from typing import Any

import pytest

from commerce.commerce import Money, Product, Text
from commerce.errors import ShopUnavailableError
from commerce.shopify import Shopify
from tests.commerce.shop_server import Reply
from tests.commerce.shopify.conftest import Pauses
from tests.commerce.shopify.fake import TOKEN, FakeShopify, Trouble, an_error


def a_variant(number: int = 87, size: str = "42", **changes: Any) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/ProductVariant/{number}",
        "sku": f"LK-BOOT-{size}",
        "availableForSale": True,
        "inventoryQuantity": 3,
        "selectedOptions": [
            {"name": "Größe", "value": size},
            {"name": "Farbe", "value": "sand"},
        ],
        "inventoryItem": {"measurement": {"weight": {"value": 1.25, "unit": "KILOGRAMS"}}},
    } | changes


def a_product(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Heron boot",
        "vendor": "Lark",
        "productType": "Boots",
        "category": {"name": "Shoes"},
        "description": "A boot.",
        "publishedAt": "2026-01-01T00:00:00Z",
        "onlineStoreUrl": "https://shop.example/products/heron-boot",
        "priceRangeV2": {"minVariantPrice": {"amount": "129.0", "currencyCode": "EUR"}},
        "variants": {"nodes": [a_variant()]},
    } | changes


async def told(fake: FakeShopify, shop: Shopify, **changes: Any) -> Product:
    fake.products = [a_product(**changes)]
    (product,) = await shop.search_products("heron boot")
    return product


async def test_a_product_is_told_whole(fake: FakeShopify, shop: Shopify) -> None:
    variants = {"nodes": [a_variant(), a_variant(88, "43", inventoryQuantity=4)]}
    assert await told(fake, shop, variants=variants) == Product(
        sku="LK-BOOT-42",
        name=Text("Heron boot", "Heron boot"),
        category="Boots",
        brand="Lark",
        price=Money(Decimal("129.0"), "EUR"),
        stock=7,
        weight_g=1250,
        colours=("sand",),
        sizes=("42", "43"),
        description=Text("A boot.", "A boot."),
        url="https://shop.example/products/heron-boot",
    )


async def test_of_sizes_those_are_told_that_can_be_had(fake: FakeShopify, shop: Shopify) -> None:
    sold_out = a_variant(88, "43", availableForSale=False, inventoryQuantity=0)
    product = await told(fake, shop, variants={"nodes": [sold_out, a_variant()]})
    assert (product.sku, product.sizes, product.stock) == ("LK-BOOT-43", ("42",), 3)


async def test_of_a_product_that_is_sold_out_all_sizes_are_told(
    fake: FakeShopify, shop: Shopify
) -> None:
    nodes = [a_variant(n, s, availableForSale=False) for n, s in ((87, "42"), (88, "43"))]
    product = await told(fake, shop, variants={"nodes": nodes})
    assert (product.sizes, product.stock) == (("42", "43"), 0)


@pytest.mark.parametrize("quantity", [0, -5, None])
async def test_what_sells_without_being_counted_is_in_stock(
    fake: FakeShopify, shop: Shopify, quantity: int | None
) -> None:
    variants = {"nodes": [a_variant(inventoryQuantity=quantity)]}
    assert (await told(fake, shop, variants=variants)).stock == 1


async def test_what_a_shop_leaves_out_is_empty(fake: FakeShopify, shop: Shopify) -> None:
    bare = a_variant(sku=None, inventoryItem={"measurement": {"weight": None}}, selectedOptions=[])
    product = await told(
        fake,
        shop,
        productType="",
        category=None,
        vendor="",
        onlineStoreUrl="http://shop.example/",
        variants={"nodes": [bare]},
    )
    assert (product.sku, product.category, product.weight_g) == ("#87", "", None)
    assert (product.sizes, product.colours, product.url) == ((), (), None)
    assert await shop.product("#87") == product


async def test_each_variants_number_finds_the_product(fake: FakeShopify, shop: Shopify) -> None:
    fake.products = [a_product(variants={"nodes": [a_variant(), a_variant(88, "43")]})]
    for sku in ("LK-BOOT-42", " lk-boot-43 "):
        product = await shop.product(sku)
        assert product is not None
        assert product.sku == "LK-BOOT-42"
    assert await shop.product("LK-BOOT-44") is None


async def test_what_is_not_published_is_not_told(fake: FakeShopify, pauses: Pauses) -> None:
    fake.products = [a_product(publishedAt=None), a_product(variants={"nodes": []})]
    for published_only, count in ((True, 0), (False, 1)):
        shop = Shopify(fake.url, token=TOKEN, published_only=published_only, sleep=pauses)
        assert len(await shop.search_products("heron boot")) == count
        await shop.close()


async def test_all_pages_are_read_once(fake: FakeShopify, shop: Shopify) -> None:
    fake.products = [
        a_product(title=f"Thing {number}", variants={"nodes": [a_variant(number, str(number))]})
        for number in range(120)
    ]
    assert await shop.product("LK-BOOT-119") is not None
    assert await shop.product("LK-BOOT-0") is not None
    asked = [(page["first"], page["after"]) for page in fake.variables("ReadProducts")]
    assert asked == [(50, None), (50, "50"), (50, "100")]


async def test_a_huge_shop_is_read_in_part(
    fake: FakeShopify, shop: Shopify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("commerce.shopify._shop._MOST_PRODUCTS", 70)
    fake.products = [a_product(variants={"nodes": [a_variant(n, str(n))]}) for n in range(90)]
    assert await shop.product("LK-BOOT-69") is not None
    assert await shop.product("LK-BOOT-70") is None
    assert [page["first"] for page in fake.variables("ReadProducts")] == [50, 20]


async def test_pages_become_smaller_where_shopify_does_not_give_so_much(
    fake: FakeShopify, shop: Shopify
) -> None:
    fake.page_limit = 20
    fake.products = [a_product(variants={"nodes": [a_variant(n, str(n))]}) for n in range(30)]
    assert await shop.product("LK-BOOT-29") is not None
    assert [page["first"] for page in fake.variables("ReadProducts")] == [50, 25, 12, 12, 12]


async def test_pages_do_not_become_smaller_for_ever(fake: FakeShopify, shop: Shopify) -> None:
    fake.page_limit = 1
    with pytest.raises(ShopUnavailableError, match="MAX_COST_EXCEEDED"):
        await shop.search_products("heron boot")
    assert len(fake.requests) == 5


async def test_products_that_cannot_be_read_are_said_so(fake: FakeShopify, shop: Shopify) -> None:
    fake.faults = [Trouble(an_error("ACCESS_DENIED"), operation="ReadProducts")]
    with pytest.raises(ShopUnavailableError, match="ACCESS_DENIED"):
        await shop.product("LK-BOOT-42")
    fake.products = [a_product(title=None)]
    with pytest.raises(ShopUnavailableError, match=r"at products\.nodes\.0\.title$"):
        await shop.product("LK-BOOT-42")
    fake.faults = [Trouble(Reply(503), operation="ReadProducts")]
    fake.products = [a_product()]
    assert await shop.product("LK-BOOT-42") is not None


async def test_at_least_one_product_is_asked_for(shop: Shopify) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        await shop.search_products("tent", 0)
