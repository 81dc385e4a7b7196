"""How sure one may be that the evidence answers the question."""

import math
from collections.abc import Sequence
from typing import Final

from generator._text import content_words
from knowledge_base.passages import Language, ScoredPassage

# What a share of 1 more of the question's words adds to the log-odds, and the share that adds
# nothing. Chinese scores come from words alone already, yet gain the more: a passage can hold a
# question's common words and not the one that matters.
_WEIGHT: Final[dict[Language, float]] = {"en": 2.0, "zh": 4.0}
_USUAL: Final = 0.6
_TINY: Final = 1e-4


def confidence(question: str, evidence: Sequence[ScoredPassage], language: Language) -> float:
    """From 0 to 1: the best passage's score, moved by how much of the question the evidence names.

    A passage about delivery scores high on "do you deliver dinosaurs?"; that no evidence speaks of
    dinosaurs is what tells.
    """
    if not evidence:
        return 0.0
    score = min(max(max(scored.score for scored in evidence), _TINY), 1 - _TINY)
    odds = math.log(score / (1 - score))
    odds += _WEIGHT[language] * (coverage(question, evidence, language) - _USUAL)
    return 1 / (1 + math.exp(-odds))


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
