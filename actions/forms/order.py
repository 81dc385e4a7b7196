"""What all skills around an order begin with: which one it is, and whether the customer may know.

The order's number and a proof (the e-mail address that it was placed with, or the postcode that it
goes to) open it; the shop itself compares them. A customer who is signed in on the shop's site is
vouched for by the shop. An order that does not exist and one of somebody else are told in the same
words, after the same questions, so that nobody learns which it is.
"""

import re
from abc import ABC, abstractmethod

from actions.forms.attempts import Attempts
from actions.forms.details import email, first_number, order_numbers, postcode, same_order
from actions.forms.draft import Draft, Outcome
from actions.forms.moves import asks_for_rules, says_no, says_yes
from actions.forms.skill import Voice
from actions.payloads import QuickReply
from actions.phrasing import day, plain
from actions.turn import Turn
from commerce.commerce import Commerce, Order, Proof
from commerce.errors import NotPossibleError

MOST_TRIES = 3
"""Wrong proofs in a conversation, then a person takes over."""

_LAST, _EMAIL, _GIVEN = "last_number", "email_at_once", "given"
_ORDERS_SHOWN = 5
_ABOUT_ORDER = re.compile(r"\border\b|订单|单子|(另一|那|这)单", re.IGNORECASE)
_ANOTHER_ORDER = re.compile(
    r"\b(other|another|different|wrong) order\b|not (that|this) order|"
    r"另(外)?一(个订|笔订)?单|换(一)?个(别的)?订单|(别|其他)的订单|不是(这|那)个?(订)?单",
    re.IGNORECASE,
)


