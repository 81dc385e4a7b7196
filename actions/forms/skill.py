"""What a skill is to the form that runs it."""

from dataclasses import dataclass
from typing import Protocol

from actions.forms.draft import Ask, Done, Draft, HandOver, Outcome, Say
from actions.payloads import Card, HandoffReason, QuickReply
from actions.phrasing import Phrases
from actions.turn import Turn


@dataclass(frozen=True, slots=True)
class Voice:
    """Says the phrases in the language of one turn."""

    phrases: Phrases
    turn: Turn

    def say(
        self,
        phrase: str,
        *,
        buttons: tuple[QuickReply, ...] = (),
        cards: tuple[Card, ...] = (),
        **values: object,
    ) -> Say:
        """One message."""
        language = self.turn.language
        return Say(self.text(phrase, **values), language, buttons, cards)

    def text(self, phrase: str, **values: object) -> str:
        """Only the words."""
        return self.phrases.say(phrase, self.turn.language, **values)

    def button(self, phrase: str, payload: str = "") -> QuickReply:
        """A button; without a payload it says what it shows."""
        title = self.text(phrase)
        return QuickReply(title, payload or title)

    @property
    def person(self) -> QuickReply:
        """The button that asks for a person."""
        return self.button("button_person", "/request_human")

    @property
    def yes_no(self) -> tuple[QuickReply, QuickReply]:
        """The two answers to a yes-or-no question."""
        return self.button("button_yes", "/affirm"), self.button("button_no", "/deny")

    def ask(self, what: str, phrase: str, *, again: bool = False, **values: object) -> Ask:
        """Ask for ``what`` with a phrase; ``buttons`` may be among the values."""
        return Ask(what, self.say(phrase, **values), again)  # type: ignore[arg-type]

    def done(self, phrase: str, **values: object) -> Done:
        """End with a phrase."""
        return Done(self.say(phrase, **values))  # type: ignore[arg-type]

    def offer(self, phrase: str, reason: HandoffReason, **values: object) -> Done:
        """End with a phrase that offers a person, for ``reason``."""
        return Done(self.say(phrase, buttons=(self.person,), **values), reason)  # type: ignore[arg-type]

    def hand_over(self, phrase: str, reason: HandoffReason, **values: object) -> HandOver:
        """End, and call a person."""
        return HandOver(self.say(phrase, **values), reason)  # type: ignore[arg-type]


class Skill(Protocol):
    """One thing that the assistant does for a customer, a question at a time.

    It keeps nothing: all that it knows is in the draft.
    """

    @property
    def form(self) -> str:
        """The name of Rasa's form."""
        ...

    @property
    def intent(self) -> str:
        """The intent that starts it."""
        ...

    @property
    def free_text(self) -> frozenset[str]:
        """What is asked for in the customer's own words: nearly any message is an answer."""
        ...

    def begin(self, draft: Draft, turn: Turn) -> None:
        """Take from the customer's first message what it holds already."""
        ...

    def asked_about(self, draft: Draft, turn: Turn) -> bool:
        """Whether that message asks about the thing rather than for it: "can I still cancel?".

        What the knowledge base says about it may be all that is wanted.
        """
        ...

    def take(self, draft: Draft, turn: Turn) -> bool:
        """Take the answer to ``draft.asked`` from the message; False where it holds none."""
        ...

    def take_back(self, draft: Draft, turn: Turn) -> None:
        """Forget what was answered last: the customer says that it was wrong."""
        ...

    async def advance(self, draft: Draft, voice: Voice) -> Outcome:
        """What comes next. Whatever changes something at the shop happens here.

        Raises:
            CommerceError: the shop could not be asked; the form tells the customer.
        """
        ...
