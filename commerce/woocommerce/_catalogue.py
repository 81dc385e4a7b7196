"""The products of a WooCommerce shop: all of them to be searched, one by its number, categories.

WooCommerce's own search finds what is written exactly as typed; a customer's typing error finds
nothing. So all products are read, page by page, and searched here.
"""

import asyncio
import logging
import time
from collections.abc import Iterable, Sequence
from typing import Any

from commerce._catalogue import Catalogue
from commerce._http import Deadline, ShopHttp
from commerce._http_parts import Clock, Params
from commerce.commerce import Product
from commerce.errors import ShopUnavailableError
from commerce.woocommerce._models import (
    PRODUCT_FIELDS,
    WooProduct,
    WooProductCategories,
    read_as,
    read_list,
)
from commerce.woocommerce._products import as_product

_log = logging.getLogger(__name__)

_PATH = "/wp-json/wc/v3/products"
_PER_PAGE, _MOST_PAGES = 100, 50
# Small shops run on small machines: not all at once.
_PAGES_AT_ONCE = 3
_CATEGORIES_KEPT_SECONDS = 600.0
_CATEGORIES_SECONDS = 2.0
_LONGEST_SKU = 100


class WooCatalogue:
    """The products of one shop. To be closed.

    Args:
        quick: for a request that somebody waits for.
        thorough: for the pages of the whole, which take longer and are larger.
        patience: seconds to wait for the whole.
    """

    def __init__(
        self,
        quick: ShopHttp,
        thorough: ShopHttp,
        *,
        currency: str,
        weight_unit: str,
        patience: float = 8.0,
        clock: Clock = time.monotonic,
    ) -> None:
        self._quick = quick
        self._thorough = thorough
        self._currency = currency
        self._weight_unit = weight_unit
        self._clock = clock
        self._whole = Catalogue(self._read_all, patience_seconds=patience, clock=clock)
        self._categories: dict[int, str] = {}
        self._categories_since = clock()

    async def close(self) -> None:
        """Stop reading. The clients that were given to it stay open."""
        await self._whole.close()

    async def find(self, query: str, limit: int) -> list[Product]:
        """See ``Commerce.search_products``."""
        return await self._whole.find(query, limit)

    async def product(self, sku: str) -> Product | None:
        """See ``Commerce.product``. Upper and lower case are the same.

        The shop is asked each time: what is told of one product is its price and stock of now.
        Unlike those that are searched, it may be a variation of one.
        """
        wanted = sku.strip()
        params: dict[str, str | int] = {"status": "publish", "_fields": PRODUCT_FIELDS}
        if not wanted or len(wanted) > _LONGEST_SKU:
            return None
        if wanted.startswith("#"):
            if not (wanted[1:].isascii() and wanted[1:].isdecimal()):
                return None
            params["include"] = wanted[1:]
        else:
            params["sku"] = wanted
        for row in await self._list(params):
            found = read_as(WooProduct, row, "a product", self._quick.address)
            product = as_product(found, self._currency, self._weight_unit)
            # Of a text with commas WooCommerce finds each part.
            if product and product.sku.casefold() == wanted.casefold():
                return product
        return None

    async def categories(self, products: Iterable[int], deadline: Deadline) -> dict[int, str]:
        """The categories of these products, as far as the shop says them in time."""
        if self._clock() - self._categories_since > _CATEGORIES_KEPT_SECONDS:
            self._categories.clear()
            self._categories_since = self._clock()
        wanted = {product for product in products if product > 0}
        if missing := sorted(wanted - self._categories.keys())[:_PER_PAGE]:
            try:
                await self._read_categories(missing, deadline.within(_CATEGORIES_SECONDS))
            except ShopUnavailableError as error:
                # An order can be told of all the same.
                _log.warning("The categories of an order's products are not known: %s", error)
        return self.known_categories(wanted)

    def known_categories(self, products: Iterable[int]) -> dict[int, str]:
        """Those of them that need not be asked for."""
        return {product: self._categories.get(product, "") for product in products}

    async def _read_categories(self, products: Sequence[int], deadline: Deadline) -> None:
        params: dict[str, str | int] = {
            "include": ",".join(map(str, products)),
            "per_page": _PER_PAGE,
            "_fields": "id,categories",
        }
        rows = await self._list(params, deadline)
        found = [
            read_as(WooProductCategories, row, "a product", self._quick.address) for row in rows
        ]
        # Also those that have been deleted: else they would be asked for each time.
        self._categories.update(dict.fromkeys(products, ""))
        self._categories.update({p.id: p.categories[0].name for p in found if p.categories})

    async def _list(self, params: Params, deadline: Deadline | None = None) -> list[Any]:
        answer = await self._quick.read("GET", _PATH, params=params, deadline=deadline)
        return read_list(answer.data, "a list of products", self._quick.address)

    async def _read_all(self) -> list[Product]:
        found: dict[int, Product] = {}
        misfit: ShopUnavailableError | None = None
        for row in await self._read_pages():
            try:
                product = read_as(WooProduct, row, "a product", self._quick.address)
            except ShopUnavailableError as error:
                # One that a plugin has spoilt does not take the others with it.
                misfit = misfit or error
                _log.warning("A product is left out: %s", error)
                continue
            if product.categories:
                self._categories[product.id] = product.categories[0].name
            # By its number: while pages are read, a new product may push one onto the next.
            if known := as_product(product, self._currency, self._weight_unit):
                found[product.id] = known
        if misfit and not found:
            raise misfit
        return list(found.values())

    async def _read_pages(self) -> list[Any]:
        page, last = 1, 1
        rows: list[Any] = []
        while page <= last:
            several = range(page, min(last + 1, page + _PAGES_AT_ONCE))
            answers = await asyncio.gather(
                *(self._page(number) for number in several), return_exceptions=True
            )
            for answer in answers:
                if isinstance(answer, BaseException):
                    raise answer
                found, pages = answer
                rows += found
                last = min(pages, _MOST_PAGES)
                if pages > _MOST_PAGES and page == 1:
                    most = _MOST_PAGES * _PER_PAGE
                    _log.warning("The shop has over %d products; only the newest are known", most)
            page = several.stop
        return rows

    async def _page(self, number: int) -> tuple[list[Any], int]:
        """The products of one page, and how many pages there are."""
        params: dict[str, str | int] = {
            "status": "publish",
            "per_page": _PER_PAGE,
            "page": number,
            "orderby": "id",
            "order": "desc",
            "_fields": PRODUCT_FIELDS,
        }
        answer = await self._thorough.read("GET", _PATH, params=params)
        rows = read_list(answer.data, "a list of products", self._thorough.address)
        pages = answer.headers.get("x-wp-totalpages", "")
        if pages.isascii() and pages.isdecimal():
            return rows, int(pages)
        # Something before the shop has taken the header away.
        return rows, number + 1 if len(rows) == _PER_PAGE else number
