"""Find the passages that answer a question."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from knowledge_base.passages import Language, Passage, ScoredPassage
from retriever import query as queries
from retriever.calibration import FEATURES, FITTED, Calibration
from retriever.dense import DenseIndex
from retriever.embedder import Embedder, Vectors
from retriever.lexical import LexicalIndex
from retriever.sentence_scorer import EmbeddingScorer, LexicalScorer
from retriever.spelling import Spelling
from retriever.tokens import tokens
from retriever.units import FIELDS, Unit

_CANDIDATES = 50
_WAYS = 6
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


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage with all that was found out about it.

    Attributes:
        score: estimated probability, 0 to 1, that it answers the question.
        similarities: of each of `retriever.calibration.FEATURES`; 0 where a stage was not used.
    """

    passage: Passage
    score: float
    similarities: tuple[float, ...]


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
        self._rankings = {
            language: _Ranking(shelf, embedder, embed_query, calibration[language])
            for language, shelf in shelves.items()
        }
        self._size = sum(len(shelf.passages) for shelf in shelves.values())
        self._spelling: dict[Language, Spelling] = {}
        if "en" in shelves and embedder.words:
            texts = (unit.text for unit in shelves["en"].units)
            self._spelling["en"] = Spelling(texts, embedder.words)

    def __len__(self) -> int:
        """How many passages there are, in all languages."""
        return self._size

    @property
    def languages(self) -> tuple[Language, ...]:
        """The languages there are passages in."""
        return tuple(self._rankings)

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
        return [
            ScoredPassage(candidate.passage, candidate.score)
            for candidate in self.candidates(query, language, k)
        ]

    def candidates(self, query: str, language: Language, k: int = 5) -> list[Candidate]:
        """Like `search`, with the similarities that each score was made from."""
        if k < 1:
            raise ValueError(f"k = {k}; expected at least 1")
        ranking = self._rankings.get(language)
        variants = self._variants(query, language)
        return ranking.best(variants, k) if ranking and variants else []

    def score(self, question: str, sentences: Sequence[str], language: Language) -> list[float]:
        """How near each of ``sentences`` is to ``question``, 0 to 1.

        English is compared by meaning (cosine), Chinese by the words that both share. Sentences of
        the knowledge base were embedded when the index was built; others are embedded once.
        """
        ranking = self._rankings.get(language)
        variants = self._variants(question, language)
        if not ranking or not variants:
            return [0.0] * len(sentences)
        scores = [ranking.scorer.score(variant, sentences) for variant in variants]
        return [max(of_sentence) for of_sentence in zip(*scores, strict=True)]

    def _variants(self, query: str, language: Language) -> tuple[str, ...]:
        text = queries.clean(query)
        if spelling := self._spelling.get(language):
            text = spelling.mend(text)
        return queries.variants(text) if text else ()


