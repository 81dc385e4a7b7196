"""Whether an article may go back, on the days around the last one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

import pytest

from commerce.commerce import Money, Order, OrderLine, OrderStatus, Text
from commerce.returns import Eligibility, ReturnPolicy, eligibility, last_day

DAY = timedelta(days=1)
POLICY = ReturnPolicy(days=60, transit_days=14)
TENT = OrderLine("LK-TENT-001", Text("Tent", "帐篷"), 1, "tents")
DELIVERED = Order(
    number="LK-204518",
    customer="Ada",
    postcode="3011 WN",
    country="NL",
    status="delivered",
    placed=date(2026, 2, 25),
    shipped=date(2026, 2, 26),
    delivered=date(2026, 3, 1),
    carrier="Polderpost",
    tracking="PP1",
    lines=(TENT,),
    shipping=Money(Decimal("0.00"), "EUR"),
    total=Money(Decimal("279.00"), "EUR"),
)
ON_ITS_WAY = replace(DELIVERED, status="shipped", delivered=None)
UNDATED = replace(DELIVERED, shipped=None, delivered=None)


@pytest.mark.parametrize(
    ("order", "until"),
    [
        (DELIVERED, date(2026, 4, 30)),
        # It counts as delivered 14 days after it was sent.
        (ON_ITS_WAY, date(2026, 5, 11)),
        # The same, where the shop system says that it came, but not when.
        (replace(DELIVERED, delivered=None), date(2026, 5, 11)),
        # And 28 days after it was placed, where it says neither.
        (UNDATED, date(2026, 5, 24)),
    ],
)
def test_the_last_day_is_allowed_and_the_day_after_is_not(order: Order, until: date) -> None:
    assert last_day(order, POLICY) == until
    for today in (order.placed, until - DAY, until):
        assert eligibility(order, TENT, today, POLICY) == Eligibility("allowed", until)
        assert eligibility(order, TENT, today, POLICY).allowed
    for today in (until + DAY, until + 400 * DAY):
        assert eligibility(order, TENT, today, POLICY) == Eligibility("too_late", until)
        assert not eligibility(order, TENT, today, POLICY).allowed


def test_no_days_is_the_day_of_the_delivery() -> None:
    policy = ReturnPolicy(days=0, transit_days=0)
    delivered = date(2026, 3, 1)
    assert eligibility(DELIVERED, TENT, delivered, policy).allowed
    assert eligibility(DELIVERED, TENT, delivered + DAY, policy).verdict == "too_late"


@pytest.mark.parametrize("excluded", ["LK-TENT-001", "lk-tent-001", "tents", "Tents"])
def test_an_article_or_a_category_may_be_excluded(excluded: str) -> None:
    policy = replace(POLICY, excluded=("gas", excluded))
    found = eligibility(DELIVERED, TENT, date(2026, 3, 2), policy)
    assert found == Eligibility("excluded", date(2026, 4, 30))
    stove = replace(TENT, sku="LK-COOK-001", category="stoves")
    assert eligibility(DELIVERED, stove, date(2026, 3, 2), policy).allowed


def test_a_name_that_only_begins_alike_is_not_excluded() -> None:
    policy = replace(POLICY, excluded=("LK-TENT", "tent"))
    assert eligibility(DELIVERED, TENT, date(2026, 3, 2), policy).allowed


@pytest.mark.parametrize("status", ["received", "packing"])
def test_what_was_not_sent_does_not_come_back(status: OrderStatus) -> None:
    order = replace(UNDATED, status=status)
    assert last_day(order, POLICY) is None
    assert eligibility(order, TENT, date(2026, 3, 2), POLICY) == Eligibility("not_delivered")


@pytest.mark.parametrize("status", ["cancelled", "returned"])
@pytest.mark.parametrize("today", [date(2026, 3, 2), date(2027, 3, 2)])
def test_what_is_over_says_so_on_any_day(
    status: Literal["cancelled", "returned"], today: date
) -> None:
    policy = replace(POLICY, excluded=("tents",))
    order = replace(DELIVERED, status=status)
    assert eligibility(order, TENT, today, policy) == Eligibility(status)


@pytest.mark.parametrize("make", [lambda: ReturnPolicy(-1), lambda: ReturnPolicy(60, -1)])
def test_a_policy_counts_no_days_backwards(make: Callable[[], ReturnPolicy]) -> None:
    with pytest.raises(ValueError, match="expected 0 or more"):
        make()
