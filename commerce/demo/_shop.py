"""The embedded demo shop: products from a CSV file, orders from another, kept in SQLite."""

import asyncio
import re
import unicodedata
from collections.abc import Callable
from datetime import date
from pathlib import Path

from commerce._asking import require_key, require_limit
from commerce._product_search import ProductSearch
from commerce.commerce import Address, Customer, Order, Product, Proof, Return, ReturnRequest
from commerce.demo._files import read_orders, read_products
from commerce.demo._orders import Change, OrderBook
from commerce.errors import BrokenFileError, NotPossibleError

_TYPED_NUMBER = re.compile(r"#?(?:LK[\s#\-_–—]*)?(\d{6})", re.IGNORECASE)


class DemoShop:
    """A ``Commerce`` for trying things. To be closed if it has orders.

    The orders are written into the database when it is new, their dates shifted by whole days: the
    newest is placed yesterday, and nothing lies in the future. What customers change is kept from
    one start to the next, and the dates stay as they are then. A file of orders that has changed is
    loaded anew, and so is one whose database is broken; nothing is kept of the old one. Whoever
    wants fresh orders deletes the database.

    Several processes may use one database.

    Args:
        products: the product list, in the knowledge base's format.
        orders: the orders; None for a shop without any, such as one that tries its own product
            list before it connects its shop system.
        database: the file in which the orders are kept, beside two or three that belong to it; None
            to keep them in memory, until the shop is closed.
        today: the day, as of which the dates are shifted.

    Raises:
        BrokenFileError: naming file, line, what was found and what was expected.
    """

    def __init__(
        self,
        products: Path,
        orders: Path | None,
        database: Path | None = None,
        today: Callable[[], date] = date.today,
    ) -> None:
        self._products = read_products(products)
        self._search = ProductSearch(tuple(self._products.values()))
        self._book: OrderBook | None = None
        if orders:
            entries = read_orders(orders, self._products)
            self._book = OrderBook(entries, _content(orders), database, today, self._products)

    async def close(self) -> None:
        """Close the database."""
        if self._book:
            await asyncio.to_thread(self._book.close)

    async def find_order(self, number: str, proof: Proof) -> Order | None:
        """See ``Commerce.find_order``. ``lk 204518`` and ``204518`` are read as LK-204518.

        The e-mail or the postcode proves; a customer's id does not, as there are no accounts.
        """
        if not self._book:
            return None
        return await asyncio.to_thread(self._book.find, _canonical_number(number), proof)

    async def orders_of(self, customer: Customer, limit: int = 5) -> list[Order]:
        """See ``Commerce.orders_of``: those that were placed with the customer's e-mail."""
        require_limit(limit)
        if not self._book:
            return []
        return await asyncio.to_thread(self._book.placed_with, customer.email, limit)

    async def search_products(self, query: str, limit: int = 5) -> list[Product]:
        """See ``Commerce.search_products``."""
        require_limit(limit)
        return self._search.find(query, limit)

    async def product(self, sku: str) -> Product | None:
        """See ``Commerce.product``. Upper and lower case are the same."""
        return self._products.get(sku.strip().upper())

    async def request_return(
        self, number: str, proof: Proof, wanted: ReturnRequest, *, key: str
    ) -> Return:
        """See ``Commerce.request_return``. The order's status is unchanged: nothing has come back.

        Raises:
            NotPossibleError: ``refused`` also where fewer were bought, less those that are
                announced, or none have been sent; ``already`` where all of them are announced.
        """
        change = _change(number, proof, key)
        return await asyncio.to_thread(self._orders().announce_return, change, wanted)

    async def cancel_order(self, number: str, proof: Proof, *, key: str) -> Order:
        """See ``Commerce.cancel_order``. The stock stays as the product list has it.

        Raises:
            NotPossibleError: ``already`` also for an order that has come back.
        """
        change = _change(number, proof, key)
        return await asyncio.to_thread(self._orders().cancel, change)

    async def change_address(
        self, number: str, proof: Proof, address: Address, *, key: str
    ) -> Order:
        """See ``Commerce.change_address``. From then on the new postcode proves the order.

        Raises:
            NotPossibleError: as for ``cancel_order``; ``refused`` also without a name, a street or
                a city.
        """
        change = _change(number, proof, key)
        return await asyncio.to_thread(self._orders().change_address, change, address)

    def _orders(self) -> OrderBook:
        if not self._book:
            raise NotPossibleError("not_found")
        return self._book


def _change(number: str, proof: Proof, key: str) -> Change:
    require_key(key)
    return Change(_canonical_number(number), proof, key)


def _canonical_number(typed: str) -> str:
    match = _TYPED_NUMBER.fullmatch(unicodedata.normalize("NFKC", typed).strip())
    return f"LK-{match[1]}" if match else ""


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BrokenFileError(
            str(path), 0, f"no readable file ({error.strerror})", "a CSV"
        ) from error
