"""Amounts of money."""

from dataclasses import dataclass
from decimal import Decimal

# ISO 4217: how many decimals a currency has, where it is not two.
_NONE = (
    *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF"),
    *("UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"),
)
_THREE = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
_FOUR = ("CLF", "UYW")
_DECIMALS = dict.fromkeys(_NONE, 0) | dict.fromkeys(_THREE, 3) | dict.fromkeys(_FOUR, 4)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount with its currency (ISO 4217), so that euros are never added to dollars.

    >>> Money(Decimal("4.95"), "EUR") + Money(Decimal("60.00"), "EUR")
    Money(amount=Decimal('64.95'), currency='EUR')
    """

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not self.amount.is_finite():
            raise ValueError(f"an amount must be a finite number, not {self.amount}")
        if not (len(self.currency) == 3 and self.currency.isascii() and self.currency.isupper()):
            raise ValueError(f"a currency must be a code such as 'EUR', not {self.currency!r}")

    def __add__(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}: convert one first")
        return Money(self.amount + other.amount, self.currency)

    def __mul__(self, quantity: int) -> "Money":
        return Money(self.amount * quantity, self.currency)

    def __str__(self) -> str:
        return f"{self.currency} {self.amount:,.{_DECIMALS.get(self.currency, 2)}f}"
