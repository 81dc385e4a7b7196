"""The protocol between Shopdesk and a shop system, and the values that cross it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, Protocol, get_args

Language = Literal["en", "zh"]
OrderStatus = Literal["received", "packing", "shipped", "delivered", "cancelled", "returned"]

ORDER_STATUSES: tuple[OrderStatus, ...] = get_args(OrderStatus)


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
        return f"{self.currency} {self.amount:,.2f}"


@dataclass(frozen=True, slots=True)
class Text:
    """A text in the languages that Shopdesk speaks."""

    en: str
    zh: str

    def in_language(self, language: Language) -> str:
        """The text in ``language``."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Product:
    """One article that the shop sells.

    Attributes:
        price: what a customer pays, taxes included.
        stock: pieces that can be ordered now.
        weight_g: weight in grams; None where the shop gives none.
        url: its page on the shop's site; None where it has none.
    """

    sku: str
    name: Text
    category: str
    brand: str
    price: Money
    stock: int
    weight_g: int | None
    colours: tuple[str, ...]
    sizes: tuple[str, ...]
    description: Text
    url: str | None


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One article of an order.

    It has no price: the product's may have changed since, and what was paid is the order's total.
    """

    sku: str
    name: Text
    quantity: int


@dataclass(frozen=True, slots=True)
class Order:
    """One order, without the customer's e-mail address: whoever holds it has proved to know it.

    Attributes:
        number: the shop's own, such as ``LK-204518``.
        country: where it goes, ISO 3166-1 alpha-2.
        placed: the day it was placed; ``shipped`` and ``delivered`` are None until that happens.
        carrier: who brings it; None until it is shipped, as is ``tracking``.
        shipping: what the delivery cost.
        total: all that was charged, taxes and shipping included.
    """

    number: str
    customer: str
    postcode: str
    country: str
    status: OrderStatus
    placed: date
    shipped: date | None
    delivered: date | None
    carrier: str | None
    tracking: str | None
    lines: tuple[OrderLine, ...]
    shipping: Money
    total: Money


class Commerce(Protocol):
    """A shop system. Asynchronous, because most of them are asked over the network.

    Every method raises ``CommerceError`` when the shop system cannot be asked or answers nonsense.
    """

    async def find_order(self, number: str, *, email: str) -> Order | None:
        """The order ``number`` if it was placed with ``email``.

        None both when there is no such order and when the address is another one: a caller, and
        so a stranger in the chat, cannot tell the two apart.
        """
        ...

    async def search_products(self, query: str, limit: int = 5) -> list[Product]:
        """At most ``limit`` products that ``query`` names, best first; empty where none fits.

        Raises:
            ValueError: if ``limit`` is less than 1.
        """
        ...

    async def product(self, sku: str) -> Product | None:
        """The product with this article number, or None."""
        ...
