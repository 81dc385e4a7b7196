"""A passage maker, a scorer and a writer that say what the test tells them to."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence

import pytest

from generator.writer import Draft, cite
from knowledge_base.passages import Kind, Language, Passage, ScoredPassage


class FakeScorer:
    """Scores a sentence by the first key that it holds; sentences with none score ``other``."""

    def __init__(self, scores: Mapping[str, float], other: float = 0.1) -> None:
        self.scores = scores
        self.other = other

    def score(self, question: str, sentences: Sequence[str], language: Language) -> list[float]:
        return [
            next((score for key, score in self.scores.items() if key in sentence), self.other)
            for sentence in sentences
        ]


class FakeWriter:
    """Writes what was enqueued, in that order; an exception is raised, None is silence."""

    def __init__(self, name: str = "fake") -> None:
        self.name = name
        self.asked: list[str] = []
        self._queue: deque[str | Draft | Exception | None] = deque()

    def enqueue(self, *replies: str | Draft | Exception | None) -> "FakeWriter":
        self._queue.extend(replies)
        return self

    def write(
        self, question: str, evidence: Sequence[ScoredPassage], language: Language
    ) -> Draft | None:
        self.asked.append(question)
        reply = self._queue.popleft()
        if isinstance(reply, Exception):
            raise reply
        if isinstance(reply, str):
            best = evidence[0].passage
            return Draft(reply, (cite(best, best.text),))
        return reply


def make_evidence(
    text: str,
    score: float = 0.9,
    *,
    kind: Kind = "policy",
    language: Language = "en",
    title: str = "Returns",
    name: str = "p",
    questions: tuple[str, ...] = (),
) -> ScoredPassage:
    passage = Passage(
        id=f"{language}/{name}",
        kind=kind,
        language=language,
        title=title,
        text=text,
        source=f"{name}.md",
        line=1,
        url=f"/help/{name}",
        questions=questions,
    )
    return ScoredPassage(passage, score)


@pytest.fixture
def evidence() -> Callable[..., ScoredPassage]:
    return make_evidence


@pytest.fixture
def scorer() -> type[FakeScorer]:
    return FakeScorer


@pytest.fixture
def writer() -> type[FakeWriter]:
    return FakeWriter
