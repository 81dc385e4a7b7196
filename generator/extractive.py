"""The writer that quotes: the floor under every other, and the default.

It says only what the shop wrote, word for word. Which one to three sentences to quote is all it
decides; quoting those within a margin of the best instead of the best alone was worth 3 points of
token-F1 on MultiDoc2Dial (see DESIGN), and trimming sentences never helped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from generator._rendering import render
from generator._selection import Unit, select
from generator._text import clean, content_words
from generator.writer import Draft, SentenceScorer, cite
from knowledge_base.passages import Language, Passage, ScoredPassage
from knowledge_base.sentences import split_sentences

NAME: Final = "extractive"


@dataclass(frozen=True, slots=True)
class ExtractiveOptions:
    """How much is quoted; scores are the scorer's and the retriever's, 0 to 1.

    Attributes:
        passages: how many of the best passages are looked at.
        sentences: how many sentences may be chosen for their score.
        margin: how far below the best sentence another chosen one may lie.
        whole: an FAQ answer of at most so many sentences is quoted whole.
        second: how near the second passage's value must be to the first's to be quoted as well.
        overlap: the share of its words that a second quote may have in common with the first.
    """

    passages: int = 3
    sentences: int = 3
    margin: float = 0.20
    whole: int = 3
    second: float = 0.03
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
        first, *others = candidates
        quotes = [(first.passage, self._quote(first))]
        for other in others[:1]:
            quote = self._quote(other)
            if first.value - other.value <= self._options.second and self._adds(
                quote, quotes[0][1], language
            ):
                quotes.append((other.passage, quote))
        return Draft(
            text="\n\n".join(clean(quote) for _, quote in quotes),
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
        texts = [s.text for _, sentences in looked_at for s in sentences]
        if not texts:
            return []
        scores = iter(self._scorer.score(question, texts, language))
        candidates = []
        for scored, sentences in looked_at:
            units = tuple(Unit(sentence, next(scores)) for sentence in sentences)
            value = (scored.score + max(unit.score for unit in units)) / 2
            candidates.append(_Candidate(scored.passage, units, value))
        return sorted(candidates, key=lambda candidate: -candidate.value)

    def _quote(self, candidate: _Candidate) -> str:
        units = candidate.units
        if candidate.passage.kind == "faq" and len(units) <= self._options.whole:
            return candidate.passage.text.strip()
        places = select(units, most=self._options.sentences, margin=self._options.margin)
        return render(candidate.passage.text, [units[i].sentence for i in places])

    def _adds(self, quote: str, to: str, language: Language) -> bool:
        new, old = set(content_words(quote, language)), set(content_words(to, language))
        return bool(new) and len(new & old) / len(new) <= self._options.overlap
