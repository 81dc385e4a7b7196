"""A conversation with the forms, as Rasa would lead it: slots, the active loop, follow-ups."""

from collections.abc import AsyncIterator, Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.answers import AnswerQuestion
from actions.forms.skills import make_forms
from actions.handoff import RequestHandoff
from actions.knowledge import Knowledge
from actions.phrasing import Phrases
from actions.repair import Calm, TakeBack, TakeDetail
from bot.components.language import message_language
from commerce.commerce import Commerce
from commerce.demo import ORDER_COLUMNS, DemoShop
from commerce.returns import ReturnPolicy

PRODUCTS = Path(__file__).resolve().parents[3] / "knowledge_base" / "content" / "products.csv"
TODAY = date(2026, 3, 2)
"""The day after the newest order below: the demo shop then leaves the dates as they stand."""

_ADA = "Ada Example,ada@example.com,3011 WN,NL"
_BOB = "Bob Other,bob@example.org,10437,DE"
# number, customer, email, postcode, country, status, placed, shipped, delivered, carrier, tracking,
# lines, shipping_eur, total_eur
ORDERS = (
    f"LK-100001,{_ADA},received,2026-03-01,,,,,LK-TENT-001:1,0.00,279.00",
    f"LK-100002,{_ADA},delivered,2026-02-01,2026-02-02,2026-02-04,Polderpost,PP1,"
    "LK-BOOT-001:1|LK-BOTL-001:2,0.00,219.00",
    f"LK-100003,{_BOB},shipped,2026-02-26,2026-02-27,,Rheinkurier,RK77,LK-PACK-002:1,4.95,164.95",
    f"LK-100004,{_BOB},packing,2026-03-01,,,,,LK-TENT-002:1,0.00,349.00",
    f"LK-100005,{_BOB},delivered,2025-06-01,2025-06-02,2025-06-05,Rheinkurier,RK5,"
    "LK-TENT-003:1,0.00,429.00",
    f"LK-100006,{_BOB},received,2026-03-01,,,,,LK-JACK-004:2,0.00,159.80",
    "LK-100011,Cem Single,cem@example.net,1010,AT,received,2026-03-01,,,,,LK-BOTL-001:1,0.00,37.90",
)

STARTS = {
    "track_order": "order_status_form",
    "return_item": "return_form",
    "cancel_order": "cancel_order_form",
    "change_address": "change_address_form",
    "find_product": "product_form",
    "check_stock": "product_form",
}
ACTIONS = {
    "complain": "action_calm",
    "abuse": "action_calm",
    "correct": "action_take_back",
    "inform": "action_take_detail",
    "request_human": "action_request_handoff",
}


