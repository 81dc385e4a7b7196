"""Returns that are announced to a WooCommerce shop.

WooCommerce knows refunds, but no returns that a customer announces. So each becomes a note to the
order, which somebody in the shop reads, and an entry in the order's meta, by which the articles are
counted. The note is what matters: it is written first, and holds a mark by which it is known again.
"""

import hashlib
import html
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from commerce.commerce import Return, ReturnRequest
from commerce.errors import NotPossibleError
from commerce.woocommerce._models import WooOrder
from commerce.woocommerce._orders import entries

RETURNS = "_shopdesk_returns"

_MARK = re.compile(r"\[shopdesk (R[^\[\]]*-(\d{1,6})) ([0-9a-f]{16})\]")


@dataclass(frozen=True, slots=True)
class Announced:
    """A return as it stands in the order's meta, or, then without an article, in a note."""

    number: str
    place: int
    mark: str
    sku: str = ""
    quantity: int = 0

    def as_return(self) -> Return:
        # What becomes of it is decided in the shop.
        return Return(self.number, approved=False)


def mark_of(key: str) -> str:
    """What tells the notes of two requests apart, without the key itself."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def in_meta(order: WooOrder) -> list[Announced]:
    """The order's returns; entries that somebody has spoilt are passed over."""
    found = []
    for entry in entries(order.meta(RETURNS)):
        match entry:
            case {
                "number": str(number),
                "place": int(place),
                "mark": str(mark),
                "sku": str(sku),
                "quantity": int(quantity),
            }:
                found.append(Announced(number, place, mark, sku, quantity))
    return found


def in_notes(notes: Sequence[str]) -> list[Announced]:
    """The returns of which the order's notes tell."""
    return [
        Announced(match[1], int(match[2]), match[3])
        for note in notes
        for match in _MARK.finditer(html.unescape(note))
    ]


def counted(announced: Announced, wanted: ReturnRequest) -> Announced:
    """``announced`` with what it counts for; a note alone does not say it."""
    return replace(announced, sku=wanted.sku.strip(), quantity=wanted.quantity)


def check(order: WooOrder, wanted: ReturnRequest, returns: Sequence[Announced]) -> None:
    """Whether the order holds so many of the article that are not on their way back.

    Raises:
        NotPossibleError: it does not.
    """
    sku = wanted.sku.strip().casefold()
    bought = sum(line.quantity for line in order.line_items if line.article.casefold() == sku)
    if not bought:
        raise NotPossibleError("refused", "the order does not hold this article")
    back = sum(earlier.quantity for earlier in returns if earlier.sku.casefold() == sku)
    if back >= bought:
        raise NotPossibleError("already", "all of this article have been announced before")
    if wanted.quantity > bought - back:
        raise NotPossibleError("refused", f"only {bought - back} of this article can go back")


def announce(
    order: WooOrder, wanted: ReturnRequest, known: Sequence[Announced], key: str
) -> Announced:
    """The next return of the order; ``known`` are those that it has."""
    place = max((earlier.place for earlier in known), default=0) + 1
    # What the mark is put in may not stand in it.
    order_number = re.sub(r"[\[\]]", "", order.number)
    number = f"R{order_number}-{place}"
    return Announced(number, place, mark_of(key), wanted.sku.strip(), wanted.quantity)


def note_of(announced: Announced, order: WooOrder, wanted: ReturnRequest) -> str:
    """What somebody in the shop reads. WordPress shows notes as HTML."""
    sku = announced.sku.casefold()
    names = (line.name for line in order.line_items if line.article.casefold() == sku)
    lines = [
        f"Shopdesk: return {announced.number} ({wanted.kind})",
        f"{announced.quantity} x {announced.sku} {next(names, '')}".rstrip(),
        f"Reason: {wanted.reason}",
        *([f"Wanted instead: {wanted.wanted}"] if wanted.wanted else []),
    ]
    # The customer's words must not look like a mark.
    text = "\n".join(" ".join(line.split()) for line in lines).replace("[", "(").replace("]", ")")
    return f"{html.escape(text, quote=False)}\n[shopdesk {announced.number} {announced.mark}]"


def as_meta(returns: Sequence[Announced]) -> dict[str, str]:
    """The entry of the order's meta, to be sent."""
    # JSON in a text: of a list, plugins and PHP make what they like.
    value = json.dumps(
        [
            {
                "number": entry.number,
                "place": entry.place,
                "mark": entry.mark,
                "sku": entry.sku,
                "quantity": entry.quantity,
            }
            for entry in returns
        ]
    )
    return {"key": RETURNS, "value": value}
