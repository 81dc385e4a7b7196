"""Products of Shopify, as Shopdesk knows them: one for all its variants."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from commerce._catalogue import Listing
from commerce._http import Deadline
from commerce._http_parts import https_only
from commerce.commerce import Product, Text
from commerce.shopify._api import QueryTooCostlyError, ShopifyApi
from commerce.shopify._models import ProductPage, Products, SoldProduct, Variant
from commerce.shopify._orders import article_number, money
from commerce.shopify._queries import PRODUCTS

# A page costs by its products and their variants, and what a shop may ask for at once differs.
_PAGE, _SMALLEST_PAGE = 50, 5

_GRAMS: Mapping[str, Decimal] = {
    "KILOGRAMS": Decimal(1000),
    "GRAMS": Decimal(1),
    "POUNDS": Decimal("453.59237"),
    "OUNCES": Decimal("28.349523125"),
}
# Option names are free text in the shop's language.
_COLOURS = frozenset(
    {"color", "colour", "colors", "colours", "farbe", "couleur", "kleur", "colore", "color/colour"}
    | {"颜色", "顏色", "色"}
)
_SIZES = frozenset(
    {"size", "sizes", "shoe size", "größe", "grösse", "taille", "pointure", "maat", "talla"}
    | {"taglia", "尺码", "尺寸", "尺碼", "大小", "鞋码"}
)


async def read_products(
    api: ShopifyApi, deadline: Callable[[], Deadline], most: int, *, published_only: bool
) -> Listing:
    """The shop's active products, page by page; the first ``most`` of them.

    Args:
        deadline: makes that of one page.

    Raises:
        ShopUnavailableError: one of the pages cannot be had.
    """
    products: list[Product] = []
    variants: dict[str, str] = {}
    size, after, read = _PAGE, None, 0
    while read < most:
        asked = {"first": min(size, most - read), "after": after}
        try:
            page = await _page(api, asked, deadline())
        except QueryTooCostlyError:
            if size <= _SMALLEST_PAGE:
                raise
            size = max(_SMALLEST_PAGE, size // 2)
            continue
        for node in page.nodes:
            if node.variants.nodes and (node.published_at or not published_only):
                product = as_product(node)
                products.append(product)
                for variant in node.variants.nodes:
                    variants.setdefault(article_number(variant.sku, variant.id), product.sku)
        read += len(page.nodes)
        after = page.page_info.end_cursor
        if not (page.nodes and after and page.page_info.has_next_page):
            break
    return Listing(products, variants)


async def _page(
    api: ShopifyApi, variables: Mapping[str, int | str | None], deadline: Deadline
) -> ProductPage:
    return (await api.read(PRODUCTS, variables, Products, deadline)).products


def as_product(product: SoldProduct) -> Product:
    """The product, which has one variant at least.

    The price is the lowest, the article number and the weight are those of the first variant. Of
    sizes and colours those are told that can be had; of a product that is sold out, all.
    """
    variants = product.variants.nodes
    first = variants[0]
    to_be_had = [variant for variant in variants if variant.available_for_sale]
    weight = first.inventory_item.measurement.weight
    grams = round(weight.value * _GRAMS.get(weight.unit, Decimal(0))) if weight else 0
    return Product(
        sku=article_number(first.sku, first.id),
        name=Text(product.title, product.title),
        category=product.product_type or (product.category.name if product.category else ""),
        brand=product.vendor,
        price=money(product.price_range_v2.min_variant_price),
        stock=_stock(to_be_had),
        weight_g=grams or None,
        colours=_values(to_be_had or variants, _COLOURS),
        sizes=_values(to_be_had or variants, _SIZES),
        description=Text(product.description, product.description),
        url=https_only(product.online_store_url),
    )


def _stock(to_be_had: Iterable[Variant]) -> int:
    """Pieces; 1 for a variant that can be ordered though none is counted.

    Shopify sells on where the stock is not tracked, or where the shop takes orders in advance.
    """
    return sum(max(1, variant.inventory_quantity or 0) for variant in to_be_had)


def _values(variants: Iterable[Variant], names: frozenset[str]) -> tuple[str, ...]:
    values = [
        option.value
        for variant in variants
        for option in variant.selected_options
        if unicodedata.normalize("NFKC", option.name).strip().casefold() in names
    ]
    return tuple(dict.fromkeys(values))