class Chat:
    """One conversation; what Rasa would do with each message and with what an action returns."""

    def __init__(
        self,
        actions: dict[str, Action],
        *,
        page: str = "en",
        customer: dict[str, str] | None = None,
        name: str = "chat",
    ) -> None:
        self._actions = actions
        self._page, self._customer, self._name = page, customer, name
        self._events: list[dict[str, Any]] = []
        self._turn = 0
        self.slots: dict[str, Any] = {}
        self.form: str | None = None
        self.said: list[dict[str, Any]] = []

    async def say(
        self,
        text: str,
        intent: str = "inform",
        *,
        confidence: float = 0.95,
        key: str = "",
        entities: dict[str, str | tuple[str, str]] | None = None,
    ) -> dict[str, Any]:
        """Say ``text``, which Rasa takes for ``intent``; the last of the replies.

        Args:
            entities: what Rasa found in it; where it is written otherwise, with how it is:
                ``{"product": ("LK-TENT-002", "Hreon 3")}``.
        """
        self._turn += 1
        spoken = self.slots.get("language")
        self.slots["language"] = (
            self._page if text.startswith("/") else message_language(text, spoken, self._page)
        )
        if text.startswith("/"):
            intent, confidence = text[1:], 1.0
        message = {
            "text": text,
            "intent": {"name": intent, "confidence": confidence},
            "intent_ranking": [{"name": intent, "confidence": confidence}],
            "entities": [_entity(text, *found) for found in (entities or {}).items()],
            "metadata": {
                "language": self._page,
                "message_id": key or f"m{self._turn}",
                "customer": self._customer,
            },
        }
        self._events.append({"event": "user", "text": text, "parse_data": message})
        if self.form is None:
            self.slots["requested_slot"] = None
        name = f"validate_{self.form}" if self.form else self._first(intent)
        self.said = []
        for _ in range(3):
            follow = await self._run(name, message)
            if follow is None:
                return self.said[-1]
            name = self._start(follow)
        raise AssertionError("the actions follow each other without an end")

    @property
    def text(self) -> str:
        """All that was said in the last turn."""
        return "\n".join(reply["text"] for reply in self.said)

    @property
    def buttons(self) -> list[str]:
        """The payloads of the last reply's buttons."""
        return [button["payload"] for button in self.said[-1].get("quick_replies", ())]

    def _first(self, intent: str) -> str:
        if intent in STARTS:
            return self._start(STARTS[intent])
        if intent == "affirm" and self.slots.get("offered_human"):
            return "action_request_handoff"
        return ACTIONS.get(intent, "action_answer_question")

    def _start(self, name: str) -> str:
        if not name.endswith("_form"):
            return name
        self.form = name
        return f"validate_{name}"

    async def _run(self, name: str, message: dict[str, Any]) -> str | None:
        loop = {"name": self.form} if self.form else {}
        dispatcher = CollectingDispatcher()
        tracker = Tracker(
            self._name, dict(self.slots), message, self._events, False, None, loop, "action_listen"
        )
        events = await self._actions[name].run(dispatcher, tracker, {})
        self.said += [reply["custom"] for reply in dispatcher.messages]
        follow = None
        for event in events:
            if event["event"] == "slot":
                self.slots[event["name"]] = event["value"]
            elif event["event"] == "followup":
                follow = event["name"]
        if name.startswith("validate_") and self.slots.get("requested_slot") is None:
            self.form = None
        return follow


def _entity(text: str, name: str, found: str | tuple[str, str]) -> dict[str, Any]:
    value, written = (found, found) if isinstance(found, str) else found
    start = max(text.find(written), 0)
    return {"entity": name, "value": value, "start": start, "end": start + len(written)}


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The orders above, and of the demo's products the tents and what was ordered.

    All hundred of them would take longer to read than most conversations here to play.
    """
    folder = tmp_path_factory.mktemp("shop")
    products, orders = folder / "products.csv", folder / "orders.csv"
    ordered = " ".join(ORDERS)
    kept = [
        line
        for place, line in enumerate(PRODUCTS.read_text(encoding="utf-8").splitlines(True))
        if place == 0 or line.startswith("LK-TENT-") or line.partition(",")[0] in ordered
    ]
    products.write_text("".join(kept), encoding="utf-8")
    orders.write_text("\n".join([",".join(ORDER_COLUMNS), *ORDERS, ""]), encoding="utf-8")
    return products, orders


@pytest.fixture
async def shop(files: tuple[Path, Path]) -> AsyncIterator[DemoShop]:
    """A shop with seven orders of three customers, as fresh as if nobody had changed any."""
    made = DemoShop(*files, None, lambda: TODAY)
    yield made
    await made.close()


@pytest.fixture
def actions_of(knowledge: Knowledge, phrases: Phrases) -> Callable[[Commerce], dict[str, Action]]:
    """All actions over a shop, with the attempts counted across the chats that share them."""

    def make(shop: Commerce) -> dict[str, Action]:
        answers = AnswerQuestion(knowledge, phrases)
        forms = make_forms(shop, knowledge, phrases, ReturnPolicy(60), lambda: TODAY)
        others = (answers, RequestHandoff(), Calm(phrases), TakeBack(phrases), TakeDetail(answers))
        return {action.name(): action for action in (*forms, *others)}

    return make


@pytest.fixture
def actions(
    shop: DemoShop, actions_of: Callable[[Commerce], dict[str, Action]]
) -> dict[str, Action]:
    return actions_of(shop)


@pytest.fixture
def chat(actions: dict[str, Action]) -> Callable[..., Chat]:
    """Opens a conversation."""

    def make(**how: Any) -> Chat:
        return Chat(actions, **how)

    return make


@pytest.fixture(scope="session")
def phrases() -> Phrases:
    return Phrases()
