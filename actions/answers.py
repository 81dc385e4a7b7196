"""Answering a question from the shop's knowledge base."""

from time import perf_counter
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.knowledge import Knowledge
from actions.payloads import AnswerPayload, QuickReply
from actions.turn import read_turn
from knowledge_base.passages import Language

OFFERED_HUMAN = "offered_human"
"""The slot that tells a following "yes" that it means the person who was offered."""

_TALK_TO_A_PERSON: dict[Language, QuickReply] = {
    "en": QuickReply("Talk to a person", "/request_human"),
    "zh": QuickReply("转人工客服", "/request_human"),
}


class AnswerQuestion(Action):
    """Searches, answers with sources, or says that it does not know and offers a person."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge

    def name(self) -> str:
        return "action_answer_question"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        began = perf_counter()
        turn = read_turn(tracker)
        found = await self._knowledge.answer(turn.text, turn.language, turn.previous_question)
        answered = found.answer.answered
        payload = AnswerPayload(
            answer=found.answer,
            question=found.question,
            latency_ms=(perf_counter() - began) * 1000,
            quick_replies=() if answered else (_TALK_TO_A_PERSON[turn.language],),
        )
        dispatcher.utter_message(json_message=payload.as_json())
        return [SlotSet(OFFERED_HUMAN, not answered)]
