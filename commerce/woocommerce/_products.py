"""Products of WooCommerce, as Shopdesk knows them."""

import re
from collections.abc import Mapping
from decimal import Decimal
from html.parser import HTMLParser

from commerce._http_parts import https_only
from commerce.commerce import Money, Product, Text
from commerce.woocommerce._models import WooProduct

GRAMS: Mapping[str, Decimal] = {
    "kg": Decimal(1000),
    "g": Decimal(1),
    "lbs": Decimal("453.59237"),
    "oz": Decimal("28.349523125"),
}

_COLOURS = frozenset({"colour", "color", "colours", "colors", "颜色", "顏色"})
_SIZES = frozenset({"size", "sizes", "尺码", "尺寸", "尺碼"})
_BRANDS = frozenset({"brand", "brands", "品牌"})
# Of which nothing is shown to a reader.
_UNSEEN = frozenset({"script", "style", "template"})
_LONGEST_TEXT = 2_000


def as_product(product: WooProduct, currency: str, weight_unit: str) -> Product | None:
    """The product; None if it has no price, and so cannot be bought, or is not to be found."""
    if product.price is None or product.catalog_visibility == "hidden":
        return None
    name = product.name or product.sku
    description = plain_text(product.short_description)
    brands = [brand.name for brand in product.brands if brand.name]
    return Product(
        sku=article(product),
        name=Text(name, name),
        category=product.categories[0].name if product.categories else "",
        brand=next(iter([*brands, *_attribute(product, _BRANDS)]), ""),
        price=Money(product.price, currency),
        stock=_stock(product),
        weight_g=_grams(product.weight, weight_unit),
        colours=_attribute(product, _COLOURS),
        sizes=_attribute(product, _SIZES),
        description=Text(description, description),
        url=https_only(product.permalink),
    )


def article(product: WooProduct) -> str:
    """The article number; where there is none, the number that WordPress gave, ``#87``."""
    return product.sku or f"#{product.id}"


def plain_text(markup: str) -> str:
    """What a reader of ``markup`` sees, in one line; at most 2,000 characters.

    >>> plain_text("<p>Warm &amp; light.<br>For <b>two</b></p><script>x</script>")
    'Warm & light. For two'
    """
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return " ".join("".join(reader.parts).split())[:_LONGEST_TEXT]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag not in ("b", "strong", "em", "i", "a", "span"):
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in ("p", "li", "div", "td", "th"):
            self.parts.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(data)


def _stock(product: WooProduct) -> int:
    """Pieces; 1 where there are some and the shop does not count them."""
    if product.stock_status == "outofstock":
        return 0
    if product.stock_quantity is not None:
        return max(0, int(product.stock_quantity))
    return 1 if product.stock_status == "instock" else 0


def _grams(weight: str, unit: str) -> int | None:
    # Some shops write the comma of their language, though WooCommerce asks for a point.
    if not re.fullmatch(r"\d{1,7}(?:[.,]\d{1,6})?", weight):
        return None
    return round(Decimal(weight.replace(",", ".")) * GRAMS[unit]) or None


def _attribute(product: WooProduct, names: frozenset[str]) -> tuple[str, ...]:
    values: list[str] = []
    for attribute in product.attributes:
        if attribute.name.casefold() in names:
            values += attribute.options or [attribute.option]
    return tuple(dict.fromkeys(filter(None, values)))
