"""Cancel an order, after showing which one and asking."""

from actions.forms.draft import Draft, Outcome
from actions.forms.order import OrderSkill, list_lines, take_yes_no
from actions.forms.skill import Voice
from actions.phrasing import day, plain
from actions.turn import Turn
from commerce.commerce import Order


class CancelOrder(OrderSkill):
    """Cancels an order that is not being packed yet."""

    form = "cancel_order_form"
    intent = "cancel_order"

    def take_detail(self, draft: Draft, turn: Turn) -> bool:
        if draft.asked == "confirm" and turn.intent == self.intent:
            # "Yes, cancel it" is the intent once more.
            draft.details["confirm"] = True
            return True
        return take_yes_no(draft, turn)

    async def with_order(self, order: Order, draft: Draft, voice: Voice) -> Outcome:
        number = plain(order.number)
        if order.status == "cancelled":
            return voice.done("already_cancelled", number=number)
        if order.status != "received":
            draft.details.clear()
            ways = (voice.button("button_return_item", "/return_item"), voice.person)
            reply = voice.done(f"too_late_to_cancel_{order.status}", number=number, buttons=ways)
            return reply
        confirmed = draft.details.get("confirm")
        if confirmed is None:
            return voice.ask(
                "confirm",
                "confirm_cancel",
                number=number,
                placed=day(order.placed, voice.turn.language),
                total=str(order.total),
                lines=list_lines(order, voice),
                buttons=voice.yes_no,
            )
        if not confirmed:
            return voice.done("left_as_it_is", number=number)
        await self._shop.cancel_order(
            order.number, self.proof(draft, voice.turn), key=voice.turn.key
        )
        return voice.done("cancelled", number=number, total=str(order.total))
