"""Rasa's forms, steered: cancelled, corrected, interrupted by a question and resumed after it.

Rasa runs a form as a loop: while one is active each message goes to its validation action, and
that is this. It decides what the message is (an answer, a question in between, a change of mind),
lets the skill take it, and says what comes next. Rasa's ``requested_slot`` holds what was asked;
none ends it.
"""

import logging
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answers import OFFER_REASON, OFFERED_HUMAN
from actions.cards import ProductCards
from actions.forms.draft import LAST_FORM, Ask, Done, Draft, HandOver, Outcome, Say
from actions.forms.moves import read_move
from actions.forms.skill import Skill, Voice
from actions.knowledge import Answered, Knowledge
from actions.payloads import AnswerPayload, HandoffPayload, MessagePayload, QuickReply
from actions.phrasing import Phrases
from actions.turn import Turn, read_turn
from commerce.errors import CommerceError, NotSupportedError, OutcomeUnknownError

_log = logging.getLogger(__name__)

_MOST_MISSES = 2


class SkillForm(Action):
    """Runs one skill as a Rasa form.

    Args:
        skill: what is done.
        others: every skill's intent and form, to change over to.
        knowledge: answers the questions in between.
        cards: finds the products to show beside these answers.
    """

    def __init__(
        self,
        skill: Skill,
        others: Sequence[Skill],
        knowledge: Knowledge,
        cards: ProductCards,
        phrases: Phrases,
    ) -> None:
        self._skill = skill
        self._forms = {other.intent: other.form for other in others if other.form != skill.form}
        self._knowledge = knowledge
        self._cards = cards
        self._phrases = phrases

    def name(self) -> str:
        return f"validate_{self._skill.form}"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        turn = read_turn(tracker)
        draft = Draft.read(tracker, self._skill.form)
        turning = _Turning(dispatcher, turn, draft, Voice(self._phrases, turn))
        if draft.asked is None:
            return await self._begin(turning)
        return await self._go_on(turning)

    async def _begin(self, it: "_Turning") -> list[dict[str, Any]]:
        self._skill.begin(it.draft, it.turn)
        if self._skill.asked_about(it.draft, it.turn):
            found = await self._knowledge.answer(
                it.turn.text, it.turn.language, it.turn.previous_question
            )
            if found.answer.answered:
                # What was not meant as a question, the button does.
                start = it.voice.button(f"button_{self._skill.intent}", f"/{self._skill.intent}")
                await self._answer(it, found, (start,))
                # A number that comes next is for this skill.
                last = SlotSet(LAST_FORM, self._skill.form)
                return [*it.draft.events(None), last, SlotSet(OFFERED_HUMAN, False)]
        return await self._advance(it)

    async def _go_on(self, it: "_Turning") -> list[dict[str, Any]]:
        skill, draft, turn = self._skill, it.draft, it.turn
        asked = str(draft.asked)
        free_text = asked in skill.free_text
        move = read_move(
            turn,
            own=skill.intent,
            others=frozenset(self._forms),
            asked=asked,
            free_text=free_text,
        )
        if move == "stop":
            return self._finish(it, it.voice.done("stopped"))
        if move == "person":
            return self._finish(it, it.voice.hand_over("handing_over", "customer_request"))
        if move == "upset":
            return self._finish(it, it.voice.offer("upset", "frustration"))
        if move == "other_skill" and (free_text or not skill.take(draft, turn)):
            return [*draft.events(None), FollowupAction(self._forms[turn.intent])]
        if move in ("question", "aside") and not self._is_answer(it):
            return await self._interrupted(it, move)
        if not (free_text and move == "take_back") and skill.take(draft, turn):
            return await self._advance(it, answered=True)
        if move == "take_back":
            skill.take_back(draft, turn)
            draft.misses = 0
            return await self._advance(it, "taken_back")
        return await self._advance(it, *self._missed(it))

    def _missed(self, it: "_Turning") -> tuple[str, tuple[QuickReply, ...]]:
        """Count a message without an answer: what to say before asking again, and the buttons."""
        it.draft.misses += 1
        if it.draft.misses >= _MOST_MISSES:
            return "not_understood_again", (it.voice.person,)
        return "not_understood", ()

    def _is_answer(self, it: "_Turning") -> bool:
        """Whether what looks like a question or an aside answers what was asked all the same.

        Free text is no proof of that: "can I send it back without the box?" is no reason.
        """
        return str(it.draft.asked) not in self._skill.free_text and self._skill.take(
            it.draft, it.turn
        )

    async def _interrupted(self, it: "_Turning", move: str) -> list[dict[str, Any]]:
        """Answer what came between, and ask again."""
        if move == "aside":
            phrase = it.turn.intent if it.turn.intent in _ANSWERED_ASIDES else "aside"
            it.say(it.voice.say(f"aside_{phrase}" if phrase != "aside" else phrase))
            return await self._advance(it)
        found = await self._knowledge.answer(
            it.turn.text, it.turn.language, it.turn.previous_question
        )
        ways: tuple[QuickReply, ...] = ()
        if not found.answer.answered:
            # Its own words offer a person: the "yes" to that would be taken for one to the form.
            text = it.voice.text("unknown_in_between")
            found = replace(found, answer=replace(found.answer, text=text))
            ways = (it.voice.person,)
        await self._answer(it, found, ways)
        return await self._advance(it, "resume")

    async def _answer(self, it: "_Turning", found: Answered, ways: tuple[QuickReply, ...]) -> None:
        answer = found.answer
        cards = await self._cards.of(found.question, answer) if answer.answered else ()
        # A product is the way on itself.
        payload = AnswerPayload(
            answer, found.question, answer.latency_ms, () if cards else ways, cards
        )
        it.dispatcher.utter_message(json_message=payload.as_json())

    async def _advance(
        self,
        it: "_Turning",
        lead: str = "",
        buttons: tuple[QuickReply, ...] = (),
        *,
        answered: bool = False,
    ) -> list[dict[str, Any]]:
        try:
            outcome = await self._skill.advance(it.draft, it.voice)
            if answered and isinstance(outcome, Ask) and outcome.again:
                lead, buttons = self._missed(it)
            elif answered:
                it.draft.misses = 0
        except OutcomeUnknownError as error:
            _log.warning("%s: outcome unknown: %s", self._skill.form, error)
            outcome = it.voice.hand_over("outcome_unknown", "tool_failure")
        except NotSupportedError as error:
            _log.info("%s: not supported: %s", self._skill.form, error)
            outcome = it.voice.hand_over("not_supported", "unsupported_request")
        except CommerceError as error:
            _log.warning("%s: %s: %s", self._skill.form, type(error).__name__, error)
            outcome = it.voice.offer("shop_unavailable", "tool_failure")
        return self._finish(it, outcome, lead, buttons)

    def _finish(
        self,
        it: "_Turning",
        outcome: Outcome,
        lead: str = "",
        buttons: tuple[QuickReply, ...] = (),
    ) -> list[dict[str, Any]]:
        say = outcome.say
        if lead and isinstance(outcome, Ask):
            say = Say(f"{it.voice.text(lead)} {say.text}", say.language, say.buttons, say.cards)
        last = SlotSet(LAST_FORM, self._skill.form)
        if isinstance(outcome, HandOver):
            it.dispatcher.utter_message(
                json_message=asdict(HandoffPayload(say.text, say.language, outcome.reason))
            )
            return [*it.draft.events(None), last, *_offers(None)]
        it.say(Say(say.text, say.language, (*say.buttons, *buttons), say.cards))
        if isinstance(outcome, Done):
            return [*it.draft.events(None), last, *_offers(outcome.offers)]
        return [*it.draft.events(outcome.what), *_offers(None)]


class _Turning:
    """One turn of a form: what came in, what is known, and the way out."""

    def __init__(
        self, dispatcher: CollectingDispatcher, turn: Turn, draft: Draft, voice: Voice
    ) -> None:
        self.dispatcher, self.turn, self.draft, self.voice = dispatcher, turn, draft, voice

    def say(self, say: Say) -> None:
        payload = MessagePayload(say.text, say.language, say.buttons, say.cards)
        self.dispatcher.utter_message(json_message=asdict(payload))


def _offers(reason: str | None) -> list[dict[str, Any]]:
    return [SlotSet(OFFERED_HUMAN, reason is not None), SlotSet(OFFER_REASON, reason)]


_ANSWERED_ASIDES = frozenset({"thank", "bot_challenge", "ask_capabilities", "greet"})
