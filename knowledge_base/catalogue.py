"""The product list, a CSV file, into passages: one a product and language.

Customers ask for products in sentences, and an answer quotes sentences; so a row is written out
as sentences that name the product each time and can be quoted alone.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from knowledge_base._front_matter import decode
from knowledge_base.errors import ContentError, Problem, shown
from knowledge_base.language import is_han
from knowledge_base.passages import LANGUAGES, Language, Passage

HEADER = (
    *("sku", "name_en", "name_zh", "category", "brand", "price_eur", "stock", "weight_g"),
    *("colours", "sizes", "attributes_en", "attributes_zh", "description_en", "description_zh"),
    "url",
)

_SKU = re.compile(r"[A-Za-z0-9]+(?:[-_.][A-Za-z0-9]+)*")
_PRICE = re.compile(r"\d{1,7}(?:\.\d{1,2})?")
_COUNT = re.compile(r"\d{1,9}")
_NEEDED = ("name_en", "name_zh", "category", "description_en", "description_zh")


@dataclass(frozen=True, slots=True)
class Product:
    """One row of the product list.

    Attributes:
        price_eur: what a customer pays, in euros.
        stock: pieces that can be ordered now.
        weight_g: weight in grams; None where the list gives none.
        attributes: further properties by language, as (name, value).
        line: where the row begins in the file, counted from 1.
    """

    sku: str
    name: dict[Language, str]
    category: str
    brand: str
    price_eur: Decimal
    stock: int
    weight_g: int | None
    colours: tuple[str, ...]
    sizes: tuple[str, ...]
    attributes: dict[Language, tuple[tuple[str, str], ...]]
    description: dict[Language, str]
    url: str | None
    line: int


def read_products(raw: bytes, source: str) -> list[Product]:
    """The products of a CSV file with the header ``HEADER``, in the file's order.

    Raises:
        ContentError: with everything that is wrong in the file.
    """
    problems: list[Problem] = []
    products: dict[str, Product] = {}
    for line, row in _rows(decode(raw, source), source):
        try:
            product = _product(row, line, source)
            if first := products.get(product.sku):
                found = f"the sku {shown(product.sku)} a second time (first on line {first.line})"
                remedy = "Remove one of the two rows, or correct its sku."
                raise ContentError([Problem(source, line, found, "a sku used once", remedy)])
        except ContentError as error:
            problems += error.problems
        else:
            products[product.sku] = product
    if problems:
        raise ContentError(problems)
    return list(products.values())


def product_passages(product: Product, source: str) -> list[Passage]:
    """The product as a passage in each language."""
    return [
        Passage(
            id=f"{language}/product/{product.sku}",
            kind="product",
            language=language,
            title=product.name[language],
            text="\n".join(_SENTENCES[language](product)),
            source=source,
            line=product.line,
            url=product.url,
        )
        for language in LANGUAGES
    ]


def _rows(text: str, source: str) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        header = tuple(cell.strip() for cell in next(reader, []))
        if header != HEADER:
            remedy = "Write the first line so; the order matters."
            expected = f"the header {','.join(HEADER)}"
            found = f"the header {shown(','.join(header), 200)}"
            raise ContentError([Problem(source, 1, found, expected, remedy)])
        while True:
            line = reader.line_num + 1
            cells = next(reader, None)
            if cells is None:
                return
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(HEADER):
                remedy = 'Put double quotes around a value that holds a comma: "red, blue".'
                expected, found = f"{len(HEADER)} values", f"{len(cells)} values"
                raise ContentError([Problem(source, line, found, expected, remedy)])
            yield line, dict(zip(HEADER, (cell.strip() for cell in cells), strict=True))
    except csv.Error as error:
        remedy = "Put double quotes around the whole value, and double those inside it."
        raise ContentError(
            [Problem(source, line, f"a row that is not CSV ({error})", "comma-separated", remedy)]
        ) from None


def _product(row: dict[str, str], line: int, source: str) -> Product:
    problems: list[Problem] = []

    def check(column: str, pattern: re.Pattern[str], expected: str) -> None:
        if not pattern.fullmatch(row[column]):
            found = f"{shown(row[column])} as `{column}`"
            problems.append(Problem(source, line, found, expected, "Correct the value."))

    check("sku", _SKU, "letters and digits with single hyphens, such as LK-TENT-001")
    check("price_eur", _PRICE, "a price in euros with a point, such as 289.00")
    check("stock", _COUNT, "the number of pieces in stock, such as 12 or 0")
    if row["weight_g"]:
        check("weight_g", _COUNT, "the weight in grams, such as 850, or nothing")
    problems += [
        Problem(source, line, f"no `{column}`", "a text", "Write one.")
        for column in _NEEDED
        if not row[column]
    ]
    attributes: dict[Language, tuple[tuple[str, str], ...]] = {}
    for language in LANGUAGES:
        column = f"attributes_{language}"
        pairs = [_pair(piece) for piece in re.split("[;；]", row[column]) if piece.strip()]
        if not all(name and value for name, value in pairs):
            found, expected = f"{shown(row[column])} as `{column}`", "`name: value; name: value`"
            remedy = "Write a colon between name and value and a semicolon between two of them."
            problems.append(Problem(source, line, found, expected, remedy))
        attributes[language] = tuple(pairs)
    if problems:
        raise ContentError(problems)
    return Product(
        sku=row["sku"],
        name={language: row[f"name_{language}"] for language in LANGUAGES},
        category=row["category"],
        brand=row["brand"],
        price_eur=Decimal(row["price_eur"]),
        stock=int(row["stock"]),
        weight_g=int(row["weight_g"]) if row["weight_g"] else None,
        colours=_listed(row["colours"]),
        sizes=_listed(row["sizes"]),
        attributes=attributes,
        description={language: row[f"description_{language}"] for language in LANGUAGES},
        url=row["url"] or None,
        line=line,
    )


def _pair(piece: str) -> tuple[str, str]:
    name, _, value = piece.replace("：", ":", 1).partition(":")
    return name.strip(), value.strip()


def _listed(cell: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in cell.split("|") if item.strip())


def _english(product: Product) -> Iterator[str]:
    name = product.name["en"]
    yield product.description["en"]
    yield f"{name} costs EUR {product.price_eur:.2f}."
    yield f"{name} is {'in stock' if product.stock else 'out of stock at the moment'}."
    if product.weight_g:
        yield f"{name} weighs {_weight(product.weight_g, ('g', 'kg'))}."
    if product.colours:
        yield f"Colours of {name}: {', '.join(product.colours)}."
    if product.sizes:
        yield f"Sizes of {name}: {', '.join(product.sizes)}."
    for key, value in product.attributes["en"]:
        yield f"{name}, {key}: {value}."
    yield f"Category: {product.category}."
    if product.brand:
        yield f"Brand: {product.brand}."
    yield f"Article number (SKU): {product.sku}."


def _chinese(product: Product) -> Iterator[str]:
    name = product.name["zh"]
    attributes = dict(product.attributes["zh"])
    # The columns for all languages hold English words, unless an attribute says it in Chinese.
    if product.colours:
        attributes.setdefault("颜色", "、".join(product.colours))
    if product.sizes:
        attributes.setdefault("尺码", "、".join(product.sizes))
    yield product.description["zh"]
    yield f"{name}的价格是 {product.price_eur:.2f} 欧元。"
    yield f"{name}{'有现货' if product.stock else '目前缺货'}。"
    if product.weight_g:
        yield f"{name}的重量是 {_weight(product.weight_g, ('克', '千克'))}。"
    for key, value in attributes.items():
        yield f"{name}的{key}：{value}。"
    if any(map(is_han, product.category)):
        yield f"类别：{product.category}。"
    if product.brand:
        yield f"品牌：{product.brand}。"
    yield f"商品编号：{product.sku}。"


_SENTENCES: dict[Language, Callable[[Product], Iterator[str]]] = {"en": _english, "zh": _chinese}


def _weight(grams: int, units: tuple[str, str]) -> str:
    if grams < 1000:
        return f"{grams} {units[0]}"
    return f"{grams} {units[0]} ({grams / 1000:g} {units[1]})"
