"""Questions with the facts that a right answer holds, and the judging of answers against them."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from knowledge_base.passages import LANGUAGES, Language

_SPACING = re.compile(r"[\s,，、]+")


class QuestionsError(Exception):
    """A question file that cannot be used: file, line, what was found, what was expected."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question as a customer types it.

    Attributes:
        id: its name in reports.
        language: the language it is asked in.
        split: which part of the set it belongs to, such as ``dev`` or ``test``.
        text: the customer's words.
        answerable: whether the knowledge base holds the answer.
        facts: what a right answer holds: each fact, by any one of its spellings.
    """

    id: str
    language: Language
    split: str
    text: str
    answerable: bool
    facts: tuple[tuple[str, ...], ...] = ()


def load_questions(path: Path, split: str | None = None) -> list[Question]:
    """Read a JSON Lines file of questions, all of it or one split.

    Raises:
        QuestionsError: a line that is no question; nothing is left of the file.
    """
    questions = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip():
            question = _read(path, number, line)
            if split in (None, question.split):
                questions.append(question)
    if not questions:
        raise QuestionsError(f"{path}: no questions of the split {split!r}; expected at least one")
    return questions


def holds_facts(answer: str, question: Question) -> bool:
    """Whether ``answer`` holds every fact that ``question`` asks for, in any of its spellings."""
    said = normalised(answer)
    return all(any(normalised(spelling) in said for spelling in fact) for fact in question.facts)


def normalised(text: str) -> str:
    """``text`` without spaces and commas, in lower case: "1,500 EUR" is "1500eur"."""
    return _SPACING.sub("", text).casefold()


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` (0 to 1) of ``values`` lie, nearest rank."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, round(share * (len(ranked) - 1)))]


def _read(path: Path, number: int, line: str) -> Question:
    try:
        row = json.loads(line)
        question = Question(
            id=str(row["id"]),
            language=row["language"],
            split=str(row["split"]),
            text=str(row["question"]),
            answerable=bool(row["answerable"]),
            facts=tuple(tuple(map(str, fact)) for fact in row.get("facts", [])),
        )
    except (ValueError, KeyError, TypeError) as error:
        expected = "a JSON object with id, language, split, question, answerable, facts"
        raise QuestionsError(f"{path}:{number}: found {error!r}, expected {expected}") from None
    if question.language not in LANGUAGES:
        raise QuestionsError(
            f"{path}:{number}: language {question.language!r}, expected one of {LANGUAGES}"
        )
    return question
