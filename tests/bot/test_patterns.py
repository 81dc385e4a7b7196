"""Order numbers, addresses and counts in what customers write."""

import time
from datetime import date
from typing import Any

import pytest

from bot.components.patterns import LONGEST, find_all
from bot.components.products import Products

WEDNESDAY = date(2026, 3, 11)


def found(text: str, entity: str | None = None) -> list[Any]:
    everything = find_all(text, WEDNESDAY, Products([]))
    if entity is None:
        return [(one.entity, one.value) for one in everything]
    return [one.value for one in everything if one.entity == entity]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("LK-204518", "LK-204518"),
        ("where is lk 204518?", "LK-204518"),
        ("lk204518 please", "LK-204518"),
        ("my order #20451 is late", "#20451"),
        ("order # 20451", "#20451"),
        ("where is 204518", "204518"),
        ("is 204518 on its way", "204518"),
        ("order no. 20451", "20451"),
        ("it's order 2024", "2024"),
        ("订单号88231到哪了", "88231"),
        ("订单 LK-204518 到哪了", "LK-204518"),
        ("ＬＫ－２０４５１８", "LK-204518"),
        ("123456789012", "123456789012"),
        ("cancel 20451, please", "20451"),
    ],
)
def test_order_numbers_are_found(text: str, number: str) -> None:
    assert found(text, "order_number") == [number]


@pytest.mark.parametrize(
    "text",
    [
        "123", "1234567890123",
        "I paid 2000 euros", "€1299", "1,299.00 €", "3500元",
        "call +49 30 1234567", "0176 12345678", "01761234567", "(555) 123-4567", "13812345678",
        "138 1234 5678",
        "anna.4455@example.com", "https://shop.example/order/20451",
        "on 2026-03-05", "2026年3月5日", "in 2024 I bought one", "2024年买的",
        "send it to Hauptstr. 5, 10115 Berlin", "Springfield, IL 62704", "postcode 10115",
        "邮编200040", "DE-10115",
        "4111 1111 1111 1111", "DE44 5001 0517 5407 3249 31",
        "is it good for 3000 mm", "a 2300 g tent", "5000 points", "5000积分",
        "LK-TENT-0001x", "item LK-204518-7",
    ],
)  # fmt: skip
def test_other_digits_are_no_order_number(text: str) -> None:
    assert found(text, "order_number") == []


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("it's anna.b+shop@example.com.", "anna.b+shop@example.com"),
        ("ANNA@mail.example.org", "ANNA@mail.example.org"),
        ("我的邮箱是anna_1@example.net，谢谢", "anna_1@example.net"),
    ],
)
def test_addresses_are_found_without_the_words_around(text: str, address: str) -> None:
    assert found(text, "email") == [address]


@pytest.mark.parametrize("text", ["anna@example", "@example.com", "a at b.com"])
def test_what_is_no_address_is_none(text: str) -> None:
    assert found(text, "email") == []


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("two of them", 2), ("both please", 2), ("2x", 2), ("x 3", 3), ("3 pieces", 3), ("2", 2),
        ("Three!", 3), ("quantity: 4", 4), ("3 件", 3), ("两个", 2), ("退两件", 2), ("十二双", 12),
        ("我要一个", 1),
    ],
)  # fmt: skip
def test_counts_are_found(text: str, count: int) -> None:
    assert found(text, "quantity") == [count]


@pytest.mark.parametrize(
    "text",
    ["第二个", "这个", "三个月", "两个人", "one question", "the second one", "2 persons", "3.5 x",
     "LK-204518", "in 2 days"],
)  # fmt: skip
def test_what_counts_no_pieces_is_no_quantity(text: str) -> None:
    assert found(text, "quantity") == []


def test_everything_is_found_in_its_place() -> None:
    text = "Order LK-204518 of 3 March: return two of them, anna@example.com"
    assert found(text) == [
        ("order_number", "LK-204518"),
        ("date", "2026-03-03"),
        ("quantity", 2),
        ("email", "anna@example.com"),
    ]
    for one in find_all(text, WEDNESDAY, Products([])):
        assert 0 <= one.start < one.end <= len(text)


@pytest.mark.parametrize(
    "text",
    ["1" * 100_000, "a@" * 50_000, "1 " * 50_000, "a." * 50_000 + "@", "(" * 9999, "一" * 9999,
     "0 1-2 3-4 5-" * 9999, "\0" * 99, "١٢٣٤٥٦"],
)  # fmt: skip
def test_nothing_that_is_typed_holds_it_up(text: str) -> None:
    start = time.process_time()
    find_all(text, WEDNESDAY, Products([]))
    assert time.process_time() - start < 0.3


def test_only_the_beginning_of_a_long_message_is_read() -> None:
    assert found("x" * LONGEST + " LK-204518") == []
