"""Send something back, or exchange it: what, how many, why, and whether the policy allows it."""

import re
from collections.abc import Callable
from datetime import date

from rapidfuzz import fuzz

from actions.forms.attempts import Attempts
from actions.forms.details import count
from actions.forms.draft import Draft, Outcome
from actions.forms.moves import asks, says_no, says_yes
from actions.forms.order import OrderSkill, take_yes_no
from actions.forms.skill import Voice
from actions.payloads import QuickReply
from actions.phrasing import day, plain
from actions.turn import Turn
from commerce.commerce import Commerce, Order, OrderLine, ReturnKind, ReturnRequest
from commerce.errors import NotSupportedError
from commerce.returns import ReturnPolicy, eligibility

_EXCHANGE = re.compile(r"\b(exchange|swap|another|replace(ment)?|different (size|one))\b|换", re.I)
_REFUND = re.compile(r"\b(refund|money|return|send (it|them|this) back)\b|退", re.I)
_NO_EXCHANGE = re.compile(r"\b(no|not|don['’]?t want( an?| to)?) exchange\b|不(想|要|用)?换", re.I)
_MONEY_BACK = re.compile(r"\b(refund|money back)\b|退款|退钱", re.I)
_ALL = re.compile(r"\b(all|every(thing)?)\b|全部?|所有|都退|都换", re.I)
_ORDINALS = ("first|第一", "second|第二", "third|第三", "fourth|第四", "fifth|第五")
_ALIKE = 75
_LONGEST_REASON = 500
_EACH = -1
"""As a quantity: all that were bought, however many that is."""


class ReturnItem(OrderSkill):
    """Announces a return or an exchange to the shop.

    Args:
        policy: what the shop promises.
        today: the day on which it is asked.
    """

    form = "return_form"
    intent = "return_item"
    free_text = frozenset({"line", "reason", "wanted"})

    def __init__(
        self,
        shop: Commerce,
        attempts: Attempts,
        policy: ReturnPolicy,
        today: Callable[[], date] = date.today,
    ) -> None:
        super().__init__(shop, attempts)
        self._policy = policy
        self._today = today

    def begin(self, draft: Draft, turn: Turn) -> None:
        super().begin(draft, turn)
        # "The boots are too small": which of the order's articles is meant is seen once it is open.
        if turn.words and turn.intent == self.intent:
            draft.details["mentioned"] = turn.words[:_LONGEST_REASON]
            if _EXCHANGE.search(turn.words):
                draft.details["kind"] = "exchange"
            elif _MONEY_BACK.search(turn.words):
                draft.details["kind"] = "refund"

    def take_detail(self, draft: Draft, turn: Turn) -> bool:
        words = turn.words.strip()[:_LONGEST_REASON]
        # "How long does the refund take?" names no kind, and "within 14 days?" no quantity.
        is_question = asks(turn) and turn.intent.startswith("ask_")
        match draft.asked:
            case "line" if words:
                draft.details["named"] = words
                return True
            case "quantity" if not is_question and (number := _quantity(turn)) is not None:
                draft.details["quantity"] = number
                return True
            case "kind" if not is_question:
                return _take_kind(draft, turn)
            case "reason" if len(words) > 1 and not says_yes(turn):
                draft.details["reason"] = words
                return True
            case "wanted" if words and not (says_yes(turn) or says_no(turn)):
                draft.details["wanted"] = words
                return True
            case "confirm":
                return take_yes_no(draft, turn)
        return False

    def forget(self, draft: Draft, answer: str) -> None:
        super().forget(draft, answer)
        if answer == "line":
            for came_with_it in ("named", "mentioned", "sku", "quantity"):
                draft.details.pop(came_with_it, None)

    async def with_order(self, order: Order, draft: Draft, voice: Voice) -> Outcome:
        details = draft.details
        if not order.lines:
            raise NotSupportedError(f"order {order.number} has no articles that could go back")
        line = _line(order, details, voice)
        if line is None:
            again = details.pop("named", None) is not None
            names = [entry.name.in_language(voice.turn.language) for entry in order.lines]
            buttons = tuple(QuickReply(name[:60], name) for name in names[:8])
            return voice.ask(
                "line", "ask_line", again=again, number=plain(order.number), buttons=buttons
            )
        details["sku"] = line.sku
        name = plain(line.name.in_language(voice.turn.language))
        if refused := self._refused(order, line, name, voice):
            details.clear()
            return refused
        if line.quantity == 1 or details.get("quantity") == _EACH:
            details["quantity"] = line.quantity
        if not 1 <= int(details.get("quantity", 0)) <= line.quantity:
            again = details.pop("quantity", None) is not None
            numbers = tuple(QuickReply(str(n), str(n)) for n in range(1, min(line.quantity, 5) + 1))
            return voice.ask(
                "quantity",
                "ask_quantity",
                again=again,
                most=line.quantity,
                name=name,
                buttons=numbers,
            )
        if "kind" not in details:
            ways = (voice.button("button_refund"), voice.button("button_exchange"))
            return voice.ask("kind", "ask_kind", name=name, buttons=ways)
        if details["kind"] == "exchange" and "wanted" not in details:
            return voice.ask("wanted", "ask_wanted", name=name)
        if "reason" not in details:
            reasons = ("reason_small", "reason_large", "reason_faulty", "reason_unwanted")
            return voice.ask(
                "reason", "ask_reason", buttons=tuple(voice.button(reason) for reason in reasons)
            )
        return await self._confirmed(order, line, name, draft, voice)

    async def _confirmed(
        self, order: Order, line: OrderLine, name: str, draft: Draft, voice: Voice
    ) -> Outcome:
        details, number = draft.details, plain(order.number)
        kind: ReturnKind = details["kind"]
        wanted = str(details.get("wanted") or "")
        if "confirm" not in details:
            return voice.ask(
                "confirm",
                f"confirm_{kind}",
                number=number,
                quantity=details["quantity"],
                name=name,
                reason=plain(details["reason"]),
                wanted=plain(wanted),
                buttons=voice.yes_no,
            )
        if not details["confirm"]:
            return voice.done("return_dropped", number=number)
        request = ReturnRequest(line.sku, int(details["quantity"]), kind, details["reason"], wanted)
        made = await self._shop.request_return(
            order.number, self.proof(draft, voice.turn), request, key=voice.turn.key
        )
        # Asked in full: "it" may be anything to who has not read along.
        how = voice.button("button_how_to_send", voice.text("question_how_to_send"))
        phrase = "return_approved" if made.approved else "return_noted"
        return voice.done(phrase, returned=plain(made.number), name=name, buttons=(how,))

    def _refused(self, order: Order, line: OrderLine, name: str, voice: Voice) -> Outcome | None:
        found = eligibility(order, line, self._today(), self._policy)
        if found.allowed:
            return None
        until = day(found.until, voice.turn.language) if found.until else ""
        return voice.offer(
            f"no_return_{found.verdict}",
            "policy",
            number=plain(order.number),
            name=name,
            until=until,
            days=self._policy.days,
        )


