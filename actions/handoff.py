"""Asking for a person."""

from dataclasses import asdict
from typing import Any, get_args

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answers import OFFER_REASON, OFFERED_HUMAN
from actions.payloads import HandoffPayload, HandoffReason
from actions.turn import Turn, read_turn
from knowledge_base.passages import Language

_TEXTS: dict[Language, dict[str, str]] = {
    "en": {
        "frustration": "I'm sorry this has been frustrating. I'm passing you to a colleague now; "
        "they will read this conversation, so you don't have to repeat yourself.",
        "other": "I'm passing you to a colleague now. They will read this conversation, so you "
        "don't have to repeat yourself; you can add anything that helps in the meantime.",
    },
    "zh": {
        "frustration": "非常抱歉给您带来了不好的体验。我这就为您转接人工客服，"
        "同事会先阅读我们的对话，您无需重复说明。",
        "other": "我这就为您转接人工客服。同事会先阅读我们的对话，您无需重复说明；"
        "等待期间，您也可以继续补充信息。",
    },
}


class RequestHandoff(Action):
    """Hands the conversation over, with the reason; the gateway sets it to waiting."""

    def name(self) -> str:
        return "action_request_handoff"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        turn = read_turn(tracker)
        reason = _reason(turn, tracker.slots.get(OFFER_REASON))
        texts = _TEXTS[turn.language]
        payload = HandoffPayload(texts.get(reason, texts["other"]), turn.language, reason)
        dispatcher.utter_message(json_message=asdict(payload))
        return [SlotSet(OFFERED_HUMAN, False), SlotSet(OFFER_REASON, None)]


def _reason(turn: Turn, offered: Any) -> HandoffReason:
    if turn.intent == "complain":
        return "frustration"
    if offered in get_args(HandoffReason):
        # The person was offered for it: by a "yes" or by the button, this is what it is about.
        return offered  # type: ignore[no-any-return]
    # A "yes" comes here only after the assistant had nothing to answer and offered a person.
    return "missing_knowledge" if turn.intent == "affirm" else "customer_request"
