"""Amounts and contacts in one normal form."""

import pytest

from generator._quantities import hard_facts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("EUR 4.95", {"4.95 eur"}),
        ("€4.95", {"4.95 eur"}),
        ("4,95 euros", {"4.95 eur"}),
        ("4.95欧元", {"4.95 eur"}),
        ("EUR 1,500", {"1500 eur"}),
        ("EUR 289.00", {"289 eur"}),
        ("2-4 working days", {"2 working day", "4 working day"}),
        ("2 to 4 days", {"2 day", "4 day"}),
        ("2至4个工作日", {"2 working day", "4 working day"}),
        ("orders of EUR 35–1,500", {"35 eur", "1500 eur"}),
        ("a 5-year warranty", {"5 year"}),
        ("five years", {"5 year"}),
        ("五年", {"5 year"}),
        ("二十五天", {"25 day"}),
        ("before 2 pm", {"14:00 clock"}),
        ("9:00-18:00", {"9:00 clock", "18:00 clock"}),
        ("20 % off", {"20 percent"}),
        ("over 100 Wh", {"100 wh"}),
        ("2.15 kg", {"2.15 kg"}),
        ("1 m or 1 mm", {"1 m", "1 mm"}),
        ("order LK-123456", {"123456"}),
        ("one of them, 一般", set()),
    ],
)
def test_quantities(text, expected):
    assert {str(quantity) for quantity in hard_facts(text).quantities} == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mail help@larkfield.example.", {"help@larkfield.example"}),
        ("see https://www.larkfield.example/gift-card/.", {"larkfield.example/gift-card"}),
        ("见 larkfield.example/gift-card。", {"larkfield.example/gift-card"}),
        ("call +31 10 555 0142, please", {"31105550142"}),
        ("电话：+31 10 555 0142（工作日）", {"31105550142"}),
        ("for example e.g. 4.95/kg on 2026-05-01", set()),
    ],
)
def test_contacts(text, expected):
    assert hard_facts(text).contacts == expected


def test_the_digits_of_a_telephone_number_are_no_amounts():
    assert not hard_facts("call +31 10 555 0142").quantities
