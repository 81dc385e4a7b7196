from decimal import Decimal

import pytest

from knowledge_base.catalogue import product_passages, read_products
from knowledge_base.errors import ContentError


def broken(text: str) -> list[tuple[int, str]]:
    with pytest.raises(ContentError) as caught:
        read_products(text.encode(), "products.csv")
    return [(problem.line, problem.found) for problem in caught.value.problems]


def test_row_becomes_a_product(products: str) -> None:
    (product,) = read_products(products.encode(), "products.csv")
    assert product.price_eur == Decimal("289.00")
    assert (product.stock, product.weight_g, product.line) == (12, 2150, 2)
    assert (product.colours, product.sizes) == (("moss", "sand"), ())
    assert product.attributes == {"en": (("persons", "2"),), "zh": (("人数", "2"),)}


def test_product_is_told_in_sentences_of_each_language(products: str) -> None:
    (product,) = read_products(products.encode(), "products.csv")
    english, chinese = product_passages(product, "products.csv")
    assert (english.id, chinese.id) == ("en/product/LK-TENT-001", "zh/product/LK-TENT-001")
    assert (english.title, english.url, english.line) == ("Heron 2", "/shop/heron-2", 2)
    assert english.text.split("\n") == [
        "A light tent, for two.",
        "Heron 2 costs EUR 289.00.",
        "Heron 2 is in stock.",
        "Heron 2 weighs 2150 g (2.15 kg).",
        "Colours of Heron 2: moss, sand.",
        "Heron 2, persons: 2.",
        "Category: tents.",
        "Brand: Lark.",
        "Article number (SKU): LK-TENT-001.",
    ]
    assert chinese.text.split("\n") == [
        "双人轻量帐篷。",
        "苍鹭 2的价格是 289.00 欧元。",
        "苍鹭 2有现货。",
        "苍鹭 2的重量是 2150 克 (2.15 千克)。",
        "苍鹭 2的人数：2。",
        "苍鹭 2的颜色：moss、sand。",
        "品牌：Lark。",
        "商品编号：LK-TENT-001。",
    ]


def test_chinese_attribute_stands_for_the_english_column(products: str) -> None:
    (product,) = read_products(products.replace("人数: 2", "颜色：苔绿；").encode(), "products.csv")
    _, chinese = product_passages(product, "products.csv")
    assert "颜色：苔绿。" in chinese.text
    assert "moss" not in chinese.text


def test_sold_out_is_said_in_both_languages(products: str) -> None:
    (product,) = read_products(products.replace(",12,", ",0,").encode(), "products.csv")
    english, chinese = product_passages(product, "products.csv")
    assert "Heron 2 is out of stock at the moment." in english.text
    assert "苍鹭 2目前缺货。" in chinese.text


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("289.00", "289,00", "16 values"),
        ("289.00", '"289,00"', "'289,00' as `price_eur`"),
        ("289.00", "-5", "'-5' as `price_eur`"),
        (",12,", ",many,", "'many' as `stock`"),
        (",2150,", ",2.1 kg,", "'2.1 kg' as `weight_g`"),
        ("LK-TENT-001", "", "'' as `sku`"),
        ("Heron 2,", ",", "no `name_en`"),
        ("双人轻量帐篷。", "", "no `description_zh`"),
        ("persons: 2", "persons", "'persons' as `attributes_en`"),
    ],
)
def test_broken_value_is_refused(products: str, old: str, new: str, found: str) -> None:
    assert broken(products.replace(old, new, 1)) == [(2, found)]


def test_wrong_header_is_refused(products: str) -> None:
    ((line, found),) = broken(products.replace("sku,", "id,", 1))
    assert line == 1
    assert found.startswith("the header 'id,name_en")


def test_duplicate_sku_names_the_first(products: str) -> None:
    row = products.split("\n")[1]
    assert broken(f"{products}\n{row}\n") == [
        (4, "the sku 'LK-TENT-001' a second time (first on line 2)")
    ]


def test_all_broken_rows_are_told_by_the_line_they_begin_on(products: str) -> None:
    header, row, _ = products.split("\n")
    two_lines = row.replace("light tent", "light\ntent")
    bad = row.replace("289.00", "free").replace("001", "002")
    worse = bad.replace("002", "003").replace(",12,", ",?,")
    assert [line for line, _ in broken(f"{header}\n{two_lines}\n{bad}\n{worse}\n")] == [4, 5, 5]


def test_unclosed_quote_is_refused(products: str) -> None:
    ((line, found),) = broken(products.replace('two."', "two."))
    assert line == 2
    assert found.startswith("a row that is not CSV")
