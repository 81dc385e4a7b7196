"""The demo shop's orders in SQLite: shown to whoever proves them, and changed once a key."""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from commerce._asking import cancelling, redirecting, returning, used_for_something_else
from commerce._proof import email_digest, fingerprint, fits, is_fingerprint
from commerce.commerce import (
    Address,
    Order,
    OrderLine,
    Product,
    Proof,
    Return,
    ReturnRequest,
    Text,
)
from commerce.demo import _tables as tables
from commerce.demo._database import Database
from commerce.demo._files import OrderEntry, euros
from commerce.demo._tables import Said
from commerce.errors import NotPossibleError

_Act = Callable[[sqlite3.Connection, sqlite3.Row], Said]


@dataclass(frozen=True, slots=True)
class Change:
    """What all changes have in common: of which order, by whom, and the key.

    Attributes:
        number: as the shop writes it; anything else names no order.
    """

    number: str
    proof: Proof
    key: str


class OrderBook:
    """The orders, each with what proves it. May be called in any thread. To be closed.

    All methods raise ``ShopUnavailableError`` where the database fails.

    Args:
        entries: the orders as their file has them.
        source: that file's content. A database that was made from it is kept as it is now.
        database: where they are kept; None for memory.
        today: the day on which they are to look fresh, if they are written now.
        products: of which the lines have their names, by article numbers in upper case.

    Raises:
        BrokenFileError: ``database`` cannot be used.
    """

    def __init__(
        self,
        entries: Sequence[OrderEntry],
        source: bytes,
        database: Path | None,
        today: Callable[[], date],
        products: Mapping[str, Product],
    ) -> None:
        self._products = products
        self._database = Database(
            database, tables.SCHEMA, source, lambda made: tables.fill(made, entries, today())
        )

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def find(self, number: str, proof: Proof) -> Order | None:
        """The order ``number``, as the shop writes it, if ``proof`` fits."""
        with self._database.reading() as connection:
            row = tables.find_order(connection, number)
        # An unknown number is compared too, so that the time taken tells nothing either.
        proved = fits(proof, tables.known_of(row))
        return self._order(row) if row and proved else None

    def placed_with(self, email: str, limit: int) -> list[Order]:
        """At most ``limit`` orders that were placed with ``email``, newest first."""
        if not email.strip():
            return []
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT * FROM orders WHERE proof_email = ?"
                " ORDER BY placed DESC, number DESC LIMIT ?",
                (email_digest(email), limit),
            ).fetchall()
        return [self._order(row) for row in rows]

    def cancel(self, change: Change) -> Order:
        """See ``Commerce.cancel_order``."""
        row, said = self._once(change, cancelling(), tables.cancel)
        return self._order(row, said)

    def change_address(self, change: Change, address: Address) -> Order:
        """See ``Commerce.change_address``."""

        def act(connection: sqlite3.Connection, row: sqlite3.Row) -> Said:
            return tables.change_address(connection, row, address)

        row, said = self._once(change, redirecting(address), act)
        return self._order(row, said)

    def announce_return(self, change: Change, wanted: ReturnRequest) -> Return:
        """See ``Commerce.request_return``."""

        def act(connection: sqlite3.Connection, row: sqlite3.Row) -> Said:
            return {"return": tables.announce_return(connection, row, wanted)}

        _, said = self._once(change, returning(wanted), act)
        return Return(said["return"], approved=True)

    def _once(self, change: Change, asked: str, act: _Act) -> tuple[sqlite3.Row, Said]:
        """The order's row from before, and what ``act`` says of it: now, or the first time.

        Raises:
            NotPossibleError: the order is not found or not proved; or the key is another request's;
                or ``act`` does not do it.
        """
        number, shown = change.number, fingerprint(change.key, change.proof)
        # Of any length, and of signs that cannot be stored.
        key = hashlib.sha256(change.key.encode("utf-8", "surrogatepass")).digest()
        with self._database.writing() as connection:
            row = tables.find_order(connection, number)
            before = connection.execute("SELECT * FROM keys WHERE key = ?", (key,)).fetchone()
            proved = fits(change.proof, tables.known_of(row))
            # A change of address changes the postcode, and with it what proves. Who asks with the
            # same key again still shows the old one.
            if before and before["number"] == number:
                proved = is_fingerprint(before["shown"], shown) or proved
            if not row or not proved:
                raise NotPossibleError("not_found")
            if not before:
                said = act(connection, row)
                cells = {"number": number, "asked": asked, "shown": shown, "said": json.dumps(said)}
                tables.insert(connection, "keys", {"key": key, **cells})
                return row, said
            if (before["number"], before["asked"]) != (number, asked):
                raise used_for_something_else()
            said_before: Said = json.loads(before["said"])
            return row, said_before

    def _order(self, row: sqlite3.Row, said: Said | None = None) -> Order:
        cells: dict[str, Any] = dict(row) | (said or {})
        return Order(
            number=cells["number"],
            customer=cells["customer"],
            postcode=cells["postcode"],
            country=cells["country"],
            status=cells["status"],
            placed=date.fromisoformat(cells["placed"]),
            shipped=_day(cells["shipped"]),
            delivered=_day(cells["delivered"]),
            carrier=cells["carrier"],
            tracking=cells["tracking"],
            lines=tuple(self._line(sku, quantity) for sku, quantity in json.loads(cells["lines"])),
            shipping=euros(Decimal(cells["shipping"])),
            total=euros(Decimal(cells["total"])),
        )

    def _line(self, sku: str, quantity: int) -> OrderLine:
        if product := self._products.get(sku.upper()):
            return OrderLine(product.sku, product.name, quantity, product.category)
        # Another process may have made the database from newer files.
        return OrderLine(sku, Text(sku, sku), quantity)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
