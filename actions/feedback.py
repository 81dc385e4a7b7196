"""Feedback in words: "that helped", "没用"."""

from dataclasses import asdict
from typing import Any, Literal

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answers import OFFERED_HUMAN
from actions.payloads import FeedbackPayload
from actions.turn import read_turn
from knowledge_base.passages import Language

_TEXTS: dict[Language, dict[int, str]] = {
    "en": {
        1: "Thank you, I'm glad that helped.",
        -1: "Thank you for telling me, and sorry that wasn't what you needed. Try asking in other "
        "words, or shall I get a colleague?",
    },
    "zh": {
        1: "谢谢您的反馈，很高兴能帮到您。",
        -1: "谢谢您告诉我，抱歉没有帮上忙。您可以换个说法再问一次，或者需要我为您转接人工客服吗？",
    },
}


class LogFeedback(Action):
    """Passes the customer's verdict on to the gateway, which stores it beside the last answer."""

    def name(self) -> str:
        return "action_log_feedback"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        turn = read_turn(tracker)
        value: Literal[1, -1] = -1 if turn.intent == "rate_bad" else 1
        payload = FeedbackPayload(_TEXTS[turn.language][value], turn.language, value)
        dispatcher.utter_message(json_message=asdict(payload))
        return [SlotSet(OFFERED_HUMAN, value == -1)]