class OrderSkill(ABC):
    """Opens the order, then goes on to what the skill does with it.

    Args:
        shop: where orders are.
        attempts: the wrong proofs of all conversations; one for all skills.
    """

    form: str
    intent: str
    free_text: frozenset[str] = frozenset()

    def __init__(self, shop: Commerce, attempts: Attempts) -> None:
        self._shop = shop
        self._attempts = attempts

    def begin(self, draft: Draft, turn: Turn) -> None:
        """See ``Skill.begin``: the number, and the proof, if they were given at once."""
        address = email(turn)
        if (number := first_number(turn)) and not same_order(number, draft.number):
            # A proof belongs to one order. Shown for another, it would be a wrong one.
            self._change(draft, number)
        if address and draft.number:
            draft.proof = f"email:{address}"
        elif address:
            draft.details[_EMAIL] = address

    def asked_about(self, draft: Draft, turn: Turn) -> bool:
        """See ``Skill.asked_about``."""
        return asks_for_rules(turn, known=bool(draft.number or turn.customer))

    def take(self, draft: Draft, turn: Turn) -> bool:
        """See ``Skill.take``. Another order's number is taken whatever was asked."""
        if draft.asked == "number":
            return self._take_number(draft, turn)
        others = (n for n in order_numbers(turn) if not same_order(n, draft.number))
        if draft.asked not in self.free_text and (another := next(others, None)):
            self._change(draft, another)
            if address := email(turn):
                draft.proof = f"email:{address}"
            return True
        if draft.asked == "proof":
            return self._take_proof(draft, turn)
        if not self.take_detail(draft, turn):
            return False
        given = [name for name in draft.details.pop(_GIVEN, []) if name != draft.asked]
        draft.details[_GIVEN] = [*given, draft.asked]
        return True

    def take_back(self, draft: Draft, turn: Turn) -> None:
        """See ``Skill.take_back``: the last detail, or the order itself."""
        given = draft.details.get(_GIVEN) or []
        if _ABOUT_ORDER.search(turn.words) or not given:
            self._change(draft, "")
        else:
            self.forget(draft, given.pop())

    def forget(self, draft: Draft, answer: str) -> None:
        """Drop one answer, and whatever came with it."""
        draft.details.pop(answer, None)

    async def advance(self, draft: Draft, voice: Voice) -> Outcome:
        """See ``Skill.advance``."""
        if draft.tries >= MOST_TRIES:
            return voice.hand_over("too_many_tries", "policy")
        if not draft.number and (ask := await self._which(draft, voice)):
            return ask
        order = await self._open(draft, voice.turn)
        if order is None and not draft.proof:
            return voice.ask("proof", "ask_proof", number=plain(draft.number))
        if order is None:
            return self._wrong(draft, voice)
        draft.details.pop(_LAST, None)
        try:
            return await self.with_order(order, draft, voice)
        except NotPossibleError as error:
            if error.reason == "not_found":
                return self._wrong(draft, voice)
            return voice.offer(f"not_possible_{error.reason}", "unsupported_request")

    @abstractmethod
    def take_detail(self, draft: Draft, turn: Turn) -> bool:
        """As ``take``, for what this skill itself asks."""

    @abstractmethod
    async def with_order(self, order: Order, draft: Draft, voice: Voice) -> Outcome:
        """As ``advance``, once the order is open."""

    def proof(self, draft: Draft, turn: Turn) -> Proof:
        """What opened the order, to be shown to the shop again when something is to be changed."""
        shown = draft.shown()
        customer = turn.customer
        return Proof(
            email=(shown.email if shown else "") or (customer.email if customer else ""),
            postcode=shown.postcode if shown else "",
            customer_id=customer.id if customer else "",
        )

    def _take_number(self, draft: Draft, turn: Turn) -> bool:
        numbers, address, code = order_numbers(turn, asked=True), email(turn), postcode(turn)
        last = str(draft.details.get(_LAST) or "")
        # After a wrong pair only the proof may be given anew; "3011 WN" is no number.
        lettered = bool(last and code and not code.isdigit() and not order_numbers(turn))
        number = last if lettered else next(iter(numbers), last if address else "")
        if not number:
            return False
        address = address or draft.details.pop(_EMAIL, None)
        self._change(draft, number)
        if address:
            draft.proof = f"email:{address}"
        elif lettered:
            draft.proof = f"postcode:{code}"
        return True

    def _take_proof(self, draft: Draft, turn: Turn) -> bool:
        if address := email(turn):
            draft.proof = f"email:{address}"
        elif code := postcode(turn, draft.number):
            draft.proof = f"postcode:{code}"
        else:
            return False
        return True

    def _change(self, draft: Draft, number: str) -> None:
        if draft.number:
            draft.details.clear()
        # What was said before there was a number is about the one that comes.
        draft.number, draft.proof = number, ""

    async def _which(self, draft: Draft, voice: Voice) -> Outcome | None:
        """Ask which order it is, unless there is only one that it can be."""
        customer = voice.turn.customer
        orders = await self._shop.orders_of(customer, _ORDERS_SHOWN) if customer else []
        if len(orders) == 1 and draft.asked is None and voice.turn.intent != "correct":
            draft.number = orders[0].number
            return None
        if not orders:
            return voice.ask("number", "ask_number")
        buttons = tuple(_button(order, voice) for order in orders)
        return voice.ask("number", "ask_which_order", buttons=buttons)

    async def _open(self, draft: Draft, turn: Turn) -> Order | None:
        if (customer := turn.customer) is not None:
            account = Proof(email=customer.email, customer_id=customer.id)
            if order := await self._shop.find_order(draft.number, account):
                return order
        shown = draft.shown()
        if shown is None:
            return None
        # Asked in any case: how long it takes must not tell that the order is closed.
        order = await self._shop.find_order(draft.number, shown)
        return None if self._attempts.closed(draft.number) else order

    def _wrong(self, draft: Draft, voice: Voice) -> Outcome:
        self._attempts.wrong(draft.number)
        draft.tries += 1
        if draft.tries >= MOST_TRIES:
            return voice.hand_over("too_many_tries", "policy")
        last = draft.number
        self._change(draft, "")
        draft.details[_LAST] = last
        return voice.ask("number", "wrong_proof")


def _button(order: Order, voice: Voice) -> QuickReply:
    return QuickReply(f"{order.number} · {day(order.placed, voice.turn.language)}", order.number)


def take_yes_no(draft: Draft, turn: Turn) -> bool:
    """Take a yes or a no as the answer to ``draft.asked``; "no, the other order" is neither."""
    if asks_for_another(turn):
        return False
    if says_yes(turn) or says_no(turn):
        draft.details[str(draft.asked)] = says_yes(turn)
        return True
    return False


def asks_for_another(turn: Turn) -> bool:
    """Whether another order is meant than the one that stands."""
    return bool(_ANOTHER_ORDER.search(turn.words))


def list_lines(order: Order, voice: Voice) -> str:
    """The order's articles as a list, one a line."""
    language = voice.turn.language
    return "\n".join(
        f"- {line.quantity} × {plain(line.name.in_language(language))}" for line in order.lines
    )
