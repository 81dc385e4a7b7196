import pytest
from hypothesis import given
from hypothesis import strategies as st

from retriever.spelling import Spelling, WordCounts

SPELLING = Spelling(
    [
        WordCounts.of(["How long must a password be? The password of your account."]),
        WordCounts.of(["Delivery. Shipping to Germany"]),
    ],
    {"swap", "hunt", "has", "deliver"},
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("my pasword", "my password"),
        ("my passwrod", "my password"),
        ("my passwordd", "my password"),
        ("my paszword", "my password"),
        ("Delivrey to germny!", "delivery to germany!"),
        ("hasnt swapping delivered passwords", "hasnt swapping delivered passwords"),
        ("hunt", "hunt"),
        ("zzzzzz pwd acount2", "zzzzzz pwd account2"),
        ("", ""),
    ],
)
def test_slips_are_mended_and_the_rest_is_left(typed: str, meant: str) -> None:
    assert SPELLING.mend(typed) == meant


@given(st.text(max_size=60))
def test_mending_twice_changes_nothing(text: str) -> None:
    once = SPELLING.mend(text)
    assert SPELLING.mend(once) == once
