"""How sure one may be that the evidence answers the question."""

import math
import re
from collections.abc import Sequence
from typing import Final

from generator._text import content_words
from knowledge_base.passages import Language, Passage, ScoredPassage

# What a share of 1 more of the question's words adds to the log-odds, and the share that adds
# nothing. Chinese scores come from words alone already, yet gain the more: a passage can hold a
# question's common words and not the one that matters.
_WEIGHT: Final[dict[Language, float]] = {"en": 2.0, "zh": 4.0}
_USUAL: Final = 0.6
_TINY: Final = 1e-4

_MOST: Final = re.compile(
    r"\b(?:cheap|light|heavi|warm|small|larg|bigg?|strong|bright|long|short|tough|quick|fast)(?:e?st)\b"
    r"|\b(?:most|least) \w+|\bbest\b|最\w",
    re.IGNORECASE,
)
_COMPARISON: Final = 4.0


def confidence(question: str, evidence: Sequence[ScoredPassage], language: Language) -> float:
    """From 0 to 1: the best passage's score, moved by how much of the question the evidence names.

    A passage about delivery scores high on "do you deliver dinosaurs?"; that no evidence speaks of
    dinosaurs is what tells.
    """
    if not evidence:
        return 0.0
    best = max(evidence, key=lambda scored: scored.score)
    score = min(max(best.score, _TINY), 1 - _TINY)
    odds = math.log(score / (1 - score))
    odds += _WEIGHT[language] * (coverage(question, evidence, language) - _USUAL)
    if _asks_to_compare(question, best.passage):
        odds -= _COMPARISON
    return 1 / (1 + math.exp(-odds))


def _asks_to_compare(question: str, passage: Passage) -> bool:
    """Whether a superlative is asked for that the best passage, a product, does not claim.

    To quote one tent's price for "your cheapest tent" would say that it is the cheapest.
    """
    most = _MOST.search(question)
    return (
        passage.kind == "product"
        and most is not None
        and most.group().casefold() not in passage.text.casefold()
    )


def coverage(question: str, evidence: Sequence[ScoredPassage], language: Language) -> float:
    """The share of the question's content words that the evidence holds; 1 where it has none."""
    asked = set(content_words(question, language))
    if not asked:
        return 1.0
    held = {
        word
        for scored in evidence
        for text in (scored.passage.text, scored.passage.title, *scored.passage.questions)
        for word in content_words(text, language)
    }
    return len(asked & held) / len(asked)
