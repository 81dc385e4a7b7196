"""WooCommerce, by its REST API v3 (``wc/v3``, WooCommerce 3.5 and later).

``docs/commerce/woocommerce.md`` says what the shop has to set up, and what the API cannot do.
"""

import asyncio
import logging
import re
import time
from collections.abc import Collection

from commerce._asking import (
    OrderLocks,
    cancelling,
    redirecting,
    require_key,
    require_limit,
    returning,
    used_for_something_else,
)
from commerce._http import Deadline, ShopHttp
from commerce._http_parts import Clock, Sleep
from commerce.commerce import (
    Address,
    Customer,
    Order,
    OrderStatus,
    Product,
    Proof,
    Return,
    ReturnRequest,
)
from commerce.errors import CommerceError, NotPossibleError
from commerce.woocommerce import _returns as returns
from commerce.woocommerce._api import WooApi, Write, was_done
from commerce.woocommerce._catalogue import WooCatalogue
from commerce.woocommerce._models import WooOrder
from commerce.woocommerce._orders import as_order, normal_number, order_status
from commerce.woocommerce._products import GRAMS

_log = logging.getLogger(__name__)

_CURRENCY = re.compile(r"[A-Z]{3}")
_CUSTOMER = re.compile(r"[1-9][0-9]{0,17}")
_REMEDY = (
    "Make a key with Read/Write under WooCommerce > Settings > Advanced > REST API and enter it. "
    "If it is right, the web server keeps back the header Authorization."
)

# A page of a hundred products takes a small shop long, and nobody waits for it alone.
_PAGE_SECONDS, _PAGE_BYTES = 30.0, 8_000_000
_ACTION_SECONDS = 15.0
# Of an action: so that time is left to change something, and to see whether it was.
_FIND_SECONDS = 5.0


