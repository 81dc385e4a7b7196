"""Product names in what customers write, looked up in a catalogue."""

import time
from pathlib import Path

import pytest

from bot.components.catalogue_names import read_catalogue, take_apart
from bot.components.products import MOST, Products

CATALOGUE = Path(__file__).resolve().parents[2] / "knowledge_base" / "content" / "products.csv"


@pytest.fixture(scope="module")
def products() -> Products:
    return Products.of(read_catalogue(CATALOGUE))


def found(products: Products, text: str) -> list[str]:
    return [str(one.value).removeprefix("LK-") for one in products.find(text)]


@pytest.mark.parametrize(
    ("text", "sku"),
    [
        ("the Heron 2", "TENT-001"),
        ("heron2 tent", "TENT-001"),
        ("heron-2", "TENT-001"),
        ("hreon 3", "TENT-002"),
        ("双人帐篷 Heron 2", "TENT-001"),
        ("Heron 2 双人帐篷还有货吗", "TENT-001"),
        ("heron 3 帐篷", "TENT-002"),
        ("does the heron 3 groundsheet fit", "TENT-010"),
        ("storm gate 2", "TENT-005"),
        ("how much is the stormgate", "TENT-005"),
        ("solo tern tent", "TENT-004"),
        ("独鸥1还有货吗", "TENT-004"),
        ("风暴门多少钱", "TENT-005"),
        ("低潮遮阳帐", "TENT-007"),
        ("Cloud 5", "MAT-001"),
        ("Eider -7", "SLEEP-004"),
        ("溪水过滤水壶", "BOTL-004"),
        ("Ember 1000", "BOTL-002"),
        ("is the squal rain jacket waterproof", "JACK-001"),
        ("camp kettle", "COOK-003"),
        ("sparow stool", "FURN-009"),
        ("two brae low trail shoes", "BOOT-003"),
        ("brae low wp", "BOOT-004"),
        ("lk-tent-002 please", "TENT-002"),
    ],
)
def test_named_products_are_found(products: Products, text: str, sku: str) -> None:
    assert found(products, text) == [sku]


@pytest.mark.parametrize(
    "text",
    [
        "a tent", "do you have a two-person tent", "双人帐篷有吗", "a kettle", "a down jacket",
        "sleeping bag", "the Heron", "heron tents", "Heron 5", "Stormgate 3", "cloud mat",
        "I bought it last spring", "on cloud nine", "the screen is broken", "手机号换了",
        "can I fold it", "hello", "", "2", "LK-204518", "a nest of 5 mice",
    ],
)  # fmt: skip
def test_a_kind_of_thing_and_what_is_not_clear_is_no_product(products: Products, text: str) -> None:
    assert found(products, text) == []


def test_several_products_are_found_where_they_stand(products: Products) -> None:
    text = "the Heron 2 or the Heron 3, and a Nova 400 headlamp"
    assert found(products, text) == ["TENT-001", "TENT-002", "LITE-001"]
    spans = [text[one.start : one.end] for one in products.find(text)]
    assert spans == ["Heron 2", "Heron 3", "Nova 400 headlamp"]
    assert len(found(products, "Heron 2, " * 20)) == MOST


def test_every_product_is_found_by_its_whole_name(products: Products) -> None:
    catalogue = CATALOGUE.read_text(encoding="utf-8")
    rows = take_apart_rows(catalogue)
    missed = {
        (row["sku"], language)
        for row in rows
        for language in ("en", "zh")
        if row["sku"] not in [one.value for one in products.find(row[f"name_{language}"])]
    }
    assert missed <= {(row["sku"], "zh") for row in rows}
    assert len(missed) <= 4


def take_apart_rows(text: str) -> list[dict[str, str]]:
    import csv
    import io

    return list(csv.DictReader(io.StringIO(text)))


def test_a_catalogue_whose_names_have_capitals_throughout_tells_kinds_too() -> None:
    rows = [
        {"sku": "A-1", "name_en": "Alpha 5 Laptop Stand"},
        {"sku": "A-2", "name_en": "Beta 7 Laptop Stand"},
        {"sku": "A-3", "name_en": "Gamma Desk"},
    ]
    products = Products.of(take_apart(rows))
    assert [one.value for one in products.find("is the alpha 5 in stock")] == ["A-1"]
    assert products.find("a stand") == []


def test_a_catalogue_that_is_not_there_has_no_products(tmp_path: Path) -> None:
    broken = tmp_path / "broken.csv"
    broken.write_bytes(b"\xff\xfe\x00")
    other = tmp_path / "other.csv"
    other.write_text("name,price\nx,1\n", encoding="utf-8")
    for file in (tmp_path / "gone.csv", broken, other, tmp_path):
        assert Products.of(read_catalogue(file)).find("the Heron 2") == []


def test_rows_that_lack_something_are_read_as_far_as_they_go() -> None:
    rows = [
        {"sku": "", "name_en": "Nameless 1"},
        {"sku": "B-1", "name_en": "", "name_zh": ""},
        {"sku": "B-2", "name_zh": "独鸥 1 单人帐篷"},
        {"sku": "B-3", "name_en": "x"},
    ]
    products = Products.of(take_apart(rows))
    assert [one.value for one in products.find("独鸥 1")] == ["B-2"]


@pytest.mark.parametrize("text", ["heron " * 200, "Heron 2 " * 125, "abcdef" * 166, "独鸥" * 500])
def test_nothing_that_is_typed_holds_it_up(products: Products, text: str) -> None:
    products.find("warm")
    start = time.process_time()
    products.find(text)
    assert time.process_time() - start < 0.5
