"""How sure one may be that the evidence answers the question."""

import math
import re
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from operator import mul
from typing import Final

from generator._text import content_words, stem
from knowledge_base.passages import Language, Passage, ScoredPassage


@dataclass(frozen=True, slots=True)
class Signals:
    """What tells whether the evidence answers a question.

    Attributes:
        score: log-odds of the best passage's score.
        lead: by how much that is above the log-odds of the last passages found, which are about
            the subject at best.
        coverage: see `coverage`.
        length: logarithm of the question's length in characters: a story shares less with any
            passage than a bare question, and means no less.
    """

    score: float
    lead: float
    coverage: float
    length: float


@dataclass(frozen=True, slots=True)
class _Fit:
    """A logistic regression of "the quote answers this" on the signals.

    Fitted by ``python -m evaluation.confidence --fit`` on the demo shop's development questions,
    half of them without an answer.
    """

    bias: float
    weights: Signals


_FITTED: Final[dict[Language, _Fit]] = {
    "en": _Fit(-8.20, Signals(0.57, 1.10, 2.92, 1.10)),
    "zh": _Fit(-14.20, Signals(1.36, 1.00, 5.17, 3.62)),
}
# Each question is taken to have named one thing more, of which so much was found: two words out
# of two say less than eight out of eight.
_PRIOR: Final = 0.6
_TINY: Final = 1e-4
# The first passages may say the same: an FAQ entry and the policy behind it.
_LAST: Final = 3
# What a passage about something else has; where few were found, those that were not have it.
_UNRELATED: Final = -4.0

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
_COMPARISON: Final = 8.0


def confidence(question: str, evidence: Sequence[ScoredPassage], language: Language) -> float:
    """The estimated probability that the shop's content answers ``question``.

    A passage about delivery scores high on "do you deliver dinosaurs?"; that no evidence speaks of
    dinosaurs is what tells.
    """
    if not evidence:
        return 0.0
    found, fit = signals(question, evidence, language), _FITTED[language]
    odds = fit.bias + sum(map(mul, astuple(fit.weights), astuple(found)))
    if _asks_to_compare(question, evidence[0].passage):
        odds -= _COMPARISON
    return 1 / (1 + math.exp(-odds))


def signals(question: str, evidence: Sequence[ScoredPassage], language: Language) -> Signals:
    """The signals of ``evidence``, which holds at least one passage, the best first."""
    odds = [_log_odds(scored.score) for scored in evidence]
    last = odds[_LAST:] or [_UNRELATED]
    return Signals(
        score=odds[0],
        lead=odds[0] - sum(last) / len(last),
        coverage=coverage(question, evidence, language),
        length=math.log(len(question.strip()) + 1),
    )


def _log_odds(score: float) -> float:
    score = min(max(score, _TINY), 1 - _TINY)
    return math.log(score / (1 - score))


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
