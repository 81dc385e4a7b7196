"""The protocol between Shopdesk and a shop system, and the values that cross it."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol, get_args

from commerce.money import Money as Money  # One of the values, with a file of its own.

Language = Literal["en", "zh"]
OrderStatus = Literal["received", "packing", "shipped", "delivered", "cancelled", "returned"]
ReturnKind = Literal["refund", "exchange"]

ORDER_STATUSES: tuple[OrderStatus, ...] = get_args(OrderStatus)

_COUNTRY = re.compile(r"[A-Z]{2}")


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
class Proof:
    """What a customer shows to be told of an order. One thing that fits is enough.

    Attributes:
        email: the address that the order was placed with, as the customer typed it.
        postcode: of the place that the order goes to, as the customer typed it.
        customer_id: what the shop calls a customer who is signed in on its own site. It comes from
            a token that the shop signed, never from what somebody wrote.

    Raises:
        ValueError: nothing is shown.
    """

    email: str = ""
    postcode: str = ""
    customer_id: str = ""

    def __post_init__(self) -> None:
        if not (self.email.strip() or self.postcode.strip() or self.customer_id.strip()):
            raise ValueError("a proof shows nothing; expected an e-mail, a postcode or a customer")


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer whom the shop's own site vouches for; both as in the token that it signed."""

    id: str
    email: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """Where an order goes.

    Attributes:
        street: street, number and what else the carrier needs, one line or more.
        country: ISO 3166-1 alpha-2.

    Raises:
        ValueError: the country is no such code.
    """

    name: str
    street: str
    postcode: str
    city: str
    country: str

    def __post_init__(self) -> None:
        if not _COUNTRY.fullmatch(self.country):
            raise ValueError(f"a country must be a code such as 'NL', not {self.country!r}")


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One article of an order.

    It has no price: the product's may have changed since, and what was paid is the order's total.

    Attributes:
        category: the product's, as the shop files it; empty where it is not known.
    """

    sku: str
    name: Text
    quantity: int
    category: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """One order, without the customer's e-mail address: whoever holds it has proved to know it.

    Attributes:
        number: the shop's own, such as ``LK-204518``.
        customer: who receives it, by name; may be somebody else than who placed it.
        country: where it goes, ISO 3166-1 alpha-2; empty where nothing is sent.
        placed: the day it was placed; ``shipped`` and ``delivered`` are None until that happens,
            and where the shop system does not say.
        carrier: who brings it; None until it is shipped, as is ``tracking``.
        shipping: what the delivery cost.
        total: all that was charged, taxes and shipping included.
        tracking_url: the carrier's page for it, https; None where there is none.
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
    tracking_url: str | None = None


@dataclass(frozen=True, slots=True)
class ReturnRequest:
    """What goes back, and why.

    Attributes:
        sku: the article, one of the order's lines.
        quantity: how many of it, at least 1.
        kind: the money back, or another one for it.
        reason: in the customer's words.
        wanted: for an exchange, what instead, in the customer's words; else empty.

    Raises:
        ValueError: the quantity is less than 1.
    """

    sku: str
    quantity: int
    kind: ReturnKind
    reason: str
    wanted: str = ""

    def __post_init__(self) -> None:
        if self.quantity < 1:
            raise ValueError(f"a quantity must be at least 1, not {self.quantity}")


@dataclass(frozen=True, slots=True)
class Return:
    """A return that the shop has taken note of.

    Attributes:
        number: the shop's own number of it.
        approved: False where somebody in the shop looks at it first.
    """

    number: str
    approved: bool


class Commerce(Protocol):
    """A shop system. Asynchronous, because most of them are asked over the network.

    Every method raises ``ShopUnavailableError`` when the shop system cannot be asked, is too slow
    or answers nonsense; all errors are kinds of ``CommerceError``.

    Whatever concerns an order wants the proof with every call. Nothing is remembered as proved, so
    nothing can be forged into it; and an order that does not exist looks like one of somebody else.

    The three that change something want a ``key`` as well: the same key asked again is done once,
    and says again what it said. Where a shop system has no such keys, its implementation finds out
    what became of the first try before it makes a second.

    A retry shows the proof that the first try showed. It may succeed with it although the change
    made it stale: after a change of address, the postcode of before still opens its own retry, and
    nothing else. A key belongs to one request, order and details included.

    They raise

    - ``NotPossibleError``: the shop does not do this with this order (any more), and why;
      ``refused`` also for a key that was used for something else, as far as the shop system keeps
      what its keys were used for;
    - ``NotSupportedError``: this shop system cannot do it at all: a person has to;
    - ``OutcomeUnknownError``: it may have been done or not. Never asked again blindly;
    - ``ValueError``: the key is empty.
    """

    async def find_order(self, number: str, proof: Proof) -> Order | None:
        """The order ``number`` if ``proof`` fits it; ``lk 204518`` is read as the shop writes it.

        None both when there is no such order and when the proof is wrong: a caller, and so a
        stranger in the chat, cannot tell the two apart.
        """
        ...

    async def orders_of(self, customer: Customer, limit: int = 5) -> list[Order]:
        """The latest orders of a customer who is signed in, newest first.

        Raises:
            ValueError: if ``limit`` is less than 1.
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

    async def request_return(
        self, number: str, proof: Proof, wanted: ReturnRequest, *, key: str
    ) -> Return:
        """Announce a return or an exchange.

        Whether the shop's own policy allows it is asked before (``commerce.returns``).
        """
        ...

    async def cancel_order(self, number: str, proof: Proof, *, key: str) -> Order:
        """Call the order off while it is not being packed; the order as it is then."""
        ...

    async def change_address(
        self, number: str, proof: Proof, address: Address, *, key: str
    ) -> Order:
        """Send the order elsewhere while it is not being packed; the order as it is then."""
        ...

    async def close(self) -> None:
        """Give back connections and files; nothing is asked afterwards."""
        ...
