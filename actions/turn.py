"""The customer's turn as an action sees it: the words, what Rasa made of them, who it is."""

from dataclasses import dataclass
from typing import Any

from commerce.commerce import Customer
from knowledge_base.language import detect_language
from knowledge_base.passages import LANGUAGES, Language

_QUESTION_INTENTS = ("ask_", "nlu_fallback", "find_product", "check_stock")


@dataclass(frozen=True, slots=True)
class Entity:
    """Something that Rasa found in a message.

    Attributes:
        name: what it is, as the domain calls it.
        value: what it means: a product's SKU, a day as ISO date.
        text: how it was written.
    """

    name: str
    value: str
    text: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the customer's.

    Attributes:
        text: what was written; a pressed button's command begins with "/".
        intent: what Rasa took it for; empty where it did not say.
        language: the language of ``text``; where it has no letters, the conversation's.
        previous_question: the question before this one, or None.
        previous_intent: what the message before this one was taken for; empty for the first.
        confidence: how sure Rasa is of the intent, 0 to 1.
        entities: what Rasa found in the text, in its order.
        ranking: the likeliest intents with their confidence, the likeliest first.
        customer: who it is, if the shop vouches for it.
        key: names this message among all conversations; the same when it is asked again.
    """

    text: str
    intent: str
    language: Language
    previous_question: str | None
    confidence: float = 1.0
    entities: tuple[Entity, ...] = ()
    ranking: tuple[tuple[str, float], ...] = ()
    customer: Customer | None = None
    key: str = ""
    previous_intent: str = ""

    @property
    def is_command(self) -> bool:
        """Whether a button was pressed that means an intent outright."""
        return self.text.startswith("/")

    @property
    def words(self) -> str:
        """The text as the customer's own words: none for a pressed button."""
        return "" if self.is_command else self.text

    def found(self, name: str) -> tuple[Entity, ...]:
        """The entities of this name in the customer's own words."""
        return () if self.is_command else tuple(e for e in self.entities if e.name == name)


def read_turn(tracker: Any) -> Turn:
    """Take the turn from rasa-sdk's ``Tracker``."""
    message = tracker.latest_message or {}
    text = str(message.get("text") or "")
    metadata = message.get("metadata") or {}
    intent = message.get("intent") or {}
    return Turn(
        text=text,
        intent=str(intent.get("name") or ""),
        language=_language(text, tracker.slots.get("language"), metadata.get("language")),
        previous_question=_previous_question(tracker.events),
        confidence=float(intent.get("confidence") or 0.0),
        entities=_entities(message, text),
        ranking=tuple(
            (str(one.get("name")), float(one.get("confidence") or 0.0))
            for one in message.get("intent_ranking") or ()
        ),
        customer=_customer(metadata.get("customer")),
        previous_intent=_previous_intent(tracker.events),
        key=f"{tracker.sender_id}:{metadata.get('message_id') or message.get('message_id') or ''}",
    )


def _language(text: str, spoken: Any, page: Any) -> Language:
    """Rasa has told it already, from the conversation; on the way in it may not have."""
    if spoken in LANGUAGES:
        return spoken  # type: ignore[no-any-return]
    default: Language = page if page in LANGUAGES else "en"
    # A pressed button's payload ("/request_human") is no language.
    return default if text.startswith("/") else detect_language(text, default)


def _entities(message: dict[str, Any], text: str) -> tuple[Entity, ...]:
    return tuple(
        Entity(
            str(entity.get("entity")),
            str(entity.get("value")),
            text[int(entity.get("start") or 0) : int(entity.get("end") or 0)],
        )
        for entity in message.get("entities") or ()
    )


def _customer(given: Any) -> Customer | None:
    """From the metadata, which only the gateway writes: it has checked the shop's signature."""
    if not isinstance(given, dict) or not str(given.get("id") or "").strip():
        return None
    return Customer(str(given["id"]), str(given.get("email") or ""))


def _previous_question(events: list[dict[str, Any]]) -> str | None:
    for event in reversed(_said(events)[:-1]):
        if _intent(event).startswith(_QUESTION_INTENTS):
            return str(event["text"])
    return None


def _previous_intent(events: list[dict[str, Any]]) -> str:
    said = _said(events)
    return _intent(said[-2]) if len(said) > 1 else ""


def _said(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [event for event in events if event.get("event") == "user" and event.get("text")]


def _intent(event: dict[str, Any]) -> str:
    return str(((event.get("parse_data") or {}).get("intent") or {}).get("name") or "")
