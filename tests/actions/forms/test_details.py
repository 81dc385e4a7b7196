"""Order numbers, proofs and counts, as customers type them."""

import csv
from pathlib import Path

import pytest

from actions.forms.details import (
    count,
    email,
    first_number,
    order_numbers,
    postcode,
    same_order,
)
from actions.turn import Entity, Turn

ORDERS = Path(__file__).resolve().parents[3] / "commerce" / "demo_data" / "orders.csv"


def said(text: str, intent: str = "inform", **more: object) -> Turn:
    return Turn(text, intent, "en", None, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("LK-204518", ["LK-204518"]),
        ("it's lk 204518.", ["lk 204518"]),
        ("LK204518", ["LK204518"]),
        ("ＬＫ－２０４５１８", ["LK-204518"]),
        ("LK—204518", ["LK—204518"]),
        ("#1001", ["#1001"]),
        ("where is order 204518?", ["204518"]),
        ("my order number is: 204518", ["204518"]),
        ("order no. 204518", ["204518"]),
        ("订单204518到哪了", ["204518"]),
        ("订单号：204518", ["204518"]),
        ("订单LK-204518的包裹", ["LK-204518"]),
        ("not LK-204518 but LK-204600", ["LK-204518", "LK-204600"]),
    ],
)
def test_what_says_by_itself_that_it_is_an_order_number_is_one(
    text: str, numbers: list[str]
) -> None:
    assert order_numbers(said(text)) == numbers


@pytest.mark.parametrize(
    "text",
    [
        "204518",
        "it is 204518",
        "I ordered in May 2026",
        "in 2025",
        "zip 10115",
        "D-10115",
        "NL-3011 WN",
        "postcode 3011 WN",
        "邮编200031",
        "on 2026-05-12",
        "it cost 279.00",
        "call me on 0612345678",
        "lk204518@example.com",
        "PP2813410345NL",
        "LK-TENT-001",
        "the Ember 1000 flask",
        "BS1 4DJ",
        "150-0001",
    ],
)
def test_other_digits_are_no_order_number_unless_it_was_asked_for(text: str) -> None:
    assert order_numbers(said(text)) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("204518", "204518"),
        ("it is 204518", "204518"),
        ("no 204518", "204518"),
        ("I bought it in 2026, 204518", "204518"),
        ("是204518", "204518"),
        ("1001", "1001"),
    ],
)
def test_asked_for_digits_are_enough(text: str, number: str) -> None:
    assert order_numbers(said(text), asked=True)[0] == number


def test_out_of_nowhere_digits_alone_are_an_order_number() -> None:
    assert first_number(said("204518")) == "204518"
    assert first_number(said("204518", "track_order")) is None
    assert first_number(said("10 tents")) is None


def test_what_rasa_found_counts_where_nothing_was_asked() -> None:
    found = (Entity("order_number", "204518", "204518"),)
    assert first_number(said("where is 204518", "track_order", entities=found)) == "204518"
    assert first_number(said('/inform{"order_number": "204518"}', entities=found)) is None


def test_the_same_order_is_known_however_it_is_typed() -> None:
    assert same_order("LK-204518", "lk 204518")
    assert same_order("#204518", "204518")
    assert not same_order("LK-204518", "LK-204519")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ada@example.com", "ada@example.com"),
        ("It's <Ada@Example.com>, thanks", "Ada@Example.com"),
        ("邮箱是ada@example.com谢谢", "ada@example.com"),
        ("我的邮箱：ａｄａ＠ｅｘａｍｐｌｅ．ｃｏｍ", "ada@example.com"),
        ("b\u043eb@example.org", "b\u043eb@example.org"),
        ("ada@example", None),
        ("ada@example.com@evil.example", None),
        ("evil@ada@example.com", None),
        ("it's ada@example.com.", "ada@example.com"),
        ("a" * 300 + "@example.com", None),
        ("", None),
    ],
)
def test_an_address_is_taken_as_it_was_typed(text: str, address: str | None) -> None:
    assert email(said(text)) == address


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("3011wn", "3011wn"),
        ("3011-WN", "3011-WN"),
        ("NL-3011 WN", "3011 WN"),
        ("D-10437 Berlin", "10437"),
        ("since 2024 it is 3011 WN", "3011 WN"),
        ("9000 in Gent", "9000"),
        ("2000 is my postcode", "2000"),
        ("邮编是200031。", "200031"),
        ("31–014", "31-014"),
        ("D02 AF30", "D02 AF30"),
        ("LK-204518", None),
        ("#1001", None),
        ("x" * 300 + " 10437", None),
    ],
)
def test_a_postcode_is_found_in_what_is_said_around_it(text: str, code: str | None) -> None:
    assert postcode(said(text)) == code


def test_the_order_number_said_again_is_no_postcode() -> None:
    assert postcode(said("204518"), "LK-204518") is None
    assert postcode(said("204518 and 200031"), "LK-204518") == "200031"


def test_the_postcode_of_every_demo_order_is_read_however_it_is_given() -> None:
    with ORDERS.open(encoding="utf-8") as file:
        codes = [row["postcode"] for row in csv.DictReader(file)]
    for code in codes:
        for text in (code, code.lower(), f"my postcode is {code}", f"邮编是{code}，谢谢"):
            found = postcode(said(text))
            assert found is not None, text
            assert found.casefold() == code.casefold(), text
            assert order_numbers(said(text)) == [], text


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2", 2),
        ("both of them", 2),
        ("just one", 1),
        ("一共两件", 2),
        ("退1件", 1),
        ("两", 2),
        ("第二个", None),
        ("some", None),
        ("LK-204518", None),
    ],
)
def test_pieces_are_counted_in_both_languages(text: str, number: int | None) -> None:
    assert count(said(text)) == number
