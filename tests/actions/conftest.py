"""Stand-ins for the models, and trackers as Rasa sends them."""

from collections.abc import Callable
from typing import Any

import pytest
from rasa_sdk import Tracker

from actions.knowledge import Knowledge
from generator.answer import Answer
from generator.writer import Citation
from knowledge_base.passages import Language, Passage, ScoredPassage

PASSAGE = Passage(
    "en/faq/shipping#time", "faq", "en", "How long?", "Two days.", "en/faq/shipping.md", 7, "/help"
)


class FakeSearch:
    """Finds one passage, and remembers what it was asked."""

    def __init__(self) -> None:
        self.queries: list[tuple[str, Language, int]] = []
        self.score = 0.9

    def search(self, query: str, language: Language, k: int) -> list[ScoredPassage]:
        self.queries.append((query, language, k))
        return [ScoredPassage(PASSAGE, self.score)]


class FakeAnswering:
    """Answers the questions it was told of, and refuses the rest."""

    def __init__(self) -> None:
        self.known: set[str] = set()

    def enqueue(self, *questions: str) -> None:
        self.known |= set(questions)

    def answer(self, question: str, evidence: list[ScoredPassage], language: Language) -> Answer:
        answered = question in self.known
        return Answer(
            text="Two days." if answered else "I do not know.",
            language=language,
            citations=(Citation(PASSAGE.id, PASSAGE.title, PASSAGE.url, PASSAGE.text),)
            if answered
            else (),
            evidence=tuple(evidence),
            writer="fake" if answered else None,
            answered=answered,
            reason=None if answered else "weak_evidence",
            detail=None,
            confidence=0.9 if answered else 0.1,
            latency_ms=1.0,
        )


@pytest.fixture
def search() -> FakeSearch:
    return FakeSearch()


@pytest.fixture
def answering() -> FakeAnswering:
    return FakeAnswering()


@pytest.fixture
def knowledge(search: FakeSearch, answering: FakeAnswering) -> Knowledge:
    return Knowledge(search, answering, passages=3)


@pytest.fixture
def tracker() -> Callable[..., Tracker]:
    """Makes a tracker whose last message is ``text``, after ``before`` (text, intent) pairs."""

    def make(
        text: str,
        intent: str = "ask_shipping",
        *,
        page: str | None = "en",
        before: tuple[tuple[str, str], ...] = (),
    ) -> Tracker:
        events: list[dict[str, Any]] = [
            {"event": "user", "text": said, "parse_data": {"intent": {"name": name}}}
            for said, name in (*before, (text, intent))
        ]
        message = {
            "text": text,
            "intent": {"name": intent},
            "metadata": {"language": page} if page else {},
        }
        return Tracker("conversation", {}, message, events, False, None, {}, "action_listen")

    return make