class _Ranking:
    """Search in one language."""

    def __init__(
        self,
        shelf: Shelf,
        embedder: Embedder,
        embed_query: Callable[[str], Vectors],
        calibration: Calibration,
    ) -> None:
        self._passages = shelf.passages
        self._lexical = shelf.lexical
        self._dense = shelf.dense
        self._embed_query = embed_query
        self._calibration = calibration
        self._rows = np.array([unit.row for unit in shelf.units], dtype=np.int64)
        self._fields = np.array([FIELDS.index(unit.field) for unit in shelf.units], dtype=np.int64)
        # Units of one passage lie together, so a passage's units are starts[row] to starts[row+1].
        self._starts = np.searchsorted(self._rows, np.arange(len(shelf.passages) + 1))
        self._is_product = np.array([passage.kind == "product" for passage in shelf.passages])
        self._names = {
            row: self._weighed(passage.title, shelf.lexical)
            for row, passage in enumerate(shelf.passages)
            if passage.kind == "product"
        }
        self.scorer = (
            LexicalScorer(shelf.lexical)
            if shelf.dense is None
            else EmbeddingScorer(embed_query, embedder, shelf.dense, [u.text for u in shelf.units])
        )

    def best(self, variants: Sequence[str], k: int) -> list[Candidate]:
        """The ``k`` best passages for a question said in several ways."""
        vectors = [self._embed_query(variant) for variant in variants] if self._dense else []
        coverages = [self._lexical.coverage(variant) for variant in variants]
        count = max(k, _CANDIDATES)
        found = [self._best_lexical(coverage, count) for coverage in coverages]
        if self._dense:
            found += [self._dense.nearest(vector, count) for vector in vectors]
        rows = np.unique(np.concatenate(found))
        similarities = self._similarities(rows, vectors, coverages)
        similarities[:, -1] = self._named(rows, variants)
        totals = self._calibration.total(similarities, self._is_product[rows])
        scores = self._calibration.probability(totals)
        # By the sum and not by the score, which is 1.0 for everything far enough up.
        return [
            Candidate(self._passages[rows[i]], float(scores[i]), tuple(similarities[i].tolist()))
            for i in np.argsort(-totals, kind="stable")[:k]
        ]

    def _similarities(
        self,
        rows: NDArray[np.int64],
        vectors: Sequence[Vectors],
        coverages: Sequence[NDArray[np.float32]],
    ) -> NDArray[np.float32]:
        """The best similarity of any unit and variant, for each row and feature.

        One way to ask may be near by chance; that several are is better evidence. With it the right
        passage comes first for 70 % instead of 65 % of the English development questions, and for
        83 % instead of 81 % of the Chinese (cross-validated).
        """
        units = np.concatenate(
            [np.arange(self._starts[row], self._starts[row + 1]) for row in rows]
        )
        places = np.searchsorted(rows, self._rows[units])
        fields = self._fields[units]
        similarities = np.zeros((len(rows), len(FEATURES)), dtype=np.float32)
        asked = fields == FIELDS.index("question")
        dense_ways, lexical_ways = map(FEATURES.index, ("dense_ways", "lexical_ways"))

        def take(values: NDArray[np.float32], first: int, ways: int) -> None:
            np.maximum.at(similarities, (places, first + fields), values)
            agreement = _mean_of_best(places[asked], values[asked], len(rows))
            similarities[:, ways] = np.maximum(similarities[:, ways], agreement)

        for vector in vectors:
            if self._dense:
                take(self._dense.similarities(vector, units), 0, dense_ways)
        for coverage in coverages:
            take(coverage[units], len(FIELDS), lexical_ways)
        return similarities

    def _named(self, rows: NDArray[np.int64], variants: Sequence[str]) -> list[float]:
        """The share of each product's name that the question says; 0 for what is no product.

        "How much is the Heron 3?" is nearest to general advice on tents, but it names a product,
        and by the rarest words that it holds.
        """
        said = set(tokens(" ".join(variants), self._lexical.language))
        return [
            sum(weight for token, weight in name.items() if token in said) / sum(name.values())
            if (name := self._names.get(row))
            else 0.0
            for row in rows.tolist()
        ]

    @staticmethod
    def _weighed(name: str, lexical: LexicalIndex) -> dict[str, float]:
        return {token: lexical.weight(token) for token in tokens(name, lexical.language)}

    def _best_lexical(self, coverage: NDArray[np.float32], count: int) -> NDArray[np.int64]:
        best = np.maximum.reduceat(coverage, self._starts[:-1])
        count = min(count, len(best))
        return np.argpartition(-best, count - 1)[:count].astype(np.int64)


def _mean_of_best(
    places: NDArray[np.int64], values: NDArray[np.float32], count: int
) -> NDArray[np.float64]:
    """For each of ``count`` places, the mean of its best `_WAYS` values; each has one at least."""
    order = np.lexsort((-values, places))
    places, values = places[order], values[order]
    rank = np.arange(len(places)) - np.searchsorted(places, np.arange(count))[places]
    best = rank < _WAYS
    sums = np.bincount(places[best], values[best], count)
    return sums / np.bincount(places[best], minlength=count)
