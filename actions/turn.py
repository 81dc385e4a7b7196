"""The customer's turn as an action sees it: the words, their language, the question before."""

from dataclasses import dataclass
from typing import Any

from knowledge_base.language import detect_language
from knowledge_base.passages import LANGUAGES, Language

_QUESTION_INTENTS = ("ask_", "nlu_fallback")


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the customer's.

    Attributes:
        text: what was written.
        intent: what Rasa took it for; empty where it did not say.
        language: the language of ``text``; where it has no letters, the page's.
        previous_question: the question before this one, or None.
    """

    text: str
    intent: str
    language: Language
    previous_question: str | None


def read_turn(tracker: Any) -> Turn:
    """Take the turn from rasa-sdk's ``Tracker``."""
    message = tracker.latest_message or {}
    text = str(message.get("text") or "")
    page = (message.get("metadata") or {}).get("language")
    default: Language = page if page in LANGUAGES else "en"
    return Turn(
        text=text,
        intent=_intent(message),
        # A pressed button's payload ("/request_human") is no language.
        language=default if text.startswith("/") else detect_language(text, default),
        previous_question=_previous_question(tracker.events),
    )


def _intent(message: dict[str, Any]) -> str:
    return str((message.get("intent") or {}).get("name") or "")


def _previous_question(events: list[dict[str, Any]]) -> str | None:
    said = [event for event in events if event.get("event") == "user" and event.get("text")]
    for event in reversed(said[:-1]):
        if _intent(event.get("parse_data") or {}).startswith(_QUESTION_INTENTS):
            return str(event["text"])
    return None
