"""The demo shop's tables: what stands in them, and which changes they admit."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from commerce._proof import Known, email_digest, postcode_digest
from commerce.commerce import Address, Order, ReturnRequest
from commerce.demo._files import OrderEntry
from commerce.errors import NotPossibleError, NotPossibleReason

SCHEMA = (
    # `proof_email` and `proof_postcode` are digests.
    """CREATE TABLE orders (
        number TEXT PRIMARY KEY, proof_email BLOB NOT NULL, proof_postcode BLOB NOT NULL,
        customer TEXT NOT NULL, street TEXT, postcode TEXT NOT NULL, city TEXT,
        country TEXT NOT NULL, status TEXT NOT NULL, placed TEXT NOT NULL, shipped TEXT,
        delivered TEXT, carrier TEXT, tracking TEXT, lines TEXT NOT NULL,
        shipping TEXT NOT NULL, total TEXT NOT NULL
    )""",
    "CREATE INDEX orders_by_email ON orders (proof_email, placed)",
    """CREATE TABLE returns (
        id INTEGER PRIMARY KEY, number TEXT NOT NULL, sku TEXT NOT NULL,
        quantity INTEGER NOT NULL, kind TEXT NOT NULL, reason TEXT NOT NULL, wanted TEXT NOT NULL
    )""",
    # `asked` and `shown` are digests of the request and its proof, `said` is JSON.
    """CREATE TABLE keys (
        key BLOB PRIMARY KEY, number TEXT NOT NULL, asked TEXT NOT NULL, shown TEXT NOT NULL,
        said TEXT NOT NULL
    )""",
)

Said = dict[str, Any]
"""What was said of a change, to be said again: those columns of the order that it can touch."""

_CHANGING = ("status", "customer", "postcode", "country")
_FIRST_RETURN = 100_000
_NOT_CHANGEABLE: Mapping[str, NotPossibleReason] = {
    "packing": "too_late",
    "shipped": "too_late",
    "delivered": "too_late",
    "cancelled": "already",
    "returned": "already",
}
_NOT_RETURNABLE: Mapping[str, NotPossibleReason] = {
    "received": "refused",
    "packing": "refused",
    "cancelled": "refused",
    "returned": "already",
}


def fill(connection: sqlite3.Connection, entries: Sequence[OrderEntry], today: date) -> None:
    """Write the orders, their dates shifted so that they look fresh on ``today``."""
    shift = _shift([entry.order for entry in entries], today)
    for entry in entries:
        insert(connection, "orders", _order_cells(entry, shift))


def insert(connection: sqlite3.Connection, table: str, cells: Mapping[str, object]) -> int:
    """Add a row; its id."""
    marks = ", ".join("?" * len(cells))
    # The names are our own, never anything that was typed.
    statement = f"INSERT INTO {table} ({', '.join(cells)}) VALUES ({marks})"  # noqa: S608
    return connection.execute(statement, tuple(cells.values())).lastrowid or 0


def find_order(connection: sqlite3.Connection, number: str) -> sqlite3.Row | None:
    """The order's row."""
    found = connection.execute("SELECT * FROM orders WHERE number = ?", (number,)).fetchone()
    return found if isinstance(found, sqlite3.Row) else None


def known_of(row: sqlite3.Row | None) -> Known:
    """What proves the order; of no order something that is compared as well, and never fits."""
    return Known(row["proof_email"], row["proof_postcode"]) if row else Known()


def cancel(connection: sqlite3.Connection, row: sqlite3.Row) -> Said:
    """Call the order off.

    Raises:
        NotPossibleError: it is being packed or further, or over.
    """
    _require_changeable(row)
    return _update(connection, row, {"status": "cancelled"})


