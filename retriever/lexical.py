"""Search by words: BM25 over the units, as the share of the question that a unit covers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge_base.passages import Language
from retriever.keys import TokenKeys, token_keys
from retriever.matches import AllMatches, Best, Layout, Matches, Recalled, Rows, Values
from retriever.postings import Postings, count
from retriever.tokens import tokens

_FEW = 32_768
"""Units up to which a segment is counted through from end to end."""

_ESSENTIAL = 4_000
"""Postings that are gone through in a larger one to find candidates."""

_EXACT = 128
"""Candidates whose BM25 is then worked out in full."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The tokens of a question.

    Attributes:
        keys: each token once.
        weights: float32: how much each tells, times how often it is said.
        ideal: what a text with all of them, the unknown ones too, could reach.
        rows: for each segment, which of its tokens they are; -1 for none.
    """

    keys: TokenKeys
    weights: NDArray[np.float32]
    ideal: float
    rows: Sequence[Rows]


class Lexicon:
    """The words of one language, over all segments.

    A token's frequency is counted over all of them, what is deleted included until it is merged
    away (as in Lucene), so that their scores compare.

    Args:
        segments: what was counted.
        language: how questions are cut into tokens.
    """

    def __init__(self, segments: Sequence[Postings], language: Language) -> None:
        self.language: Language = language
        self._segments = segments
        self._size = sum(segment.size for segment in segments)

    def ask(self, question: str) -> Asked:
        """The tokens of ``question``, weighed."""
        times: dict[str, int] = {}
        for token in tokens(question, self.language):
            times[token] = times.get(token, 0) + 1
        keys = token_keys(times)
        rows = [segment.rows(keys) for segment in self._segments]
        weights = self._weights(rows) * np.fromiter(times.values(), dtype=np.float64)
        return Asked(keys, weights.astype(np.float32), float(weights.sum()), rows)

    def weights(self, keys: TokenKeys) -> NDArray[np.float64]:
        """The inverse document frequency of each token: how much it tells; above 0."""
        return self._weights([segment.rows(keys) for segment in self._segments])

    def _weights(self, rows: Sequence[Rows]) -> NDArray[np.float64]:
        pairs = zip(self._segments, rows, strict=True)
        held = sum(segment.frequencies(found) for segment, found in pairs)
        return np.asarray(np.log(1 + (self._size - held + 0.5) / (held + 0.5)))

    def weight(self, token: str) -> float:
        """The inverse document frequency of one token."""
        return float(self.weights(token_keys([token]))[0])

    def matches(self, asked: Asked, number: int, layout: Layout) -> Matches:
        """How much of the question each unit of the segment ``number`` covers, 0 to 1.

        BM25 alone grows with the length of the question; divided by what a text with all of its
        tokens could reach, it compares from question to question.
        """
        segment, rows = self._segments[number], asked.rows[number]
        held = rows >= 0
        shares = asked.weights[held] / np.float32(asked.ideal or 1.0)
        if segment.size <= _FEW:
            return AllMatches(layout, _all_scores(segment, rows[held], shares))
        return _SomeMatches(segment, layout, rows[held], shares)


class LexicalIndex:
    """BM25 of texts in one language, held in memory; each text is a unit of its own.

    Args:
        texts: what is searched.
        language: how they are cut into tokens.
    """

    def __init__(self, texts: Sequence[str], language: Language) -> None:
        self._lexicon = Lexicon([count(texts, language)], language)
        self._layout = Layout(np.arange(len(texts) + 1))

    def best(self, question: str, count: int) -> Best:
        """The ``count`` texts that cover most of ``question``."""
        return self._lexicon.matches(self._lexicon.ask(question), 0, self._layout).best(count)


def _all_scores(segment: Postings, rows: Rows, weights: Values) -> Values:
    scores = np.zeros(segment.size, dtype=np.float32)
    for row, weight in zip(rows.tolist(), weights, strict=True):
        units, values = segment.of(row)
        scores[units] += values * weight
    return scores


class _SomeMatches:
    """Matches in a segment that is too large to be counted through.

    Candidates come from the postings of the rarest tokens alone, as from the essential lists of
    MaxScore (Turtle and Flood, 1995), up to `_ESSENTIAL` of them; where even the rarest has more,
    from the texts in which the rarest ones weigh most (champion lists: Manning, Raghavan and
    Schütze, 2008, 7.1.3). The candidates' own scores are exact.
    """

    def __init__(self, segment: Postings, layout: Layout, rows: Rows, weights: Values) -> None:
        frequencies = segment.frequencies(rows)
        order = np.argsort(frequencies, kind="stable")
        self._segment = segment
        self._layout = layout
        self._recalled = Recalled()
        self._rows = rows[order]
        self._weights = weights[order]
        self._essential = int(
            np.searchsorted(np.cumsum(frequencies[order]), _ESSENTIAL, side="right")
        )

    def best(self, count: int) -> Best:
        units = self._candidates()
        scores = self._scores(units)
        self._recalled.keep(units, scores)
        return self._layout.best_of_some(units, scores, count)

    def of(self, units: Rows) -> Values:
        return self._recalled.of(units, self._scores)

    def _scores(self, units: Rows) -> Values:
        # As the postings are, or numpy would convert each of them at each search.
        wanted = units.astype(np.int32)
        scores = np.zeros(len(units), dtype=np.float32)
        for row, weight in zip(self._rows.tolist(), self._weights, strict=True):
            held, values = self._segment.of(row)
            places = np.searchsorted(held, wanted)
            places[places == len(held)] = 0
            scores += np.where(held[places] == wanted, values[places] * weight, 0)
        return scores

    def _candidates(self) -> Rows:
        rows = self._rows.tolist()
        if not self._essential:
            champions = [self._segment.best_of(row) for row in rows[:3]]
            return np.unique(np.concatenate([np.zeros(0, dtype=np.int32), *champions])).astype(
                np.int64
            )
        lists = [self._segment.of(row) for row in rows[: self._essential]]
        units = np.concatenate([found for found, _ in lists])
        values = np.concatenate(
            [found * weight for (_, found), weight in zip(lists, self._weights, strict=False)]
        )
        order = np.argsort(units)
        units = units[order]
        first = np.flatnonzero(np.diff(units, prepend=-1))
        sums = np.add.reduceat(values[order], first)
        units = units[first]
        if len(units) > _EXACT:
            units = np.sort(units[np.argpartition(-sums, _EXACT)[:_EXACT]])
        return units.astype(np.int64)
