"""What a form has learnt so far, and what it may say next."""

from dataclasses import dataclass, field
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet

from actions.payloads import Card, HandoffReason, QuickReply
from commerce.commerce import Proof
from knowledge_base.passages import Language

NUMBER, PROOF, TRIES, DETAILS = "order_number", "order_proof", "proof_tries", "details"
"""The slots. The first three outlive a form: who has proved an order need not do it again for the
next thing he wants with it, and starting anew gives no new tries."""
WISH = "wish"
"""The slot that holds which product was looked for last, for "and cheaper ones?"."""
LAST_FORM = "last_form"
"""The slot that names the form that ended last."""
REQUESTED = "requested_slot"

_MISSES = "misses"


@dataclass(slots=True)
class Draft:
    """The state of a form; kept in Rasa's slots between the turns.

    Attributes:
        number: the order's, as it was typed; empty until it is known.
        proof: what the customer showed: "email:..." or "postcode:...". It is shown to the shop
            again with every question, so there is nothing like "proved" that could be forged.
        tries: how many proofs were wrong in this conversation.
        details: what the skill itself asked for.
        asked: what was asked last; None at the start.
        misses: how often in a row the answer to it was not understood.
        wish: which product was looked for last; it outlives the form.
    """

    number: str = ""
    proof: str = ""
    tries: int = 0
    details: dict[str, Any] = field(default_factory=dict)
    asked: str | None = None
    misses: int = 0
    wish: str = ""

    @classmethod
    def read(cls, tracker: Tracker, form: str) -> "Draft":
        """From Rasa's slots; what was asked by another form counts for nothing."""
        running = (tracker.active_loop or {}).get("name") == form
        details = dict(tracker.slots.get(DETAILS) or {}) if running else {}
        misses = int(details.pop(_MISSES, 0))
        asked = tracker.slots.get(REQUESTED) if running else None
        return cls(
            str(tracker.slots.get(NUMBER) or ""),
            str(tracker.slots.get(PROOF) or ""),
            int(tracker.slots.get(TRIES) or 0),
            details,
            str(asked) if asked else None,
            misses,
            str(tracker.slots.get(WISH) or ""),
        )

    def shown(self) -> Proof | None:
        """The proof that the customer typed, if any."""
        kind, _, value = self.proof.partition(":")
        if not value:
            return None
        return Proof(email=value) if kind == "email" else Proof(postcode=value)

    def events(self, asking: str | None) -> list[dict[str, Any]]:
        """The slots to set; ``asking`` nothing ends the form."""
        details = {**self.details, _MISSES: self.misses} if asking else None
        return [
            SlotSet(NUMBER, self.number or None),
            SlotSet(PROOF, self.proof or None),
            SlotSet(TRIES, float(self.tries)),
            SlotSet(DETAILS, details),
            SlotSet(REQUESTED, asking),
            SlotSet(WISH, self.wish or None),
        ]


@dataclass(frozen=True, slots=True)
class Say:
    """One message to the customer."""

    text: str
    language: Language
    buttons: tuple[QuickReply, ...] = ()
    cards: tuple[Card, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """The form goes on.

    Attributes:
        what: the name under which the answer will be read.
        again: the answer to the same question was of no use.
    """

    what: str
    say: Say
    again: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """The form ends.

    Attributes:
        offers: a person is offered, for this reason; None when none is.
    """

    say: Say
    offers: HandoffReason | None = None


@dataclass(frozen=True, slots=True)
class HandOver:
    """The form ends, and a person takes over."""

    say: Say
    reason: HandoffReason


Outcome = Ask | Done | HandOver
