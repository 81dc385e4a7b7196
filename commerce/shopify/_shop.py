"""Shopify, by its GraphQL Admin API.

``docs/commerce/shopify.md`` says what the shop has to set up, and what the API cannot do.
"""

import asyncio
import time
from typing import TypeVar

from commerce._asking import (
    OrderLocks,
    redirecting,
    require_key,
    require_limit,
    used_for_something_else,
)
from commerce._catalogue import Catalogue, Listing
from commerce._http import Deadline
from commerce._http_parts import Clock, Sleep
from commerce._proof import fingerprint
from commerce.commerce import (
    Address,
    Customer,
    Order,
    Product,
    Proof,
    Return,
    ReturnRequest,
)
from commerce.errors import NotPossibleError
from commerce.shopify._api import ShopifyApi
from commerce.shopify._changes import ShopifyChanges, was_cancelled_with
from commerce.shopify._find import OrderFinder, TypedNumber
from commerce.shopify._models import OrdersOfCustomer
from commerce.shopify._orders import as_order, customer_number, order_status
from commerce.shopify._products import read_products
from commerce.shopify._queries import ORDERS_OF

T = TypeVar("T")

# A page of products takes long, and nobody waits for it alone.
_PAGE_SECONDS = 30.0
# An action finds the order, changes it, and looks what has become of it.
_STEPS_OF_ACTION = 3
_MOST_ORDERS, _MOST_PRODUCTS = 20, 5_000


class Shopify:
    """A ``Commerce`` that asks a Shopify shop. To be closed.

    Args:
        shop: its name at Shopify: ``example`` or ``example.myshopify.com``; never the domain that
            customers see.
        token: the Admin API access token of an app that was made in the shop's admin (before
            2026), ``shpat_…``; or else
        client_id, client_secret: of an app of the Dev Dashboard.
        version: of the API. Shopify keeps each for a year at least.
        published_only: leave out products that are not published to the online store. False for a
            shop whose site is not Shopify's.
        seconds: for what is asked of the shop, with what is tried again; three times as long for
            what is changed there.

    Raises:
        ValueError: if one of them cannot be used.
    """

    def __init__(
        self,
        shop: str,
        *,
        token: str = "",
        client_id: str = "",
        client_secret: str = "",
        version: str = "2026-10",
        published_only: bool = True,
        seconds: float = 8.0,
        sleep: Sleep = asyncio.sleep,
        clock: Clock = time.monotonic,
    ) -> None:
        self._api = ShopifyApi(
            shop,
            token=token,
            client_id=client_id,
            client_secret=client_secret,
            version=version,
            seconds=max(seconds, _PAGE_SECONDS),
            sleep=sleep,
            clock=clock,
        )
        self._seconds = seconds
        self._finder = OrderFinder(self._api)
        self._changes = ShopifyChanges(self._api, seconds, sleep)
        self._published_only = published_only
        self._catalogue = Catalogue(self._read_products, patience_seconds=seconds, clock=clock)
        self._locks = OrderLocks()

    async def close(self) -> None:
        """Close the connections to the shop."""
        await self._catalogue.close()
        await self._api.close()

    async def find_order(self, number: str, proof: Proof) -> Order | None:
        """See ``Commerce.find_order``."""
        found = await self._finder.find(number, proof, self._api.deadline(self._seconds))
        return as_order(*found) if found else None

    async def orders_of(self, customer: Customer, limit: int = 5) -> list[Order]:
        """See ``Commerce.orders_of``. At most 20."""
        require_limit(limit)
        number = customer_number(customer.id)
        if not number:
            return []
        variables = {
            "customer": f"gid://shopify/Customer/{number}",
            "limit": min(limit, _MOST_ORDERS),
        }
        deadline = self._api.deadline(self._seconds)
        answer = await self._api.read(ORDERS_OF, variables, OrdersOfCustomer, deadline)
        if answer.customer is None:
            return []
        return [as_order(order, answer.shop) for order in answer.customer.orders.nodes]

    async def search_products(self, query: str, limit: int = 5) -> list[Product]:
        """See ``Commerce.search_products``."""
        require_limit(limit)
        return await self._catalogue.find(query, limit)

    async def product(self, sku: str) -> Product | None:
        """See ``Commerce.product``. The article number of any of its variants finds a product."""
        return await self._catalogue.product(sku)

    async def request_return(
        self, number: str, proof: Proof, wanted: ReturnRequest, *, key: str
    ) -> Return:
        """See ``Commerce.request_return``: a request that somebody in the shop decides on."""
        deadline = self._deadline_of_action(key)
        async with self._locks.of(TypedNumber(number).name):
            order, _ = _known(
                await self._finder.find(number, proof, deadline.within(self._seconds))
            )
            return await self._changes.request_return(order, wanted, key, deadline)

    async def cancel_order(self, number: str, proof: Proof, *, key: str) -> Order:
        """See ``Commerce.cancel_order``. What was paid goes back the way it came."""
        deadline = self._deadline_of_action(key)
        async with self._locks.of(TypedNumber(number).name):
            order, shop = _known(
                await self._finder.find(number, proof, deadline.within(self._seconds))
            )
            if not was_cancelled_with(order, key):
                status = order_status(order)
                if status == "cancelled":
                    raise NotPossibleError("already", "the order is cancelled")
                if status != "received":
                    raise NotPossibleError("too_late", f"the order is {status}")
                order = await self._changes.cancel(order, key, deadline)
            return as_order(order, shop)

    async def change_address(
        self, number: str, proof: Proof, address: Address, *, key: str
    ) -> Order:
        """See ``Commerce.change_address``. Refused where the order would go to another country:
        what the delivery costs, duties and taxes would be others, and the customer has paid.
        """
        deadline = self._deadline_of_action(key)
        # A metafield's key has 64 characters at most.
        done = f"address_{fingerprint(key, proof, customer_number)[:40]}"
        async with self._locks.of(TypedNumber(number).name):
            order, shop = _known(
                await self._finder.find_to_redirect(
                    number, proof, done, deadline.within(self._seconds)
                )
            )
            if order.done:
                if order.done.value != redirecting(address):
                    raise used_for_something_else()
                return as_order(order, shop)
            status = order_status(order)
            if status in ("cancelled", "returned"):
                raise NotPossibleError("refused", f"the order is {status}")
            if status != "received":
                raise NotPossibleError("too_late", f"the order is {status}")
            if address.country != as_order(order, shop).country:
                raise NotPossibleError("refused", "the order would go to another country")
            changed = await self._changes.redirect(order, address, done, deadline)
            return as_order(changed, shop)

    async def _read_products(self) -> Listing:
        return await read_products(
            self._api,
            lambda: self._api.deadline(max(self._seconds, _PAGE_SECONDS)),
            _MOST_PRODUCTS,
            published_only=self._published_only,
        )

    def _deadline_of_action(self, key: str) -> Deadline:
        require_key(key)
        return self._api.deadline(_STEPS_OF_ACTION * self._seconds)


def _known(found: T | None) -> T:
    if found is None:
        raise NotPossibleError("not_found")
    return found
