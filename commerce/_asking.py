"""What the shop systems have in common in how they are asked, above all to change something."""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from weakref import WeakValueDictionary

from commerce.commerce import Address, ReturnRequest
from commerce.errors import NotPossibleError


def require_limit(limit: int) -> None:
    """Raise ``ValueError`` for a limit that leaves nothing."""
    if limit < 1:
        raise ValueError(f"limit must be at least 1, not {limit}")


def require_key(key: str) -> None:
    """Raise ``ValueError`` for an empty key."""
    if not key:
        raise ValueError("the key of a change is empty")


# What tells a request from another one that comes with the same key: a digest of all it asks for.


def cancelling() -> str:
    """For an order that is called off."""
    return _digest(["cancel_order"])


def redirecting(to: Address) -> str:
    """For an order that goes elsewhere."""
    return _digest(["change_address", to.name, to.street, to.postcode, to.city, to.country])


def returning(wanted: ReturnRequest) -> str:
    """For what goes back."""
    what = (wanted.sku, wanted.quantity, wanted.kind, wanted.reason, wanted.wanted)
    return _digest(["request_return", *what])


def used_for_something_else() -> NotPossibleError:
    """To be raised where a key comes again with another request."""
    return NotPossibleError("refused", "the key has been used for something else")


class OrderLocks:
    """One for each order: two changes of it must not both find it unchanged.

    They are for one process, and each ends with the last who waits for it.
    """

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def of(self, order: str) -> asyncio.Lock:
        """The order's lock.

        Args:
            order: one name for all ways to type its number.
        """
        lock = self._locks.get(order)
        if lock is None:
            lock = self._locks[order] = asyncio.Lock()
        return lock


def _digest(parts: Sequence[str | int]) -> str:
    # JSON keeps the parts apart, and writes every sign in ASCII.
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
