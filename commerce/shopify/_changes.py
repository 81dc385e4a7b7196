"""What Shopdesk changes in a Shopify shop, each once however often it is asked for.

Of these mutations Shopify takes no idempotency key: ``@idempotent`` is for stock and refunds. So
each leaves a mark of its key with what it changes, in the same request, and looks for it before.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence

from commerce._asking import redirecting, returning
from commerce._http import Deadline
from commerce._http_parts import Sleep
from commerce.commerce import Address, Return, ReturnRequest
from commerce.errors import (
    NotPossibleError,
    OutcomeUnknownError,
    ShopUnavailableError,
)
from commerce.shopify._api import ShopifyApi
from commerce.shopify._models import (
    AddressChanged,
    Cancelled,
    FoundOrder,
    Identified,
    MadeReturn,
    OneJob,
    OneOrder,
    OneOrderIfRedirected,
    OrderToRedirect,
    ReturnRequested,
    Returns,
    UserError,
)
from commerce.shopify._queries import (
    CANCEL_ORDER,
    CHANGE_ADDRESS,
    JOB,
    ORDER,
    ORDER_IF_REDIRECTED,
    REQUEST_RETURN,
    RETURNS,
)
from commerce.shopify._returns import line_inputs, made_before, return_note

# Shopify cancels in the background: the pauses between looking whether it has.
_PAUSES, _PAUSES_IF_LOST = (0.2, 0.5, 1.0, 1.5, 2.0), (0.1, 1.0)
_WORD = re.compile(r"[A-Za-z0-9_]{1,50}")


class ShopifyChanges:
    """The changes themselves. Whether they are due, and whose the order is, is asked before.

    They raise as ``Commerce`` says.

    Args:
        seconds: for a change itself. What is left of its deadline is for seeing what became of it.
    """

    def __init__(self, api: ShopifyApi, seconds: float, sleep: Sleep) -> None:
        self._api = api
        self._seconds = seconds
        self._sleep = sleep

    async def cancel(self, order: FoundOrder, key: str, deadline: Deadline) -> FoundOrder:
        """Call ``order`` off, pay back what was paid, put the articles back on the shelf."""
        variables = {"id": order.id, "note": f"Called off by the customer. {mark_of(key)}"}
        try:
            answer = await self._api.change(
                CANCEL_ORDER, variables, Cancelled, deadline.within(self._seconds)
            )
        except OutcomeUnknownError as error:
            return await self._cancelled(order, None, deadline, error)
        payload = answer.order_cancel
        if payload.order_cancel_user_errors:
            # Perhaps because an earlier try has come through by now.
            found = await self._order(order, deadline)
            if was_cancelled_with(found, key):
                return found
            if found.cancelled_at:
                raise NotPossibleError("already", "the order is cancelled")
            raise _refusal(payload.order_cancel_user_errors)
        unknown = OutcomeUnknownError("Shopify has not ended the cancellation in time")
        return await self._cancelled(order, payload.job, deadline, unknown)

    async def redirect(
        self, order: OrderToRedirect, address: Address, done: str, deadline: Deadline
    ) -> FoundOrder:
        """Send ``order`` to ``address``.

        Args:
            done: key of the metafield that says that this was done; its value says what.
        """
        mark = {"namespace": "shopdesk", "key": done, "type": "single_line_text_field"}
        change = {
            "id": order.id,
            "shippingAddress": _mailing_address(order, address),
            "metafields": [{**mark, "value": redirecting(address)}],
        }
        try:
            answer = await self._api.change(
                CHANGE_ADDRESS,
                {"input": change},
                AddressChanged,
                deadline.within(self._seconds),
                # The same address twice is the same address.
                idempotent=True,
            )
        except OutcomeUnknownError as error:
            return await self._redirected(order, done, deadline, error)
        if answer.order_update.user_errors:
            raise _refusal(answer.order_update.user_errors)
        if answer.order_update.order is None:
            raise OutcomeUnknownError("Shopify did not say what became of the address")
        return answer.order_update.order

    async def request_return(
        self, order: FoundOrder, wanted: ReturnRequest, key: str, deadline: Deadline
    ) -> Return:
        """Ask the shop to take back what is ``wanted`` of ``order``."""
        mark = mark_of(key, returning(wanted))
        known = await self._api.read(RETURNS, {"id": order.id}, Returns, deadline)
        if done := made_before(known, mark):
            return _as_return(done)
        if order.cancelled_at:
            raise NotPossibleError("refused", "the order is cancelled")
        lines = line_inputs(known, order, wanted, return_note(wanted, mark))
        change = {"input": {"orderId": order.id, "returnLineItems": lines}}
        try:
            answer = await self._api.change(
                REQUEST_RETURN, change, ReturnRequested, deadline.within(self._seconds)
            )
        except OutcomeUnknownError as error:
            try:
                known = await self._api.read(RETURNS, {"id": order.id}, Returns, deadline)
            except ShopUnavailableError:
                raise error from None
            if done := made_before(known, mark):
                return _as_return(done)
            raise
        payload = answer.return_request
        if payload.user_errors:
            raise _refusal(payload.user_errors)
        if payload.made is None:
            raise OutcomeUnknownError("Shopify did not say what became of the return")
        return _as_return(payload.made)

    async def _cancelled(
        self,
        order: FoundOrder,
        job: Identified | None,
        deadline: Deadline,
        unknown: OutcomeUnknownError,
    ) -> FoundOrder:
        """The order once it is cancelled; ``unknown`` is raised if that is not seen in time."""
        ended_before = False
        for pause in _PAUSES if job else _PAUSES_IF_LOST:
            if pause >= deadline.left():
                break
            await self._sleep(pause)
            try:
                ended = await self._ended(job, deadline) if job else False
                found = await self._order(order, deadline)
            except ShopUnavailableError:
                continue
            if found.cancelled_at:
                return found
            # Twice, since what Shopify lets read may lag behind what it has done.
            if ended and ended_before:
                raise NotPossibleError("refused", "Shopify did not carry the cancellation out")
            ended_before = ended
        raise unknown

    async def _ended(self, job: Identified, deadline: Deadline) -> bool:
        found = (await self._api.read(JOB, {"id": job.id}, OneJob, deadline)).job
        return found is None or found.done

    async def _order(self, order: FoundOrder, deadline: Deadline) -> FoundOrder:
        found = (await self._api.read(ORDER, {"id": order.id}, OneOrder, deadline)).order
        if found is None:
            raise ShopUnavailableError("Shopify does not know an order any more that it knew")
        return found

    async def _redirected(
        self, order: FoundOrder, done: str, deadline: Deadline, unknown: OutcomeUnknownError
    ) -> FoundOrder:
        variables = {"id": order.id, "done": done}
        try:
            answer = await self._api.read(
                ORDER_IF_REDIRECTED, variables, OneOrderIfRedirected, deadline
            )
        except ShopUnavailableError:
            raise unknown from None
        if answer.order and answer.order.done:
            return answer.order
        raise unknown


def mark_of(key: str, asked: str = "") -> str:
    """What stands with a change that was made with ``key``; it does not tell the key.

    Args:
        asked: a digest of what was asked for, where that can differ; see ``commerce._asking``.
    """
    told = (hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16], asked[:8])
    return f"[Shopdesk {' '.join(filter(None, told))}]"


def was_cancelled_with(order: FoundOrder, key: str) -> bool:
    """Whether ``order`` was cancelled by Shopdesk, with this key."""
    note = (order.cancellation and order.cancellation.staff_note) or ""
    return bool(order.cancelled_at) and note.endswith(mark_of(key))


def _as_return(made: MadeReturn) -> Return:
    return Return(made.name, approved=made.status in ("OPEN", "CLOSED"))


def _refusal(errors: Sequence[UserError]) -> NotPossibleError:
    """With the codes and the names of the fields, never with what stood in them."""
    told = [" ".join(_words([error.code or "", *(error.field or ())])) for error in errors]
    return NotPossibleError("refused", "; ".join(filter(None, told)))


def _words(texts: Iterable[str]) -> list[str]:
    return [text for text in texts if _WORD.fullmatch(text)]


def _mailing_address(order: OrderToRedirect, address: Address) -> dict[str, str]:
    first, _, last = " ".join(address.name.split()).rpartition(" ")
    lines = [" ".join(line.split()) for line in address.street.splitlines() if line.strip()]
    new = {
        "firstName": first,
        "lastName": last,
        "address1": lines[0] if lines else "",
        "address2": ", ".join(lines[1:]),
        "zip": address.postcode.strip(),
        "city": address.city.strip(),
        "countryCode": address.country,
    }
    old = order.redirected
    if old and old.phone:
        new["phone"] = old.phone
    # An address here has no province. The old one is right in the same place, and wrong elsewhere.
    same = old and (old.zip or "").split() == address.postcode.split()
    if old and old.province_code and same:
        new["provinceCode"] = old.province_code
    return new