def _quantity(turn: Turn) -> int | None:
    number = count(turn)
    return _EACH if number is None and _ALL.search(turn.words) else number


def _take_kind(draft: Draft, turn: Turn) -> bool:
    words = turn.words
    if _NO_EXCHANGE.search(words):
        draft.details["kind"] = "refund"
    elif _EXCHANGE.search(words):
        draft.details["kind"] = "exchange"
    elif _REFUND.search(words):
        draft.details["kind"] = "refund"
    else:
        return False
    return True


def _line(order: Order, details: dict[str, object], voice: Voice) -> OrderLine | None:
    """The one article that is meant, if that can be told."""
    if sku := details.get("sku"):
        return next((line for line in order.lines if line.sku == sku), None)
    if len(order.lines) == 1:
        return order.lines[0]
    named = str(details.get("named") or "")
    for place, words in enumerate(_ORDINALS[: len(order.lines)]):
        if re.search(rf"\b({words})\b" if named.isascii() else words, named, re.IGNORECASE):
            return order.lines[place]
    for said in (details.get("named"), details.get("mentioned")):
        scored = sorted(
            ((_likeness(str(said), line), place) for place, line in enumerate(order.lines)),
            reverse=True,
        )
        best, second = scored[0], scored[1]
        if said and best[0] >= _ALIKE and best[0] > second[0]:
            return order.lines[best[1]]
    return None


def _likeness(said: str, line: OrderLine) -> float:
    said = said.casefold()
    names = (line.name.en.casefold(), line.name.zh.casefold(), line.sku.casefold())
    whole = max(fuzz.partial_ratio(name, said) for name in names)
    # "The boots": one telling word of the name is enough, where no other article has it.
    # Chinese has no spaces: "毛巾" is to be found in "速干毛巾".
    words = [
        *re.findall(r"[a-z]{4,}", names[0]),
        *re.findall(r"(?=([\u4e00-\u9fff]{2}))", names[1]),
    ]
    single = max((fuzz.partial_ratio(word, said) for word in words), default=0.0)
    return max(float(whole), single * 0.95)
