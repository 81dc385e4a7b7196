"""When a conversation goes wrong: an upset customer, a mistake, a detail out of nowhere."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answers import OFFER_REASON, OFFERED_HUMAN, AnswerQuestion
from actions.forms.details import first_number
from actions.forms.draft import LAST_FORM, NUMBER, PROOF
from actions.forms.products import FindProduct, narrows_wish
from actions.forms.skill import Voice
from actions.payloads import MessagePayload
from actions.phrasing import Phrases
from actions.turn import read_turn

_ORDER_STATUS = "order_status_form"


class Calm(Action):
    """Meets anger and abuse: hears it, keeps its own voice, and offers a person."""

    def __init__(self, phrases: Phrases) -> None:
        self._phrases = phrases

    def name(self) -> str:
        return "action_calm"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        turn = read_turn(tracker)
        voice = Voice(self._phrases, turn)
        said = voice.say("abused" if turn.intent == "abuse" else "complained")
        payload = MessagePayload(said.text, said.language, (voice.person,))
        dispatcher.utter_message(json_message=asdict(payload))
        return [SlotSet(OFFERED_HUMAN, True), SlotSet(OFFER_REASON, "frustration")]


class TakeBack(Action):
    """ "No, the other order", once the form is over: it begins again, without the order."""

    def __init__(self, phrases: Phrases) -> None:
        self._phrases = phrases

    def name(self) -> str:
        return "action_take_back"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        if form := tracker.slots.get(LAST_FORM):
            return [SlotSet(NUMBER, None), SlotSet(PROOF, None), FollowupAction(str(form))]
        turn = read_turn(tracker)
        said = Voice(self._phrases, turn).say("nothing_to_take_back")
        dispatcher.utter_message(json_message=asdict(MessagePayload(said.text, said.language)))
        return []


class TakeDetail(Action):
    """An order number out of nowhere asks for that order, a price limit for cheaper products.

    Anything else is read as a question.

    Args:
        answers: what reads it then.
    """

    def __init__(self, answers: AnswerQuestion) -> None:
        self._answers = answers

    def name(self) -> str:
        return "action_take_detail"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        turn = read_turn(tracker)
        if narrows_wish(tracker, turn):
            return [FollowupAction(FindProduct.form)]
        if first_number(turn):
            last = str(tracker.slots.get(LAST_FORM) or _ORDER_STATUS)
            return [FollowupAction(_ORDER_STATUS if last == FindProduct.form else last)]
        found: Sequence[dict[str, Any]] = await self._answers.run(dispatcher, tracker, domain)
        return list(found)
