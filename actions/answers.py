"""Answering a question from the shop's knowledge base."""

from dataclasses import asdict, replace
from time import perf_counter
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.cards import ProductCards
from actions.forms.products import FindProduct, narrows_wish
from actions.knowledge import Knowledge
from actions.payloads import AnswerPayload, MessagePayload, QuickReply
from actions.phrasing import Phrases
from actions.turn import Turn, read_turn
from generator.answer import Answer
from knowledge_base.passages import Language

OFFERED_HUMAN = "offered_human"
"""The slot that tells a following "yes" that it means the person who was offered."""
OFFER_REASON = "offer_reason"
"""The slot that tells why the person was offered; none means that nothing was known."""

_TALK_TO_A_PERSON: dict[Language, QuickReply] = {
    "en": QuickReply("Talk to a person", "/request_human"),
    "zh": QuickReply("转人工客服", "/request_human"),
}


_OR_ONE_OF_THESE: dict[Language, str] = {
    "en": "Or is it one of these?",
    "zh": "或者，您想问的是下面的问题吗？",
}
_SUGGESTIONS = 3
UNCLEAR = "unclear"
"""The slot that tells that the message before this one was not understood."""
# What can be done for a customer: each has a button.
_WISHES = ("track_order", "return_item", "cancel_order", "change_address", "find_product")
_WORTH_ASKING = 0.1
# Lower, and half of the demo shop's questions that nothing answers would be met with suggestions;
# higher, and half of the right ones would go. In Chinese even what is far off shares characters.
_WORTH_SUGGESTING: dict[Language, float] = {"en": 0.15, "zh": 0.33}


class AnswerQuestion(Action):
    """Searches, answers with sources, or says that it does not know and offers a person.

    What it is not sure enough of to answer, it offers as buttons; for about half of the demo
    shop's questions that have an answer and do not get it, the right one is among them. Where the
    dialogue itself was not sure what the message was, it asks one clarifying question first; a
    second time in a row it offers a person.

    Args:
        phrases: the words of the clarifying question.
        cards: finds the products to show beside an answer; None to show none.
    """

    def __init__(
        self, knowledge: Knowledge, phrases: Phrases, cards: ProductCards | None = None
    ) -> None:
        self._knowledge = knowledge
        self._phrases = phrases
        self._cards = cards

    def name(self) -> str:
        return "action_answer_question"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        began = perf_counter()
        turn = read_turn(tracker)
        if turn.intent == "nlu_fallback" and narrows_wish(tracker, turn):
            return [FollowupAction(FindProduct.form)]
        found = await self._knowledge.answer(turn.text, turn.language, turn.previous_question)
        answered = found.answer.answered
        # A slot alone would remember it beyond the small talk, or the form, that came between.
        again = tracker.slots.get(UNCLEAR) and turn.previous_intent == "nlu_fallback"
        if turn.intent == "nlu_fallback" and not answered and not again:
            dispatcher.utter_message(json_message=asdict(self._clarify(turn, found.answer)))
            return [SlotSet(UNCLEAR, 1), SlotSet(OFFERED_HUMAN, False)]
        cards = await self._cards.of(found.question, found.answer) if self._cards else ()
        meant = () if answered else _suggestions(found.answer)
        payload = AnswerPayload(
            answer=_with_suggestions(found.answer) if meant else found.answer,
            question=found.question,
            latency_ms=(perf_counter() - began) * 1000,
            quick_replies=() if answered else (*meant, _TALK_TO_A_PERSON[turn.language]),
            cards=cards,
        )
        dispatcher.utter_message(json_message=payload.as_json())
        return [
            SlotSet(OFFERED_HUMAN, not answered),
            SlotSet(OFFER_REASON, None),
            SlotSet(UNCLEAR, None),
        ]

    def _clarify(self, turn: Turn, answer: Answer) -> MessagePayload:
        """One question with what it could be: the likeliest wishes, then the nearest questions."""
        wishes = [
            QuickReply(self._phrases.say(f"button_{intent}", turn.language), f"/{intent}")
            for intent, confidence in turn.ranking
            if intent in _WISHES and confidence >= _WORTH_ASKING
        ]
        buttons = (*wishes, *_suggestions(answer))[:_SUGGESTIONS]
        phrase = "clarify" if buttons else "clarify_none"
        return MessagePayload(self._phrases.say(phrase, turn.language), turn.language, buttons)


def _suggestions(answer: Answer) -> tuple[QuickReply, ...]:
    """The questions of the FAQ that are nearest, as buttons; none where nothing is near."""
    least = _WORTH_SUGGESTING[answer.language]
    near = [
        scored.passage.title
        for scored in answer.evidence
        if scored.passage.kind == "faq" and scored.score >= least
    ]
    return tuple(QuickReply(title, title) for title in near[:_SUGGESTIONS])


def _with_suggestions(answer: Answer) -> Answer:
    return replace(answer, text=f"{answer.text}\n\n{_OR_ONE_OF_THESE[answer.language]}")
