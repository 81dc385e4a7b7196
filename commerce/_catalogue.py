"""A shop's products, read as a whole now and then, and searched here.

Shop systems search badly and are slow to ask; their products seldom change.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from commerce._product_search import ProductSearch
from commerce.commerce import Product
from commerce.errors import CommerceError, ShopUnavailableError

_log = logging.getLogger(__name__)

_FRESH_SECONDS = 600.0
_OLDEST_SECONDS = 3600.0
_PAUSE_SECONDS = 30.0
_PATIENCE_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Listing:
    """All products, and further article numbers under which they are known.

    Attributes:
        variants: article number of a variant to that of its product.
    """

    products: Sequence[Product]
    variants: Mapping[str, str] = field(default_factory=dict)


Fetch = Callable[[], Awaitable[Listing | Sequence[Product]]]


class _Index:
    """The products, ready to be searched.

    Args:
        since: when they began to be read.
    """

    def __init__(self, listing: Listing, since: float) -> None:
        self.since = since
        self.search = ProductSearch(listing.products)
        # Reversed, so that of two products with one number the first counts.
        self._by_sku = {_folded(p.sku): p for p in reversed(listing.products)}
        self._variants = {_folded(k): _folded(v) for k, v in listing.variants.items()}

    def product(self, sku: str) -> Product | None:
        known = _folded(sku)
        return self._by_sku.get(known) or self._by_sku.get(self._variants.get(known, ""))


class Catalogue:
    """Products that are read when they are first asked for, and again when they have grown old.

    Old ones are told while new ones are being read, and while they cannot be, but only so long:
    yesterday's prices are wrong answers. Nobody reads them twice at a time. To be closed.

    Args:
        fetch: reads them all; raises ``CommerceError`` where it cannot.
        fresh_seconds: how long they are told before they are read again.
        oldest_seconds: how old they may be when they are told, from when they began to be read.
        pause_seconds: after they could not be read again, until the next attempt.
        patience_seconds: how long a caller waits for a reading where there is nothing to tell yet,
            or only what is too old. That goes on, and serves the next caller.
        clock: tells seconds, from any beginning.
    """

    def __init__(
        self,
        fetch: Fetch,
        *,
        fresh_seconds: float = _FRESH_SECONDS,
        oldest_seconds: float = _OLDEST_SECONDS,
        pause_seconds: float = _PAUSE_SECONDS,
        patience_seconds: float = _PATIENCE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._fresh_seconds = fresh_seconds
        self._oldest_seconds = oldest_seconds
        self._pause_seconds = pause_seconds
        self._patience_seconds = patience_seconds
        self._clock = clock
        self._index: _Index | None = None
        self._due = 0.0
        self._reading: asyncio.Task[_Index] | None = None

    async def find(self, query: str, limit: int) -> list[Product]:
        """At most ``limit`` products that ``query`` names, best first.

        Raises:
            ShopUnavailableError: they have never been read, or are too old, and cannot be read now.
        """
        return (await self._current()).search.find(query, limit)

    async def product(self, sku: str) -> Product | None:
        """The product with this article number, or with a variant that has it; any case.

        Raises:
            ShopUnavailableError: as for ``find``.
        """
        return (await self._current()).product(sku)

    async def close(self) -> None:
        """Break off a reading that is under way."""
        if self._reading:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    async def _current(self) -> _Index:
        now = self._clock()
        if self._index and now - self._index.since <= self._oldest_seconds:
            if now >= self._due:
                self._read()
            return self._index
        # Shielded: whoever else waits for it still does when this one gives up.
        reading = asyncio.shield(self._read())
        try:
            return await asyncio.wait_for(reading, self._patience_seconds)
        except TimeoutError as error:
            raise ShopUnavailableError("the shop's products are still being read") from error

    def _read(self) -> asyncio.Task[_Index]:
        if not self._reading:
            self._reading = asyncio.create_task(self._read_all())
            self._reading.add_done_callback(self._read_done)
        return self._reading

    async def _read_all(self) -> _Index:
        since = self._clock()
        found = await self._fetch()
        return _Index(found if isinstance(found, Listing) else Listing(found), since)

    def _read_done(self, reading: asyncio.Task[_Index]) -> None:
        self._reading = None
        if reading.cancelled():
            return
        if error := reading.exception():
            self._due = self._clock() + self._pause_seconds
            # Of an error that nobody foresaw the text is not shown: it may quote what was read.
            what = str(error) if isinstance(error, CommerceError) else type(error).__name__
            _log.warning("The shop's products could not be read: %s", what)
        else:
            self._due = self._clock() + self._fresh_seconds
            self._index = reading.result()


def _folded(sku: str) -> str:
    return sku.strip().casefold()
