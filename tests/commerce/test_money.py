"""Amounts keep their currency."""

from decimal import Decimal

import pytest

from commerce.commerce import Money


def euros(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def test_amounts_are_added_and_multiplied_to_the_cent() -> None:
    assert euros("0.10") + euros("0.20") == euros("0.30")
    assert euros("19.90") * 3 == euros("59.70")


def test_currencies_do_not_mix() -> None:
    with pytest.raises(ValueError, match="cannot add USD to EUR"):
        euros("1.00") + Money(Decimal("1.00"), "USD")


@pytest.mark.parametrize("currency", ["", "eur", "EURO", "€"])
def test_a_currency_is_a_code(currency: str) -> None:
    with pytest.raises(ValueError, match="a code such as 'EUR'"):
        Money(Decimal("1.00"), currency)


def test_an_amount_is_a_number() -> None:
    with pytest.raises(ValueError, match="finite"):
        euros("NaN")


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("1249.5", "EUR", "EUR 1,249.50"),
        ("12800", "JPY", "JPY 12,800"),
        ("12800.00", "KRW", "KRW 12,800"),
        ("1500000", "VND", "VND 1,500,000"),
        ("9990", "CLP", "CLP 9,990"),
        ("4500", "ISK", "ISK 4,500"),
        ("4.5", "KWD", "KWD 4.500"),
        ("1.2345", "CLF", "CLF 1.2345"),
    ],
)
def test_amounts_are_shown_as_their_currency_is_written(
    amount: str, currency: str, shown: str
) -> None:
    assert str(Money(Decimal(amount), currency)) == shown
