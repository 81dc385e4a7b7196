"""How sure one may be that the evidence answers the question."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from generator._text import content_words, stem
from knowledge_base.passages import Language, Passage, ScoredPassage


@dataclass(frozen=True, slots=True)
class _Fit:
    """A logistic regression of "the quote answers this" on the evidence.

    Fitted by `evaluation.confidence` on the 120 development questions a language of the demo shop,
    half of them without an answer.
    """

    bias: float
    score: float
    """For each unit of the log-odds of the best passage's score."""
    coverage: float


_FITTED: Final[dict[Language, _Fit]] = {
    "en": _Fit(bias=-3.77, score=0.81, coverage=5.75),
    "zh": _Fit(bias=-2.11, score=0.84, coverage=3.97),
}
# Each question is taken to have named one thing more, of which so much was found: two words out
# of two say less than eight out of eight.
_PRIOR: Final = 0.6
_TINY: Final = 1e-4

# What customers say around their question; that no passage holds it tells nothing.
_FILLER_WORDS: Final = """
    u ur im ive theyre dont doesnt cant wont isnt whats wheres hows thats last year years ago week
    weeks day days month today tomorrow tonight morning evening night yesterday still back come came
    put set move moved went mate guy guys lot bit little really actually maybe anyway also now new
    old big small good bad nice best right wrong sure fine able work works working mean means say
    says said told ask asked think thought find found look looking looks see seen show turn keep
    kept leave left start stop try tried happen happens hear seem sort kind part stuff time times
    people person man woman wife husband friend sister brother mum dad mother father son daughter
    boss somebody anybody everybody everything already yet ever always soon later early late short
    else instead though however while since via help sorry cheers yeah
"""
_FILLERS: Final = frozenset(stem(word) for word in _FILLER_WORDS.split())

_MOST: Final = re.compile(
    r"\b(?:cheap|light|heavi|warm|small|larg|bigg?|strong|bright|long|short|tough|quick|fast)(?:e?st)\b"
    r"|\b(?:most|least) \w+|\bbest\b|最\w",
    re.IGNORECASE,
)
_COMPARISON: Final = 4.0


def confidence(question: str, evidence: Sequence[ScoredPassage], language: Language) -> float:
    """The estimated probability that the shop's content answers ``question``.

    It rests on the best passage's score, and on how much of the question the evidence names.

    A passage about delivery scores high on "do you deliver dinosaurs?"; that no evidence speaks of
    dinosaurs is what tells.
    """
    if not evidence:
        return 0.0
    best = max(evidence, key=lambda scored: scored.score)
    score = min(max(best.score, _TINY), 1 - _TINY)
    fit = _FITTED[language]
    odds = fit.bias + fit.score * math.log(score / (1 - score))
    odds += fit.coverage * coverage(question, evidence, language)
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
    """The share, 0 to 1, of what the question names that the evidence names as well."""
    asked = set(content_words(question, language)) - _FILLERS
    held = {
        word
        for scored in evidence
        for text in (scored.passage.text, scored.passage.title, *scored.passage.questions)
        for word in content_words(text, language)
    }
    return (len(asked & held) + _PRIOR) / (len(asked) + 1)
