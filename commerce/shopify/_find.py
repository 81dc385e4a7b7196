"""Finding an order by what a customer types, for those who prove that it is theirs.

Shopify's search finds by words and similar ones, so that its answer is only where to choose from.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import TypeVar

from commerce._http import Deadline
from commerce.commerce import Proof
from commerce.shopify._api import ShopifyApi
from commerce.shopify._models import FoundOrder, Orders, OrderToRedirect, Shop
from commerce.shopify._orders import proved
from commerce.shopify._queries import FIND_ORDERS, FIND_ORDERS_TO_REDIRECT

Found = TypeVar("Found", bound=FoundOrder)

_TYPED = re.compile(r"#?[A-Za-z0-9]+(?:[ \-_.–—/]{1,3}[A-Za-z0-9]+){0,4}")
_WORD = re.compile(r"[A-Za-z0-9]+")
_LONGEST = 40


class TypedNumber:
    """An order number as somebody typed it: ``#1001``, ``lk 204518``, ``LK-204518``.

    >>> TypedNumber("lk 204518").search(None)
    'name:lk-204518 OR name:lk204518 OR name:204518'
    >>> TypedNumber("1001 OR email:*").words
    ()
    """

    def __init__(self, typed: str) -> None:
        text = unicodedata.normalize("NFKC", typed).strip()
        known = len(text) <= _LONGEST and _TYPED.fullmatch(text) is not None
        words = tuple(_WORD.findall(text)) if known else ()
        # Without a digit it is a word of the sentence around.
        self.words: tuple[str, ...] = words if any(map(str.isdigit, "".join(words))) else ()
        digits = re.findall("[0-9]+", " ".join(self.words))
        self._digits = digits[0] if len(digits) == 1 else ""

    @property
    def name(self) -> str:
        """One name for all ways to type it; empty for what is no number."""
        return self._digits or "".join(self.words).casefold()

    def search(self, shop: Shop | None) -> str:
        """The search for it: of letters, digits and hyphens, so that nothing else is searched for.

        Args:
            shop: what the shop puts around its numbers, once that is known.
        """
        names = ["-".join(self.words), "".join(self.words), self._digits]
        if shop and self._digits:
            before, after = shop.order_number_format_prefix, shop.order_number_format_suffix
            words = _WORD.findall(f"{before}{self._digits}{after}")
            names += ["-".join(words), "".join(words)]
        return " OR ".join(f"name:{name}" for name in dict.fromkeys(names) if name)

    def meant(self, orders: Sequence[Found]) -> list[Found]:
        """Those of ``orders`` that have this number: as it was typed, or else but for signs and
        for what the shop puts around it."""
        for fits in (self._is_name, self._is_like_name, self._is_number):
            if found := [order for order in orders if fits(order)]:
                return found
        return []

    def _is_name(self, order: FoundOrder) -> bool:
        return _folded(order.name).lstrip("#") == "-".join(self.words).casefold()

    def _is_like_name(self, order: FoundOrder) -> bool:
        return _letters(order.name) == _letters("".join(self.words))

    def _is_number(self, order: FoundOrder) -> bool:
        # Only if nothing else was typed: FR-1001 is no LK-1001.
        return self.words == (self._digits,) and str(order.number) == self._digits


class OrderFinder:
    """Finds an order by its number and a proof. It remembers how the shop writes its numbers."""

    def __init__(self, api: ShopifyApi) -> None:
        self._api = api
        self._shop: Shop | None = None

    async def find(
        self, number: str, proof: Proof, deadline: Deadline
    ) -> tuple[FoundOrder, Shop] | None:
        """The order; None if there is none, and if ``proof`` does not fit it."""
        typed = TypedNumber(number)
        meant = await self._meant(typed, FIND_ORDERS, {}, Orders[FoundOrder], deadline)
        order = next((order for order in meant if proved(proof, order)), None)
        return (order, self._shop) if order and self._shop else None

    async def find_to_redirect(
        self, number: str, proof: Proof, done: str, deadline: Deadline
    ) -> tuple[OrderToRedirect, Shop] | None:
        """The order, as ``find``; also if it has the metafield ``done``.

        That tells that ``proof`` did fit before the address was changed.
        """
        typed = TypedNumber(number)
        variables = {"done": done}
        model = Orders[OrderToRedirect]
        meant = await self._meant(typed, FIND_ORDERS_TO_REDIRECT, variables, model, deadline)
        fitting = (order for order in meant if order.done or proved(proof, order))
        order = next(fitting, None)
        return (order, self._shop) if order and self._shop else None

    async def _meant(
        self,
        typed: TypedNumber,
        query: str,
        variables: Mapping[str, str],
        model: type[Orders[Found]],
        deadline: Deadline,
    ) -> list[Found]:
        asked, search = "", typed.search(self._shop)
        # A second time if what the shop puts around its numbers was not known, or has changed.
        while search and search != asked:
            found = await self._api.read(query, {**variables, "query": search}, model, deadline)
            self._shop = found.shop
            if meant := typed.meant(found.orders.nodes):
                return meant
            asked, search = search, typed.search(found.shop)
        return []


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _letters(text: str) -> str:
    return "".join(sign for sign in _folded(text) if sign.isalnum())
