"""Orders of WooCommerce: whose they are, how far they are, where the parcel is."""

import json
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from commerce._http_parts import https_only
from commerce._proof import Known
from commerce.commerce import Money, Order, OrderLine, OrderStatus, Text
from commerce.woocommerce._models import WooOrder

# A cart that somebody is about to pay is no order yet.
DRAFTS = frozenset({"checkout-draft", "auto-draft", "draft"})

_STATUSES: Mapping[str, OrderStatus] = {
    "pending": "received",
    "on-hold": "received",
    "processing": "received",
    "completed": "shipped",
    "cancelled": "cancelled",
    "failed": "cancelled",
    "trash": "cancelled",
    "refunded": "returned",
    # Not WooCommerce's own, but what the tracking plugins call them.
    "shipped": "shipped",
    "partial-shipped": "shipped",
    "delivered": "delivered",
}
_SENT = frozenset({"shipped", "delivered", "returned"})
_TRACKING = "_wc_shipment_tracking_items"


@dataclass(frozen=True, slots=True)
class _Parcel:
    carrier: str | None
    tracking: str | None
    url: str | None
    shipped: date | None


def normal_number(text: str) -> str:
    """A number without the signs that people leave out: ``#LK-1`` is ``lk1``."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(sign for sign in folded if sign.isalnum())


def known_of(order: WooOrder) -> Known:
    """What proves ``order``."""
    # Guests have the number 0, all of them.
    customer = str(order.customer_id) if order.customer_id > 0 else ""
    postcode = order.shipping.postcode or order.billing.postcode
    return Known.of(order.billing.email, postcode, customer)


def order_status(order: WooOrder, packing: Collection[str], sent: Collection[str]) -> OrderStatus:
    """How far the order is.

    Args:
        packing: the shop's own statuses under which nothing can be changed any more.
        sent: its own statuses of parcels that have been sent.
    """
    status = order.status.casefold()
    if status in packing:
        return "packing"
    if status in sent:
        return "shipped"
    # Of a status that somebody made up nobody knows what it means: nothing is changed then.
    known = _STATUSES.get(status, "packing")
    if status == "processing" and (parcel := _parcel(order)):
        # The day is there once the parcel is handed over; a label can be printed before.
        return "shipped" if parcel.shipped else "packing"
    return known


def as_order(order: WooOrder, status: OrderStatus, categories: Mapping[int, str]) -> Order:
    """The order as Shopdesk knows it.

    Args:
        categories: of its products, by their id, as far as they are known.
    """
    parcel = _parcel(order) if status in _SENT else None
    shipped = parcel.shipped if parcel else None
    if not shipped and status in _SENT and order.date_completed:
        shipped = order.date_completed.date()
    to = order.shipping if order.shipping.postcode or order.shipping.country else order.billing
    return Order(
        number=order.number,
        customer=order.shipping.name or order.billing.name,
        postcode=order.shipping.postcode or order.billing.postcode,
        country=to.country.upper(),
        status=status,
        placed=order.date_created.date(),
        shipped=shipped,
        delivered=None,
        carrier=parcel.carrier if parcel else None,
        tracking=parcel.tracking if parcel else None,
        lines=tuple(
            OrderLine(
                line.article,
                Text(line.name or line.article, line.name or line.article),
                line.quantity,
                categories.get(line.product_id, ""),
            )
            for line in order.line_items
        ),
        shipping=Money(order.shipping_total + order.shipping_tax, order.currency),
        total=Money(order.total, order.currency),
        tracking_url=parcel.url if parcel else None,
    )


def _parcel(order: WooOrder) -> _Parcel | None:
    """The last parcel that the plugin WooCommerce Shipment Tracking, or one like it, knows of."""
    items = entries(order.meta(_TRACKING))
    parcels = [_read_parcel(item) for item in items]
    return next((parcel for parcel in reversed(parcels) if parcel.tracking), None)


def _read_parcel(item: Mapping[str, Any]) -> _Parcel:
    def first(*fields: str) -> str | None:
        texts = (str(item.get(field) or "").strip() for field in fields)
        return next(filter(None, texts), None)

    links = ("custom_tracking_link", "formatted_tracking_link", "ast_tracking_link")
    names = ("custom_tracking_provider", "formatted_tracking_provider", "tracking_provider")
    return _Parcel(
        carrier=first(*names),
        tracking=first("tracking_number"),
        url=https_only(first(*links)),
        shipped=_day(first("date_shipped")),
    )


def entries(value: object) -> list[dict[str, Any]]:
    """The objects of a list that stands in an order's meta, as itself or as JSON; else none."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return []
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _day(text: str | None) -> date | None:
    """From seconds since 1970, as the plugin keeps it, or from a day such as 2026-03-31."""
    try:
        if text and text.isdecimal():
            return datetime.fromtimestamp(int(text), UTC).date()
        return datetime.fromisoformat(text).date() if text else None
    except (ValueError, OverflowError, OSError):
        return None
