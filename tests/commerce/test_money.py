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


def test_amounts_are_shown_with_currency_and_cents() -> None:
    assert str(euros("1249.5")) == "EUR 1,249.50"
