"""The values that cross the protocol, and what they do not take."""

import pytest

from commerce.commerce import Address, ReturnRequest


@pytest.mark.parametrize("quantity", [0, -1])
def test_something_goes_back(quantity: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        ReturnRequest("LK-TENT-001", quantity, "refund", "too big")


@pytest.mark.parametrize("country", ["Belgium", "be", "B1", "BE\n", "", "ＢＥ"])
def test_a_country_is_a_code(country: str) -> None:
    with pytest.raises(ValueError, match="a code such as 'NL'"):
        Address("Ada", "Kade 1", "2000", "Antwerpen", country)
