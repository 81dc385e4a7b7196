"""Find the passages that answer a question."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from knowledge_base.passages import Language, Passage, ScoredPassage
from retriever import query as queries
from retriever.calibration import FITTED, Calibration
from retriever.embedder import Embedder, Vectors
from retriever.errors import StaleIndexError
from retriever.features import is_product, similarities
from retriever.lexical import Lexicon
from retriever.matches import Best, Matches, Rows
from retriever.segment import View
from retriever.sentence_scorer import EmbeddingScorer, LexicalScorer, Scorer
from retriever.spelling import Spelling

_CANDIDATES = 50
_REMEMBERED = 1024


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
        shelves: the segments of each language, one at least.
        embedder: the one that they were embedded with.
        calibration: by language; the default was fitted for MiniLM and for lexical Chinese.
    """

    def __init__(
        self,
        shelves: Mapping[Language, Sequence[View]],
        embedder: Embedder,
        calibration: Mapping[Language, Calibration] = FITTED,
    ) -> None:
        # An answer searches and then scores sentences for the same question: embed it once.
        self._embed_query = lru_cache(maxsize=_REMEMBERED)(
            lambda text: embedder.embed_queries([text]).reshape(-1)
        )
        self._embedder = embedder
        self._calibration = calibration
        self._shelves = shelves
        self._lexicons: dict[Language, Lexicon] = {}
        self._scorers: dict[Language, Scorer] = {}
        self._spelling: dict[Language, Spelling] = {}
        for language, views in shelves.items():
            parts = [view.segment.parts for view in views]
            lexicon = Lexicon([part.postings for part in parts], language)
            self._lexicons[language] = lexicon
            self._scorers[language] = (
                EmbeddingScorer(self._embed_query, self._vector(views))
                if views[0].dense
                else LexicalScorer(lexicon)
            )
            if language == "en" and embedder.words:
                counts = [part.counts for part in parts]
                self._spelling[language] = Spelling(counts, embedder.words)

    def __len__(self) -> int:
        """How many passages there are, in all languages."""
        return sum(view.size for views in self._shelves.values() for view in views)

    @property
    def languages(self) -> tuple[Language, ...]:
        """The languages there are passages in."""
        return tuple(self._shelves)

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
            StaleIndexError: when the index turns out to be damaged.
        """
        return [
            ScoredPassage(candidate.passage, candidate.score)
            for candidate in self.candidates(query, language, k)
        ]

    def candidates(self, query: str, language: Language, k: int = 5) -> list[Candidate]:
        """Like `search`, with the similarities that each score was made from."""
        if k < 1:
            raise ValueError(f"k = {k}; expected at least 1")
        variants = self._variants(query, language)
        if language not in self._shelves or not variants:
            return []
        try:
            return self._best(variants, language, k)
        except IndexError as error:
            raise StaleIndexError(
                f"The index names what it does not hold ({error}): it is damaged. "
                "Run `shopdesk index build --fresh`."
            ) from error

    def score(self, question: str, sentences: Sequence[str], language: Language) -> list[float]:
        """How near each of ``sentences`` is to ``question``, 0 to 1.

        English is compared by meaning (cosine), Chinese by the words that both share. Sentences of
        the knowledge base were embedded when the index was built; others are embedded once.
        """
        scorer = self._scorers.get(language)
        variants = self._variants(question, language)
        if not scorer or not variants:
            return [0.0] * len(sentences)
        scores = [scorer.score(variant, sentences) for variant in variants]
        return [max(of_sentence) for of_sentence in zip(*scores, strict=True)]

    def _variants(self, query: str, language: Language) -> tuple[str, ...]:
        text = queries.clean(query)
        if spelling := self._spelling.get(language):
            text = spelling.mend(text)
        return queries.variants(text) if text else ()

    def _best(self, variants: Sequence[str], language: Language, k: int) -> list[Candidate]:
        """The ``k`` best passages for a question said in several ways."""
        views, lexicon = self._shelves[language], self._lexicons[language]
        count = max(k, _CANDIDATES)
        vectors = [self._embed_query(variant) for variant in variants] if views[0].dense else []
        asked = [lexicon.ask(variant) for variant in variants]
        said = np.unique(np.concatenate([each.keys for each in asked]))
        lexical = [
            [lexicon.matches(each, number, view.layout) for each in asked]
            for number, view in enumerate(views)
        ]
        dense = [
            [view.dense.matches(vector) for vector in vectors] if view.dense else []
            for view in views
        ]
        by_words, by_meaning = _nearest(lexical, count), _nearest(dense, count)
        chosen = [np.union1d(*rows) for rows in zip(by_words, by_meaning, strict=True)]
        calibration = self._calibration[language]
        features, totals, places = [], [], []
        for number, (view, rows) in enumerate(zip(views, chosen, strict=True)):
            if not len(rows):
                continue
            parts = view.segment.parts
            found = similarities(parts, rows, dense[number], lexical[number], said, lexicon)
            features.append(found)
            totals.append(calibration.total(found, is_product(parts, rows)))
            places += [(view, row) for row in rows.tolist()]
        if not places:
            return []
        table, sums = np.concatenate(features), np.concatenate(totals)
        # By the sum and not by the score, which is 1.0 for everything far enough up.
        best = np.argsort(-sums, kind="stable")[:k]
        scores = calibration.probability(sums[best])
        return [
            Candidate(view.segment.parts.passages[row], score, tuple(values))
            for (view, row), score, values in zip(
                [places[place] for place in best],
                scores.tolist(),
                table[best].tolist(),
                strict=True,
            )
        ]

    def _vector(self, views: Sequence[View]) -> Callable[[str], Vectors]:
        """The vector of any text: from the segments, or else embedded."""

        def vector(text: str) -> Vectors:
            for view in views:
                if (known := view.vector(text)) is not None:
                    return known
            return self._embedder.embed_passages([text]).reshape(-1)

        return vector


def _nearest(stage: Sequence[Sequence[Matches]], count: int) -> list[Rows]:
    """The passages in each segment that are among the ``count`` best by one stage.

    Args:
        stage: the matches of each variant, by segment.
        count: how many a variant may name, over all segments.
    """
    chosen = [np.zeros(0, dtype=np.int64) for _ in stage]
    for variant in zip(*stage, strict=True):
        found = _cut([matches.best(count) for matches in variant], count)
        chosen = [np.concatenate(rows) for rows in zip(chosen, found, strict=True)]
    return chosen


def _cut(found: Sequence[Best], count: int) -> list[Rows]:
    """What of each segment is among the ``count`` best of all segments."""
    if len(found) == 1 or sum(len(best.rows) for best in found) <= count:
        return [best.rows for best in found]
    values = np.concatenate([best.values for best in found])
    least = np.partition(values, -count)[-count]
    return [best.rows[best.values >= least] for best in found]
