"""Find the passages that answer a question."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from knowledge_base.passages import Language, Passage, ScoredPassage
from retriever.calibration import FITTED, Calibration
from retriever.dense import DenseIndex
from retriever.embedder import Embedder, Vectors
from retriever.lexical import LexicalIndex
from retriever.sentence_scorer import EmbeddingScorer, LexicalScorer
from retriever.units import FIELDS, Unit

MAX_QUERY_CHARACTERS = 2000
"""What is read of a question; more than that is no question, and would only cost time."""

_CANDIDATES = 50
_REMEMBERED = 1024


@dataclass(frozen=True, slots=True)
class Shelf:
    """The passages of one language with their indexes.

    Attributes:
        passages: in the order that ``Unit.row`` counts.
        units: what was indexed, in the order of both indexes, those of one passage together.
        lexical: over the units.
        dense: over the units; None where the embedder does not understand the language.
    """

    passages: Sequence[Passage]
    units: Sequence[Unit]
    lexical: LexicalIndex
    dense: DenseIndex | None


class Searcher:
    """Searches one knowledge base; safe to use from several threads.

    Args:
        shelves: what there is, by language.
        embedder: the one that the dense indexes were built with.
        calibration: by language; the default was fitted for MiniLM and for lexical Chinese.
    """

    def __init__(
        self,
        shelves: Mapping[Language, Shelf],
        embedder: Embedder,
        calibration: Mapping[Language, Calibration] = FITTED,
    ) -> None:
        # An answer searches and then scores sentences for the same question: embed it once.
        embed_query = lru_cache(maxsize=_REMEMBERED)(
            lambda text: embedder.embed_queries([text]).reshape(-1)
        )
        self._stages = {
            language: _Ranking(shelf, embedder, embed_query, calibration[language])
            for language, shelf in shelves.items()
        }

    @property
    def languages(self) -> tuple[Language, ...]:
        """The languages there are passages in."""
        return tuple(self._stages)

    def search(self, query: str, language: Language, k: int = 5) -> list[ScoredPassage]:
        """The ``k`` best passages in ``language``, the best first, scores falling.

        A score is the estimated probability that the passage answers the question. Nothing is left
        out for a low score: what is too weak is for the caller to say. Empty for an empty query or
        a language without passages.

        Args:
            query: the customer's words; only their first 2,000 characters count.
            language: which passages to search.
            k: how many at most; at least 1.

        Raises:
            ValueError: when ``k`` is below 1.
        """
        if k < 1:
            raise ValueError(f"k = {k}; expected at least 1")
        stage = self._stages.get(language)
        text = clean_query(query)
        return stage.search(text, k) if stage and text else []

    def score(self, question: str, sentences: Sequence[str], language: Language) -> list[float]:
        """How near each of ``sentences`` is to ``question``, 0 to 1.

        English is compared by meaning (cosine), Chinese by the words that both share. Sentences of
        the knowledge base were embedded when the index was built; others are embedded once.
        """
        stage = self._stages.get(language)
        text = clean_query(question)
        return stage.scorer.score(text, sentences) if stage and text else [0.0] * len(sentences)


def clean_query(query: str) -> str:
    """``query`` as it is searched: no control characters, single spaces, a bounded length."""
    kept = (
        " " if unicodedata.category(character)[0] in "CZ" else character
        for character in query[:MAX_QUERY_CHARACTERS]
    )
    return " ".join("".join(kept).split())


class _Ranking:
    """Search in one language."""

    def __init__(
        self,
        shelf: Shelf,
        embedder: Embedder,
        embed_query: Callable[[str], Vectors],
        calibration: Calibration,
    ) -> None:
        self.shelf = shelf
        self._embed_query = embed_query
        self._calibration = calibration
        self._rows = np.array([unit.row for unit in shelf.units], dtype=np.int64)
        self._fields = np.array([FIELDS.index(unit.field) for unit in shelf.units], dtype=np.int64)
        # Units of one passage lie together, so a passage's units are starts[row] to starts[row+1].
        self._starts = np.searchsorted(self._rows, np.arange(len(shelf.passages) + 1))
        self.scorer = (
            LexicalScorer(shelf.lexical)
            if shelf.dense is None
            else EmbeddingScorer(embed_query, embedder, shelf.dense, [u.text for u in shelf.units])
        )

    def search(self, query: str, k: int) -> list[ScoredPassage]:
        rows, similarities = self.candidates(query, max(k, _CANDIDATES))
        scores = self._calibration.score(similarities)
        order = np.argsort(-scores, kind="stable")[:k]
        return [ScoredPassage(self.shelf.passages[rows[i]], float(scores[i])) for i in order]

    def candidates(self, query: str, count: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The rows of the candidates and their similarities, shape (candidates, 6)."""
        lexical = self.shelf.lexical.coverage(query)
        best = self._best_lexical(lexical, count)
        vector: Vectors | None = None
        if self.shelf.dense is not None:
            vector = self._embed_query(query)
            best = np.union1d(best, self.shelf.dense.nearest(vector, count))
        rows = best.astype(np.int64)
        units = np.concatenate(
            [np.arange(self._starts[row], self._starts[row + 1]) for row in rows]
        )
        place = np.searchsorted(rows, self._rows[units])
        similarities = np.zeros((len(rows), 2 * len(FIELDS)), dtype=np.float32)
        if vector is not None and self.shelf.dense is not None:
            cosines = self.shelf.dense.similarities(vector, units)
            np.maximum.at(similarities, (place, self._fields[units]), cosines)
        lexical_columns = len(FIELDS) + self._fields[units]
        np.maximum.at(similarities, (place, lexical_columns), lexical[units])
        return rows, similarities

    def _best_lexical(self, coverage: NDArray[np.float32], count: int) -> NDArray[np.int64]:
        totals = np.maximum.reduceat(coverage, self._starts[:-1])
        count = min(count, len(totals))
        return np.sort(np.argpartition(-totals, count - 1)[:count])