class WooCommerce:
    """A ``Commerce`` that asks a WooCommerce shop. To be closed.

    Args:
        url: the shop's address, https; with its path where WordPress is in a folder.
        key: the REST API key, ``ck_…``; ``secret`` its secret, ``cs_…``.
        currency: of the shop's prices, ISO 4217; orders say their own.
        weight_unit: of the shop's products: kg, g, lbs or oz.
        packing_statuses: of orders that are being packed, without ``wc-``; WooCommerce's own, such
            as ``processing``, or the shop's. Statuses that nobody knows are taken as such.
        return_status: what an order is set to once a return is announced; empty for none.
        seconds: for what is read from the shop, with what is tried again. What is changed there
            may take 15.

    Raises:
        ValueError: if one of them cannot be used.
    """

    def __init__(
        self,
        url: str,
        *,
        key: str,
        secret: str,
        currency: str,
        weight_unit: str = "kg",
        packing_statuses: Collection[str] = (),
        return_status: str = "",
        seconds: float = 8.0,
        sleep: Sleep = asyncio.sleep,
        clock: Clock = time.monotonic,
    ) -> None:
        if not (key.strip() and secret.strip()):
            raise ValueError("the key or its secret is empty")
        if not _CURRENCY.fullmatch(currency):
            raise ValueError(f"currency is {currency!r}; expected a code such as 'EUR'")
        if weight_unit not in GRAMS:
            raise ValueError(f"weight_unit is {weight_unit!r}; expected one of {', '.join(GRAMS)}")
        auth = (key.strip(), secret.strip())
        self._http = ShopHttp(
            url, auth=auth, remedy=_REMEDY, seconds=seconds, sleep=sleep, clock=clock
        )
        self._pages = ShopHttp(
            url,
            auth=auth,
            remedy=_REMEDY,
            seconds=max(seconds, _PAGE_SECONDS),
            max_bytes=_PAGE_BYTES,
            sleep=sleep,
            clock=clock,
        )
        self._api = WooApi(self._http, sleep)
        self._catalogue = WooCatalogue(
            self._http,
            self._pages,
            currency=currency,
            weight_unit=weight_unit,
            patience=seconds,
            clock=clock,
        )
        self._packing = frozenset(map(_status_name, packing_statuses))
        self._return_status = _status_name(return_status)
        self._seconds = seconds
        self._locks = OrderLocks()

    async def close(self) -> None:
        """Close the connections to the shop."""
        await self._catalogue.close()
        await self._http.close()
        await self._pages.close()

    async def find_order(self, number: str, proof: Proof) -> Order | None:
        """See ``Commerce.find_order``."""
        deadline = self._http.deadline(self._seconds)
        order = await self._api.find(number, proof, deadline)
        return (await self._with_categories([order], deadline))[0] if order else None

    async def orders_of(self, customer: Customer, limit: int = 5) -> list[Order]:
        """See ``Commerce.orders_of``. At most 100."""
        require_limit(limit)
        # Guests have the number 0, all of them.
        if not _CUSTOMER.fullmatch(customer.id.strip()):
            return []
        deadline = self._http.deadline(self._seconds)
        orders = await self._api.of_customer(int(customer.id), limit, deadline)
        return await self._with_categories(orders, deadline)

    async def search_products(self, query: str, limit: int = 5) -> list[Product]:
        """See ``Commerce.search_products``."""
        require_limit(limit)
        return await self._catalogue.find(query, limit)

    async def product(self, sku: str) -> Product | None:
        """See ``Commerce.product``. Upper and lower case are the same."""
        return await self._catalogue.product(sku)

    async def request_return(
        self, number: str, proof: Proof, wanted: ReturnRequest, *, key: str
    ) -> Return:
        """See ``Commerce.request_return``: a note for somebody in the shop, who decides."""
        deadline = self._http.deadline(_ACTION_SECONDS)
        async with self._locks.of(normal_number(number)):
            order = await self._proved(number, proof, key, deadline)
            was_done(order, Write(key, returning(wanted), proof))
            listed = returns.in_meta(order)
            if done := next((r for r in listed if r.mark == returns.mark_of(key)), None):
                if done != returns.counted(done, wanted):
                    raise used_for_something_else()
                return done.as_return()
            # The entry in the order may have failed after the note was written.
            noted = returns.in_notes(await self._api.notes(order, deadline.within(_FIND_SECONDS)))
            announced = next((r for r in noted if r.mark == returns.mark_of(key)), None)
            if not announced:
                announced = await self._announce(order, wanted, [*listed, *noted], key, deadline)
            entry = returns.counted(announced, wanted)
            try:
                await self._api.put_meta(
                    order, returns.as_meta([*listed, entry]), self._return_status, deadline
                )
            except CommerceError as error:
                # Somebody in the shop reads the note all the same, and that is what was asked for.
                _log.warning("A return is noted, but not counted in the order: %s", error)
            return announced.as_return()

    async def cancel_order(self, number: str, proof: Proof, *, key: str) -> Order:
        """See ``Commerce.cancel_order``. What was paid is given back by the shop, not by this."""
        deadline = self._http.deadline(_ACTION_SECONDS)
        async with self._locks.of(normal_number(number)):
            order = await self._proved(number, proof, key, deadline)
            write = Write(key, cancelling(), proof)
            if not was_done(order, write):
                status = self._status(order)
                if status == "cancelled":
                    raise NotPossibleError("already", "the order is cancelled")
                if status != "received":
                    raise NotPossibleError("too_late", f"the order is {status}")
                order = await self._api.change(order, {"status": "cancelled"}, write, deadline)
                if self._status(order) != "cancelled":
                    raise NotPossibleError("refused", "the shop has kept the order as it was")
            return self._as_order(order)

    async def change_address(
        self, number: str, proof: Proof, address: Address, *, key: str
    ) -> Order:
        """See ``Commerce.change_address``. Refused where the order would go to another country:
        WooCommerce reckons taxes anew then, though the customer has paid.
        """
        deadline = self._http.deadline(_ACTION_SECONDS)
        async with self._locks.of(normal_number(number)):
            order = await self._proved(number, proof, key, deadline)
            write = Write(key, redirecting(address), proof)
            if not was_done(order, write):
                status = self._status(order)
                if status in ("cancelled", "returned"):
                    raise NotPossibleError("refused", f"the order is {status}")
                if status != "received":
                    raise NotPossibleError("too_late", f"the order is {status}")
                if address.country != self._as_order(order).country:
                    raise NotPossibleError("refused", "the order would go to another country")
                fields = {"shipping": _shipping(address, order)}
                before = order.total
                order = await self._api.change(order, fields, write, deadline)
                if order.total != before:
                    _log.warning("An order's total has changed with its address; look at its taxes")
            return self._as_order(order)

    async def _announce(
        self,
        order: WooOrder,
        wanted: ReturnRequest,
        known: list[returns.Announced],
        key: str,
        deadline: Deadline,
    ) -> returns.Announced:
        status = self._status(order)
        if status == "cancelled":
            raise NotPossibleError("refused", "the order is cancelled")
        if status == "returned":
            raise NotPossibleError("already", "the order has been paid back")
        returns.check(order, wanted, known)
        announced = returns.announce(order, wanted, known, key)
        note = returns.note_of(announced, order, wanted)
        await self._api.add_note(order, note, announced.mark, deadline)
        return announced

    async def _proved(self, number: str, proof: Proof, key: str, deadline: Deadline) -> WooOrder:
        require_key(key)
        order = await self._api.find(number, proof, deadline.within(_FIND_SECONDS), key)
        if order is None:
            raise NotPossibleError("not_found")
        return order

    async def _with_categories(self, orders: list[WooOrder], deadline: Deadline) -> list[Order]:
        products = [line.product_id for order in orders for line in order.line_items]
        categories = await self._catalogue.categories(products, deadline)
        return [as_order(order, self._status(order), categories) for order in orders]

    def _as_order(self, order: WooOrder) -> Order:
        # Once something was changed, nothing more is asked that could fail.
        products = [line.product_id for line in order.line_items]
        return as_order(order, self._status(order), self._catalogue.known_categories(products))

    def _status(self, order: WooOrder) -> OrderStatus:
        return order_status(order, self._packing, {self._return_status})


def _status_name(status: str) -> str:
    return status.strip().casefold().removeprefix("wc-")


def _shipping(address: Address, order: WooOrder) -> dict[str, str]:
    first, _, last = address.name.strip().rpartition(" ")
    lines = [" ".join(line.split()) for line in address.street.splitlines() if line.strip()]
    postcode = address.postcode.strip()
    same_place = normal_number(postcode) == normal_number(order.shipping.postcode)
    return {
        "first_name": first or last,
        "last_name": last if first else "",
        # What an address here does not say would be left from the old one.
        "company": "",
        "state": order.shipping.state if same_place else "",
        "address_1": lines[0] if lines else "",
        "address_2": ", ".join(lines[1:]),
        "postcode": postcode,
        "city": address.city.strip(),
        "country": address.country,
    }