def change_address(connection: sqlite3.Connection, row: sqlite3.Row, address: Address) -> Said:
    """Send the order elsewhere; from now on the new postcode proves it.

    Raises:
        NotPossibleError: as for ``cancel``; or the carrier could not find such an address.
    """
    _require_changeable(row)
    # No postcode is no mistake: Hong Kong and others have none.
    if not (address.name.strip() and address.street.strip() and address.city.strip()):
        raise NotPossibleError("refused", "the address lacks a name, a street or a city")
    cells = {
        "customer": _storable(address.name),
        "street": _storable(address.street),
        "postcode": _storable(address.postcode),
        "city": _storable(address.city),
        "country": address.country,
    }
    return _update(connection, row, {**cells, "proof_postcode": postcode_digest(cells["postcode"])})


def announce_return(connection: sqlite3.Connection, row: sqlite3.Row, wanted: ReturnRequest) -> str:
    """Take note of a return; its number. The order stays as it is until the goods arrive.

    Raises:
        NotPossibleError: nothing of the order has been sent, or it is over; or it holds no such
            article, or less of it than that and what is coming back already.
    """
    if reason := _NOT_RETURNABLE.get(row["status"]):
        raise NotPossibleError(reason, f"the order is {row['status']}")
    sku = wanted.sku.strip().upper()
    bought = sum(n for known, n in json.loads(row["lines"]) if known.upper() == sku)
    announced = connection.execute(
        "SELECT coalesce(sum(quantity), 0) FROM returns WHERE number = ? AND sku = ?",
        (row["number"], _storable(sku)),
    ).fetchone()[0]
    if not 1 <= wanted.quantity <= bought:
        raise NotPossibleError("refused", f"{bought} of the article were bought")
    if announced == bought:
        raise NotPossibleError("already", "all of it is announced")
    if wanted.quantity > bought - announced:
        raise NotPossibleError("refused", f"{announced} of {bought} are announced already")
    cells = {
        "number": row["number"],
        "sku": _storable(sku),
        "quantity": wanted.quantity,
        "kind": wanted.kind,
        "reason": _storable(wanted.reason),
        "wanted": _storable(wanted.wanted),
    }
    return f"R-{_FIRST_RETURN + insert(connection, 'returns', cells)}"


def _require_changeable(row: sqlite3.Row) -> None:
    if reason := _NOT_CHANGEABLE.get(row["status"]):
        raise NotPossibleError(reason, f"the order is {row['status']}")


def _update(connection: sqlite3.Connection, row: sqlite3.Row, cells: Mapping[str, object]) -> Said:
    names = ", ".join(f"{name} = ?" for name in cells)
    connection.execute(
        f"UPDATE orders SET {names} WHERE number = ?",  # noqa: S608
        (*cells.values(), row["number"]),
    )
    return {name: cells.get(name, row[name]) for name in _CHANGING}


def _storable(text: str) -> str:
    """``text`` without what UTF-8 cannot write: halves of signs, which JSON lets through."""
    return text.strip().encode("utf-8", "replace").decode("utf-8")


def _shift(orders: Sequence[Order], today: date) -> timedelta:
    """Whole days that make the newest order one of yesterday, and nothing later than today."""
    if not orders:
        return timedelta()
    newest = max(order.placed for order in orders)
    latest = max(order.delivered or order.shipped or order.placed for order in orders)
    return min(today - timedelta(days=1) - newest, today - latest)


def _order_cells(entry: OrderEntry, shift: timedelta) -> dict[str, object]:
    order = entry.order

    def shifted(day: date | None) -> str | None:
        return (day + shift).isoformat() if day else None

    return {
        "number": order.number,
        "proof_email": email_digest(entry.email),
        "proof_postcode": postcode_digest(order.postcode),
        "customer": order.customer,
        "postcode": order.postcode,
        "country": order.country,
        "status": order.status,
        "placed": shifted(order.placed),
        "shipped": shifted(order.shipped),
        "delivered": shifted(order.delivered),
        "carrier": order.carrier,
        "tracking": order.tracking,
        "lines": json.dumps([(line.sku, line.quantity) for line in order.lines]),
        "shipping": str(order.shipping.amount),
        "total": str(order.total.amount),
    }
