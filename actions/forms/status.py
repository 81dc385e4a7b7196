"""Where is my order."""

import re

from actions.forms.draft import Draft, Outcome
from actions.forms.moves import asks
from actions.forms.order import OrderSkill, list_lines
from actions.forms.skill import Voice
from actions.payloads import QuickReply
from actions.phrasing import day, plain
from actions.turn import Turn
from commerce.commerce import Order

# What can be done with an order in each status. Buttons that end in a refusal are left out.
_NEXT = {
    "received": ("cancel_order", "change_address"),
    "packing": (),
    "shipped": (),
    "delivered": ("return_item",),
    "cancelled": (),
    "returned": (),
}


# "If I order tonight, when is it here?" is about no order that there is.
_NOT_YET_ORDERED = re.compile(
    r"\b(if|when|once|before|should) (I|we) (were to )?(order|buy|get|place)\b|"
    r"(如果|要是|假如|若).{0,8}(下单|买|订购|拍)|(今天|今晚|现在|明天|这会儿)(下单|买|订|拍)",
    re.IGNORECASE,
)


class OrderStatus(OrderSkill):
    """Tells the status, the dates and the tracking of one order."""

    form = "order_status_form"
    intent = "track_order"

    def asked_about(self, draft: Draft, turn: Turn) -> bool:
        """Only what is no order yet: where *my* parcel is, no knowledge base can say."""
        return not draft.number and asks(turn) and bool(_NOT_YET_ORDERED.search(turn.words))

    def take_detail(self, draft: Draft, turn: Turn) -> bool:
        return False

    async def with_order(self, order: Order, draft: Draft, voice: Voice) -> Outcome:
        language = voice.turn.language
        dates = {
            "placed": order.placed,
            "shipped": order.shipped or order.placed,
            "delivered": order.delivered or order.shipped or order.placed,
        }
        state: str = order.status
        if state == "delivered" and not order.delivered:
            state = "delivered_undated"
        lines = [
            voice.text(
                f"status_{state}",
                number=plain(order.number),
                **{name: day(value, language) for name, value in dates.items()},
            )
        ]
        if order.tracking and order.status in ("shipped", "delivered"):
            lines.append(_tracking(order, voice))
        lines.append(voice.text("order_lines", lines=list_lines(order, voice)))
        buttons: tuple[QuickReply, ...] = tuple(
            voice.button(f"button_{intent}", f"/{intent}") for intent in _NEXT[order.status]
        )
        text = "\n\n".join(lines)
        return voice.done("verbatim", text=text, buttons=buttons)


def _tracking(order: Order, voice: Voice) -> str:
    tracking = plain(str(order.tracking))
    url = order.tracking_url or ""
    # A link with signs that mean something in Markdown would end elsewhere: then only the number.
    if url.startswith("https://") and not set(url) & set("()<>[] \\"):
        tracking = f"[{tracking}]({url})"
    return voice.text("tracking", carrier=plain(order.carrier or "?"), tracking=tracking)
