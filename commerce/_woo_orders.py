"""Orders of WooCommerce: whose they are, how far they are, where the parcel is."""

import hashlib
import hmac
import json
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit

from commerce._woo_models import WooOrder
from commerce.commerce import Money, Order, OrderLine, OrderStatus, Proof, Text

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
    """A number, or a postcode, without the signs that people leave out: ``#LK-1`` is ``lk1``."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(sign for sign in folded if sign.isalnum())


def proved(proof: Proof, order: WooOrder) -> bool:
    """Whether one thing of ``proof`` fits ``order``."""
    postcode = order.shipping.postcode or order.billing.postcode
    # Guests have the number 0, all of them.
    customer = str(order.customer_id) if order.customer_id > 0 else ""
    fits = [
        _same(_normal_email(proof.email), _normal_email(order.billing.email)),
        _same(normal_number(proof.postcode), normal_number(postcode)),
        _same(proof.customer_id.strip(), customer),
    ]
    return any(fits)


def fingerprint(key: str, proof: Proof) -> str:
    """What tells that somebody had this proof when they asked with this key.

    A change of address changes the postcode, and with it what proves. Who asks with the same key
    again still shows the old one.
    """
    shown = [_normal_email(proof.email), normal_number(proof.postcode), proof.customer_id.strip()]
    return hashlib.sha256(json.dumps([key, *shown]).encode()).hexdigest()


def _normal_email(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _same(given: str, known: str) -> bool:
    # Digests are of one length, so that the time taken tells nothing.
    digests = [
        hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in (given, known)
    ]
    return hmac.compare_digest(*digests) and bool(given and known)


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
        country=to.country,
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


def https_only(url: str | None) -> str | None:
    """``url`` if a customer may be sent there, else None."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    usable = parts.scheme == "https" and parts.hostname and "@" not in parts.netloc
    return url if usable and url and url.isprintable() and " " not in url else None


def _day(text: str | None) -> date | None:
    """From seconds since 1970, as the plugin keeps it, or from a day such as 2026-03-31."""
    try:
        if text and text.isdecimal():
            return datetime.fromtimestamp(int(text), UTC).date()
        return datetime.fromisoformat(text).date() if text else None
    except (ValueError, OverflowError, OSError):
        return None
