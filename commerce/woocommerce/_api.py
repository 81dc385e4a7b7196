"""What is asked of WooCommerce about orders, and how a change is made once only.

WooCommerce knows no idempotency keys. So the keys of the latest changes are kept in the order
itself, in the same request that changes it: whoever finds his key there is done already.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from commerce._asking import used_for_something_else
from commerce._http import Deadline, ShopHttp, StillRunningError
from commerce._http_parts import Sleep
from commerce._proof import fingerprint, fits, is_fingerprint
from commerce.commerce import Proof
from commerce.errors import OutcomeUnknownError, ShopUnavailableError
from commerce.woocommerce._models import ORDER_FIELDS, WooNote, WooOrder, read_as, read_list
from commerce.woocommerce._orders import DRAFTS, entries, known_of, normal_number

WRITES = "_shopdesk_writes"

_ORDERS = "/wp-json/wc/v3/orders"
_NO_SUCH_ORDER = "woocommerce_rest_shop_order_invalid_id"
_WRITES_KEPT = 20
_SEARCHED = 50
_LONGEST_NUMBER = 40

# Parts of what an action has in all.
_WRITE_SECONDS, _LOOK_AGAIN_SECONDS, _BEFORE_LOOKING_AGAIN = 6.0, 4.0, 0.5


@dataclass(frozen=True, slots=True)
class Write:
    """A change that is put down in the order which it changes.

    Attributes:
        asked: a digest of what is asked for; see ``commerce._asking``.
    """

    key: str
    asked: str
    proof: Proof

    def as_entry(self) -> dict[str, str]:
        shown = fingerprint(self.key, self.proof)
        return {"key": self.key, "asked": self.asked, "proof": shown}


def was_done(order: WooOrder, write: Write) -> bool:
    """Whether ``order`` has been changed by it.

    Raises:
        NotPossibleError: with its key, but by something else.
    """
    for entry in entries(order.meta(WRITES)):
        if entry.get("key") == write.key:
            if entry.get("asked") != write.asked:
                raise used_for_something_else()
            return True
    return False


class WooApi:
    """The orders of one shop.

    Every method takes a deadline for all that it asks, and raises ``ShopUnavailableError``.
    """

    def __init__(self, http: ShopHttp, sleep: Sleep = asyncio.sleep) -> None:
        self._http = http
        self._sleep = sleep

    async def find(
        self, number: str, proof: Proof, deadline: Deadline, key: str = ""
    ) -> WooOrder | None:
        """The order that is called so, if ``proof`` fits, or did when ``key`` was used.

        The customer's number is not WordPress's where a plugin counts the orders; then it is
        searched for. It is, too, where the order was found and the proof is wrong: so an order
        that there is takes as many requests as one that there is not.
        """
        wanted = normal_number(number)
        digits = _longest_digits(wanted)
        if not digits or len(wanted) > _LONGEST_NUMBER:
            return None
        if digits == wanted and len(digits) <= 18 and int(digits):
            order = await self.by_id(int(digits), deadline)
            if order and self._is_it(order, wanted, proof, key):
                return order
        for row in await self._search(digits, deadline):
            if not (isinstance(row, dict) and normal_number(str(row.get("number"))) == wanted):
                continue
            order = self._order(row)
            if self._is_it(order, wanted, proof, key):
                return order
        return None

    async def by_id(self, number: int, deadline: Deadline) -> WooOrder | None:
        """The order with WordPress's number."""
        answer = await self._http.read(
            "GET",
            f"{_ORDERS}/{number}",
            params={"_fields": ORDER_FIELDS},
            accept={404},
            deadline=deadline,
        )
        if answer.status == 404:
            if isinstance(answer.data, dict) and answer.data.get("code") == _NO_SUCH_ORDER:
                return None
            raise ShopUnavailableError(
                f"the shop at {self._http.address} has no WooCommerce API (HTTP 404). Check the "
                "address, that WooCommerce is switched on, and under Settings > Permalinks that "
                "they are not plain."
            )
        order = self._order(answer.data)
        if order.id != number:
            raise ShopUnavailableError(
                f"the shop at {self._http.address} answered with another order than it was asked "
                "for. Look whether a cache stands before its API."
            )
        return order

    async def of_customer(self, customer: int, limit: int, deadline: Deadline) -> list[WooOrder]:
        """The latest orders of the customer with WordPress's number, newest first."""
        params: dict[str, str | int] = {
            "customer": customer,
            "orderby": "date",
            "order": "desc",
            "per_page": min(limit, 100),
            "_fields": ORDER_FIELDS,
        }
        answer = await self._http.read("GET", _ORDERS, params=params, deadline=deadline)
        rows = read_list(answer.data, "a list of orders", self._http.address)
        orders = [self._order(row) for row in rows]
        # A plugin, or a cache, that passes over the filter would give away everybody's.
        return [
            order
            for order in orders
            if order.customer_id == customer and order.status not in DRAFTS
        ][:limit]

    async def change(
        self, order: WooOrder, fields: Mapping[str, Any], write: Write, deadline: Deadline
    ) -> WooOrder:
        """Change ``order``, and put ``write`` down in it; the order as it is then.

        Raises:
            ShopUnavailableError: it was not changed.
            OutcomeUnknownError: it may have been.
        """
        kept = entries(order.meta(WRITES))[-(_WRITES_KEPT - 1) :]
        writes = [*kept, write.as_entry()]
        meta = {"key": WRITES, "value": json.dumps(writes)}
        try:
            answer = await self._http.write(
                "PUT",
                f"{_ORDERS}/{order.id}",
                params={"_fields": ORDER_FIELDS},
                body={**fields, "meta_data": [meta]},
                deadline=deadline.within(_WRITE_SECONDS),
            )
        except OutcomeUnknownError as unknown:
            return await self._look_again(order.id, write, unknown, deadline)
        try:
            return self._order(answer.data)
        except ShopUnavailableError as misfit:
            error = OutcomeUnknownError(str(misfit))
            return await self._look_again(order.id, write, error, deadline)

    async def put_meta(
        self, order: WooOrder, meta: Mapping[str, str], status: str, deadline: Deadline
    ) -> None:
        """Put ``meta`` to the order, and ``status`` where it is not empty.

        To do so twice comes to the same, so that it is tried again.

        Raises:
            ShopUnavailableError: it was not changed.
            OutcomeUnknownError: it may have been.
        """
        body: dict[str, Any] = {"meta_data": [meta], **({"status": status} if status else {})}
        await self._http.write(
            "PUT",
            f"{_ORDERS}/{order.id}",
            params={"_fields": "id"},
            body=body,
            deadline=deadline,
            idempotent=True,
        )

    async def notes(self, order: WooOrder, deadline: Deadline) -> list[str]:
        """What has been noted of the order, without what its customer sees."""
        answer = await self._http.read(
            "GET",
            f"{_ORDERS}/{order.id}/notes",
            params={"type": "internal"},
            deadline=deadline,
        )
        rows = read_list(answer.data, "a list of notes", self._http.address)
        return [read_as(WooNote, row, "a note", self._http.address).note for row in rows]

    async def add_note(self, order: WooOrder, note: str, mark: str, deadline: Deadline) -> None:
        """Put ``note`` to the order, for the shop only; ``mark`` is what it is known again by.

        Raises:
            ShopUnavailableError: there is no such note.
            OutcomeUnknownError: there may be.
        """
        try:
            await self._http.write(
                "POST",
                f"{_ORDERS}/{order.id}/notes",
                body={"note": note, "customer_note": False},
                deadline=deadline.within(_WRITE_SECONDS),
            )
        except OutcomeUnknownError as unknown:
            await self._sleep(_BEFORE_LOOKING_AGAIN)
            try:
                notes = await self.notes(order, deadline.within(_LOOK_AGAIN_SECONDS))
            except ShopUnavailableError:
                raise unknown from None
            if not any(mark in found for found in notes):
                raise self._not_done(unknown) from unknown

    async def _look_again(
        self, number: int, write: Write, unknown: OutcomeUnknownError, deadline: Deadline
    ) -> WooOrder:
        """The order if ``write`` was done after all; what is raised see ``change``."""
        # A connection may break before the shop is done.
        await self._sleep(_BEFORE_LOOKING_AGAIN)
        try:
            order = await self.by_id(number, deadline.within(_LOOK_AGAIN_SECONDS))
        except ShopUnavailableError:
            raise unknown from None
        if order is None:
            raise unknown
        if was_done(order, write):
            return order
        raise self._not_done(unknown) from unknown

    def _not_done(self, unknown: OutcomeUnknownError) -> Exception:
        if isinstance(unknown, StillRunningError):
            return unknown
        return ShopUnavailableError(f"{unknown}; nothing was changed")

    async def _search(self, digits: str, deadline: Deadline) -> list[Any]:
        params: dict[str, str | int] = {
            "search": digits,
            "orderby": "date",
            "order": "desc",
            "per_page": _SEARCHED,
            "_fields": ORDER_FIELDS,
        }
        answer = await self._http.read("GET", _ORDERS, params=params, deadline=deadline)
        return read_list(answer.data, "a list of orders", self._http.address)

    def _order(self, data: object) -> WooOrder:
        return read_as(WooOrder, data, "an order", self._http.address)

    def _is_it(self, order: WooOrder, wanted: str, proof: Proof, key: str) -> bool:
        if normal_number(order.number) != wanted or order.status in DRAFTS:
            return False
        shown = fingerprint(key, proof)
        writes = entries(order.meta(WRITES)) if key else []
        earlier = [is_fingerprint(entry.get("proof"), shown) for entry in writes]
        return fits(proof, known_of(order)) or any(earlier)


def _longest_digits(text: str) -> str:
    """The longest run of digits: WooCommerce searches for what stands there, signs and all."""
    runs = "".join(sign if "0" <= sign <= "9" else " " for sign in text).split()
    return max(runs, key=len, default="")
