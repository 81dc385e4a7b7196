"""Whether an article may go back: the shop's policy and the order's dates, nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from commerce.commerce import Order, OrderLine

Verdict = Literal["allowed", "not_delivered", "too_late", "excluded", "cancelled", "returned"]


@dataclass(frozen=True, slots=True)
class ReturnPolicy:
    """What the shop promises.

    Attributes:
        days: how long after the delivery an article may go back.
        transit_days: how long a delivery takes at most, for orders of which the shop system knows
            the day they were sent but not the day they came.
        excluded: article numbers, and categories, that never go back unless they are faulty.
    """

    days: int = 60
    transit_days: int = 14
    excluded: Sequence[str] = ()

    def __post_init__(self) -> None:
        if self.days < 0 or self.transit_days < 0:
            raise ValueError(
                f"days is {self.days} and transit_days {self.transit_days}; expected 0 or more"
            )


@dataclass(frozen=True, slots=True)
class Eligibility:
    """The verdict on one line of an order, and the last day on which it could go back."""

    verdict: Verdict
    until: date | None = None

    @property
    def allowed(self) -> bool:
        return self.verdict == "allowed"


def eligibility(order: Order, line: OrderLine, today: date, policy: ReturnPolicy) -> Eligibility:
    """Whether ``line`` of ``order`` may go back on ``today``.

    Example: delivered on 1 March with 60 days, the last day is 30 April.
    """
    if order.status in ("cancelled", "returned"):
        return Eligibility("cancelled" if order.status == "cancelled" else "returned")
    until = last_day(order, policy)
    if until is None:
        return Eligibility("not_delivered")
    kept = {name.casefold() for name in policy.excluded}
    if line.sku.casefold() in kept or line.category.casefold() in kept:
        return Eligibility("excluded", until)
    return Eligibility("allowed" if today <= until else "too_late", until)


def last_day(order: Order, policy: ReturnPolicy) -> date | None:
    """The last day on which the order's articles may go back; None while it has not been sent.

    A parcel on its way counts as delivered at the latest moment: nobody loses days because a shop
    system does not record the delivery.
    """
    if order.delivered:
        return order.delivered + timedelta(days=policy.days)
    if order.shipped:
        return order.shipped + timedelta(days=policy.transit_days + policy.days)
    if order.status == "delivered":
        return order.placed + timedelta(days=2 * policy.transit_days + policy.days)
    return None
