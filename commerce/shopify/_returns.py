"""Returns in Shopify: which pieces may go back, and what is written with them."""

from commerce._asking import used_for_something_else
from commerce.commerce import ReturnRequest
from commerce.errors import NotPossibleError
from commerce.shopify._models import FoundOrder, Line, MadeReturn, ReturnableLine, Returns
from commerce.shopify._orders import article, order_status

# Of a customer's note to a return.
_LONGEST_NOTE = 300
# Of returns that came to nothing.
_ENDED = frozenset({"CANCELED", "DECLINED"})


def made_before(known: Returns, mark: str) -> MadeReturn | None:
    """The return of the order in which ``mark`` stands, at the end of a note.

    Raises:
        NotPossibleError: there is one with the same key, but something else was asked for.
    """
    of_the_key, _, _ = mark.rpartition(" ")
    for made in known.order.returns.nodes if known.order else []:
        for line in made.return_line_items.nodes:
            # All marks have one length.
            found = (line.customer_note or "")[-len(mark) :]
            if found == mark:
                return made
            if found.startswith(of_the_key):
                raise used_for_something_else()
    return None


def return_note(wanted: ReturnRequest, mark: str) -> str:
    """What the shop reads with the return, ``mark`` at its end.

    >>> return_note(ReturnRequest("A", 1, "exchange", "too small", "size 43"), "[1]")
    'Exchange for: size 43. Reason: too small [1]'
    """
    reason = _plain(wanted.reason) or "none given"
    what = f"Exchange for: {_plain(wanted.wanted) or 'not said'}. Reason: {reason}"
    text = what if wanted.kind == "exchange" else f"Refund. Reason: {reason}"
    return f"{text[: _LONGEST_NOTE - len(mark) - 1].rstrip()} {mark}"


def line_inputs(
    known: Returns, order: FoundOrder, wanted: ReturnRequest, note: str
) -> list[dict[str, str | int]]:
    """The pieces that go back, as Shopify wants them: by the parcel that they came in.

    Raises:
        NotPossibleError: there are not so many that could.
    """
    if not any(_is_it(line, wanted) for line in order.line_items.nodes):
        raise NotPossibleError("refused", "the article is not part of the order")
    lines, missing = [], wanted.quantity
    for line in _returnable(known, wanted):
        if taken := min(missing, line.quantity):
            lines.append(_line_input(line, taken, note))
            missing -= taken
    if missing:
        raise _too_few(known, order, wanted)
    return lines


def _line_input(line: ReturnableLine, quantity: int, note: str) -> dict[str, str | int]:
    return {
        "fulfillmentLineItemId": line.fulfillment_line_item.id,
        "quantity": quantity,
        # Shopify wants one of its own; the customer's stands in the note.
        "returnReason": "OTHER",
        "customerNote": note,
    }


def _returnable(known: Returns, wanted: ReturnRequest) -> list[ReturnableLine]:
    return [
        line
        for parcel in known.returnable_fulfillments.nodes
        for line in parcel.returnable_fulfillment_line_items.nodes
        if _is_it(line.fulfillment_line_item.line_item, wanted)
    ]


def _too_few(known: Returns, order: FoundOrder, wanted: ReturnRequest) -> NotPossibleError:
    if _on_its_way_back(known, wanted):
        return NotPossibleError("already", "a return of the article has been announced")
    if order_status(order) in ("received", "packing"):
        return NotPossibleError("refused", "the order has not been sent")
    return NotPossibleError("refused", "there are not so many pieces that could go back")


def _on_its_way_back(known: Returns, wanted: ReturnRequest) -> bool:
    return any(
        line.fulfillment_line_item and _is_it(line.fulfillment_line_item.line_item, wanted)
        for made in (known.order.returns.nodes if known.order else [])
        if made.status not in _ENDED
        for line in made.return_line_items.nodes
    )


def _is_it(line: Line, wanted: ReturnRequest) -> bool:
    return article(line).casefold() == wanted.sku.strip().casefold()


def _plain(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
