"""Orders of Shopify: whose they are, how far they are, where the parcel is."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

from commerce._http_parts import https_only
from commerce._proof import Known, fits
from commerce.commerce import Money, Order, OrderLine, OrderStatus, Proof, Text
from commerce.shopify._models import (
    Amount,
    FoundOrder,
    Fulfillment,
    Line,
    LineProduct,
    Shop,
    Tracking,
)

_CUSTOMER = re.compile(r"(?:gid://shopify/Customer/)?([0-9]{1,20})")

_STATUSES: Mapping[str, OrderStatus] = {
    "UNFULFILLED": "received",
    "SCHEDULED": "received",
    "ON_HOLD": "received",
    "OPEN": "packing",
    "IN_PROGRESS": "packing",
    "PENDING_FULFILLMENT": "packing",
    "REQUEST_DECLINED": "packing",
    "PARTIALLY_FULFILLED": "shipped",
    "FULFILLED": "shipped",
    # Nothing of it is sent: a download, a voucher.
    "FULFILLMENT_NOT_REQUIRED": "delivered",
    # All of it lies on the shelf again.
    "RESTOCKED": "cancelled",
}
_SENT = frozenset({"shipped", "delivered", "returned"})
_NOT_SENT = frozenset({"CANCELLED", "ERROR", "FAILURE"})
_NO_RETURN = frozenset({"NO_RETURN", "RETURN_FAILED"})


def customer_number(text: str) -> str:
    """``1001`` of ``1001`` or ``gid://shopify/Customer/1001``; empty for anything else."""
    match = _CUSTOMER.fullmatch(text.strip())
    return match[1] if match else ""


def known_of(order: FoundOrder) -> Known:
    """What proves ``order``."""
    zip_code = (order.shipping_address and order.shipping_address.zip) or ""
    customer = order.customer.id if order.customer else ""
    return Known.of(order.email or "", zip_code, customer_number(customer))


def proved(proof: Proof, order: FoundOrder) -> bool:
    """Whether one thing of ``proof`` fits ``order``."""
    return fits(proof, known_of(order), customer_number)


def order_status(order: FoundOrder) -> OrderStatus:
    """How far the order is."""
    if order.cancelled_at:
        return "cancelled"
    if order.display_financial_status == "REFUNDED" and order.return_status not in _NO_RETURN:
        return "returned"
    # Of a status that Shopify adds nobody knows here what it means: nothing is changed then.
    status = _STATUSES.get(order.display_fulfillment_status, "packing")
    if order.display_fulfillment_status == "FULFILLED":
        parcels = _parcels(order)
        if parcels and all(map(_delivered, parcels)):
            return "delivered"
    return status


def as_order(order: FoundOrder, shop: Shop) -> Order:
    """The order as Shopdesk knows it; days are those of the shop's time zone."""
    zone = _zone(shop)
    status = order_status(order)
    to = order.shipping_address
    parcels = _parcels(order) if status in _SENT else []
    shown = _shown(parcels)
    arrived = [parcel.delivered_at for parcel in parcels if parcel.delivered_at]
    return Order(
        number=order.name,
        customer=(to and to.name) or "",
        postcode=(to and to.zip) or "",
        country=(to and to.country_code_v2) or "",
        status=status,
        placed=_day(order.created_at, zone),
        shipped=_day(min(parcel.created_at for parcel in parcels), zone) if parcels else None,
        delivered=_day(max(arrived), zone) if arrived and status != "shipped" else None,
        carrier=shown.company if shown else None,
        tracking=shown.number if shown else None,
        lines=_lines(order),
        shipping=money(order.total_shipping_price_set.presentment_money),
        total=money(order.total_price_set.presentment_money),
        tracking_url=https_only(shown.url) if shown else None,
    )


def article(line: Line) -> str:
    """The article number of what was ordered; of a variant that is no more, the line's own."""
    return article_number(line.sku, (line.variant or line).id)


def article_number(sku: str | None, variant: str) -> str:
    """``sku``; where there is none, the number that Shopify gave the variant, ``#87``."""
    return (sku or "").strip() or f"#{variant.rpartition('/')[2]}"


def money(amount: Amount) -> Money:
    return Money(amount.amount, amount.currency_code)


def _lines(order: FoundOrder) -> tuple[OrderLine, ...]:
    lines = order.line_items.nodes
    # What was taken out of the order is not part of it; of one called off, all was.
    kept = [(line, line.current_quantity) for line in lines if line.current_quantity > 0]
    return tuple(
        OrderLine(article(line), Text(line.name, line.name), quantity, _category(line.product))
        for line, quantity in kept or [(line, line.quantity) for line in lines]
    )


def _category(product: LineProduct | None) -> str:
    if not product:
        return ""
    return product.product_type or (product.category.name if product.category else "")


def _parcels(order: FoundOrder) -> list[Fulfillment]:
    return [parcel for parcel in order.fulfillments if parcel.status not in _NOT_SENT]


def _delivered(parcel: Fulfillment) -> bool:
    return bool(parcel.delivered_at) or parcel.display_status in ("DELIVERED", "PICKED_UP")


def _shown(parcels: list[Fulfillment]) -> Tracking | None:
    """Of several parcels the last one that can be followed."""
    newest_first = sorted(parcels, key=lambda parcel: parcel.created_at, reverse=True)
    tracked = (info for parcel in newest_first for info in parcel.tracking_info if info.number)
    return next(tracked, None)


def _zone(shop: Shop) -> tzinfo:
    try:
        return ZoneInfo(shop.iana_timezone)
    except (ValueError, OSError, KeyError):
        return UTC


def _day(moment: datetime, zone: tzinfo) -> date:
    return moment.astimezone(zone).date()
