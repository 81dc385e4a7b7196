"""The writer that quotes: the floor under every other, and the default.

It says only what the shop wrote, word for word. Which one to three sentences to quote is all it
decides; quoting those within a margin of the best instead of the best alone was worth 3 points of
token-F1 on MultiDoc2Dial, and trimming sentences never helped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from generator._product import is_named, select_of_product
from generator._quantities import hard_facts
from generator._rendering import render
from generator._selection import Unit, select
from generator._text import clean, content_words
from generator.writer import Draft, SentenceScorer, cite
from knowledge_base.passages import Language, Passage, ScoredPassage
from knowledge_base.sentences import split_sentences

NAME: Final = "extractive"

_SCORE: Final = 0.7
"""Equal parts quote the right passage for 7 of 100 Chinese and 4 of 100 English questions fewer."""

_COLON: Final[dict[Language, str]] = {"en": ": ", "zh": "："}


@dataclass(frozen=True, slots=True)
class ExtractiveOptions:
    """How much is quoted; scores are the scorer's and the retriever's, 0 to 1.

    Attributes:
        passages: how many of the best passages are looked at.
        sentences: how many sentences may be chosen for their score.
        margin: how far below the best sentence another chosen one may lie.
        whole: an FAQ answer of at most so many sentences is quoted whole.
        second: the share of the first passage's value that the second's must reach to be quoted as
            well. On the demo shop's development questions 0.85 quotes two passages in a third of
            the answers; 0.95 does in an eighth, and 3 of 100 fewer are right.
        second_sentences: as ``sentences`` and ``whole``, in the second passage.
        named: what a product gains in value where the question names it: a guide on tents in
            general is near to every question about one.
        overlap: the share of its nearest sentence's words that a second passage may have in common
            with the first quote.
    """

    passages: int = 3
    sentences: int = 3
    margin: float = 0.20
    whole: int = 3
    second: float = 0.85
    second_sentences: int = 2
    named: float = 0.3
    overlap: float = 0.5


@dataclass(frozen=True, slots=True)
class _Candidate:
    passage: Passage
    units: tuple[Unit, ...]
    value: float


class ExtractiveWriter:
    """Quotes the sentences that answer.

    Args:
        scorer: says how near a sentence is to the question.
        options: how much is quoted.
    """

    name: str = NAME

    def __init__(self, scorer: SentenceScorer, options: ExtractiveOptions | None = None) -> None:
        self._scorer = scorer
        self._options = options or ExtractiveOptions()

    def write(
        self, question: str, evidence: Sequence[ScoredPassage], language: Language
    ) -> Draft | None:
        """Quote from ``evidence``; None where it holds no sentence."""
        candidates = self._candidates(question, evidence, language)
        if not candidates:
            return None
        options = self._options
        first = candidates[0]
        quotes = [(first.passage, self._quote(question, first, options.sentences, options.whole))]
        for other in candidates[1:2]:
            if other.value >= options.second * first.value and self._adds(
                question, other, first, quotes[0][1]
            ):
                most = options.second_sentences
                quotes.append((other.passage, self._quote(question, other, most, most)))
        return Draft(
            text="\n\n".join(clean(_named(passage, quote)) for passage, quote in quotes),
            citations=tuple(cite(passage, quote) for passage, quote in quotes),
        )

    def _candidates(
        self, question: str, evidence: Sequence[ScoredPassage], language: Language
    ) -> list[_Candidate]:
        looked_at = [
            (scored, sentences)
            for scored in evidence[: self._options.passages]
            if (sentences := split_sentences(scored.passage.text))
        ]
        # With its title: a product is named there, and what is named is what is meant.
        texts = [
            text
            for scored, sentences in looked_at
            for text in (scored.passage.title, *(sentence.text for sentence in sentences))
        ]
        scores = iter(self._scorer.score(question, texts, language) if texts else ())
        candidates = []
        for scored, sentences in looked_at:
            title = next(scores)
            units = tuple(Unit(sentence, next(scores)) for sentence in sentences)
            nearest = max(unit.score for unit in units)
            value = _value(scored.score, nearest)
            if scored.passage.kind == "product":
                value = _value(scored.score, max(nearest, title))
                if is_named(question, scored.passage.title):
                    value += self._options.named
            candidates.append(_Candidate(scored.passage, units, value))
        return sorted(candidates, key=lambda candidate: -candidate.value)

    def _quote(self, question: str, candidate: _Candidate, most: int, whole: int) -> str:
        passage, units = candidate.passage, candidate.units
        if passage.kind == "faq" and len(units) <= whole:
            return passage.text.strip()
        if passage.kind == "product":
            places = select_of_product(question, passage.title, units, passage.language, most=most)
        else:
            places = select(units, most=most, margin=self._options.margin)
        return render(passage.text, [units[i].sentence for i in places])

    def _adds(self, question: str, other: _Candidate, first: _Candidate, quote: str) -> bool:
        """Whether ``other`` is worth a second paragraph after ``quote`` from ``first``."""
        language = other.passage.language
        if first.passage.kind == "product" and is_named(question, first.passage.title):
            return False
        if other.passage.kind == "product":
            # A product is no supplement to a rule, and to another product only where both fit
            # what the customer described.
            asked = set(content_words(question, language))
            named, named_first = (
                len(asked & set(content_words(candidate.passage.title, language)))
                for candidate in (other, first)
            )
            return first.passage.kind == "product" and named >= named_first
        nearest = max(other.units, key=lambda unit: unit.score).sentence.text
        new, old = set(content_words(nearest, language)), set(content_words(quote, language))
        if not new:
            return False
        facts = hard_facts(nearest).quantities
        same_facts = bool(facts) and facts <= hard_facts(quote).quantities
        return len(new & old) / len(new) <= self._options.overlap * (0.6 if same_facts else 1)


def _value(score: float, nearest: float) -> float:
    """What a passage is worth: mostly its score, which knows more than its nearest sentence."""
    return _SCORE * score + (1 - _SCORE) * nearest


def _named(passage: Passage, quote: str) -> str:
    """``quote``, after the product's name where a product's quote does not begin with it."""
    if passage.kind != "product" or passage.title in quote.partition("\n")[0]:
        return quote
    return f"{passage.title}{_COLON[passage.language]}{quote}"
