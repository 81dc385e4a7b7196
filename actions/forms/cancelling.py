"""Cancel an order, after showing which one and asking."""

import re

from actions.forms.draft import Draft, Outcome
from actions.forms.moves import SURE, asks
from actions.forms.order import OrderSkill, asks_for_another, list_lines, take_yes_no
from actions.forms.skill import Voice
from actions.phrasing import day, plain
from actions.turn import Turn
from commerce.commerce import Order

# "Yes, cancel it" is the intent once more; so may be "don't cancel it", "cancel only the tent".
_NOT_SIMPLY = re.compile(
    r"\b(no|not|never|wait|keep|leave|but|before|first|if|only|just|part|one of)\b|n['’]?t\b|"
    r"不|别|先|等|但|只|部分|如果",
    re.IGNORECASE,
)
_KEEP = re.compile(
    r"(\b(not|never|dont)|n['’]t) cancel\b|\bkeep (it|(the|my|that) order)\b|"
    r"(不|别)(用|要|想|需要)?(再)?取消|保留",
    re.IGNORECASE,
)
_PART = re.compile(r"\b(only|just|part|one of|but|if)\b|只|部分|但|如果", re.IGNORECASE)
# Alone, it may mean to stop here.
_BARE = re.compile(
    r"\W*(please )?cancel( (this|that))?( please)?\W*|\W*取消(吧)?\W*", re.IGNORECASE
)
# What can be done instead. A button that ends in a refusal is none.
_INSTEAD = {"shipped": ("return_item",), "delivered": ("return_item",)}


class CancelOrder(OrderSkill):
    """Cancels an order that is not being packed yet."""

    form = "cancel_order_form"
    intent = "cancel_order"

    def take_detail(self, draft: Draft, turn: Turn) -> bool:
        if draft.asked == "confirm" and _confirms(turn, self.intent):
            draft.details["confirm"] = True
            return True
        if draft.asked == "confirm" and _keeps(turn):
            draft.details["confirm"] = False
            return True
        return take_yes_no(draft, turn)

    async def with_order(self, order: Order, draft: Draft, voice: Voice) -> Outcome:
        number = plain(order.number)
        if order.status == "cancelled":
            return voice.done("already_cancelled", number=number)
        if order.status != "received":
            draft.details.clear()
            ways = tuple(
                voice.button(f"button_{way}", f"/{way}") for way in _INSTEAD.get(order.status, ())
            )
            return voice.done(
                f"too_late_to_cancel_{order.status}", number=number, buttons=(*ways, voice.person)
            )
        confirmed = draft.details.get("confirm")
        if confirmed is None:
            return voice.ask(
                "confirm",
                "confirm_cancel",
                number=number,
                placed=day(order.placed, voice.turn.language),
                total=str(order.total),
                lines=list_lines(order, voice),
                buttons=(
                    voice.button("button_cancel_it", "/affirm"),
                    voice.button("button_keep_it", "/deny"),
                ),
            )
        if not confirmed:
            return voice.done("left_as_it_is", number=number)
        await self._shop.cancel_order(
            order.number, self.proof(draft, voice.turn), key=voice.turn.key
        )
        return voice.done("cancelled", number=number, total=str(order.total))


def _keeps(turn: Turn) -> bool:
    words = turn.words
    return bool(_KEEP.search(words)) and not (_PART.search(words) or asks(turn))


def _confirms(turn: Turn, intent: str) -> bool:
    words = turn.words.strip()
    if turn.intent != intent or turn.confidence < SURE or not words or asks(turn):
        return False
    if _BARE.fullmatch(words) or asks_for_another(turn):
        return False
    return not _NOT_SIMPLY.search(words)
