"""The shipped search beside what it is made of, on the same passages and queries.

Each stage searches whole passages, ``question or title, line break, text``, for the query with its
history behind it:

- ``dense``: the embedder's vectors and exact inner products;
- ``lexical``: BM25;
- ``rrf``: the reciprocal-rank fusion of both (Cormack et al., 2009).
"""

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from evaluation.rankings import CUTOFFS, Measures, Ranked, measure
from evaluation.search_sets import Query, with_history
from knowledge_base.passages import LANGUAGES, Passage
from retriever.build import Progress, build_index_with, load_searcher_with
from retriever.dense import DenseIndex
from retriever.embedder import Embedder
from retriever.lexical import LexicalIndex

STAGES = ("dense", "lexical", "rrf")

_RRF_K = 60
_FOUND = 100
"""Passages asked for; many may be of the same document, and ten documents are measured."""

Search = Callable[[Query], Sequence[tuple[str, float | None]]]
"""Ids of passages, the best first, with their probability where there is one."""


def evaluate_search(
    passages: Sequence[Passage],
    queries: Sequence[Query],
    embedder: Embedder,
    indexing: Progress | None = None,
    searching: Progress | None = None,
) -> tuple[Measures, dict[str, Measures]]:
    """Index ``passages`` and ask all ``queries``.

    Args:
        indexing: told how many texts are embedded, of how many.
        searching: told how many queries are done, of how many.

    Returns:
        The measures of the shipped search, and those of each of `STAGES` alone.
    """
    with tempfile.TemporaryDirectory() as folder:
        build_index_with(embedder, passages, folder, indexing)
        searcher = load_searcher_with(embedder, folder)

    def shipped(query: Query) -> Sequence[tuple[str, float | None]]:
        found = searcher.search(with_history(query), query.language, _FOUND)
        return [(each.passage.id, each.score) for each in found]

    searches: dict[str, Search] = {"shipped": shipped, **_baselines(passages, embedder)}
    ranked: dict[str, list[Ranked]] = {name: [] for name in searches}
    for number, query in enumerate(queries, 1):
        for name, search in searches.items():
            ranked[name].append(_asked(search, query))
        if searching:
            searching(number, len(queries))
    measures = {name: measure(found) for name, found in ranked.items()}
    return measures.pop("shipped"), measures


def _asked(search: Search, query: Query) -> Ranked:
    begin = time.perf_counter()
    found = search(query)
    milliseconds = (time.perf_counter() - begin) * 1000
    return Ranked(
        query.ranked(name for name, _ in found)[: CUTOFFS[-1]],
        query.relevant,
        found[0][1] if found else 0.0,
        milliseconds,
    )


def _baselines(passages: Sequence[Passage], embedder: Embedder) -> Mapping[str, Search]:
    ids, dense, lexical = {}, {}, {}
    for language in LANGUAGES:
        of_language = [passage for passage in passages if passage.language == language]
        if not of_language:
            continue
        texts = [f"{passage.title}\n{passage.text}".strip() for passage in of_language]
        ids[language] = np.array([passage.id for passage in of_language], dtype=object)
        dense[language] = DenseIndex.of_vectors(embedder.embed_passages(texts))
        lexical[language] = LexicalIndex(texts, language)

    def rows_dense(query: Query) -> NDArray[np.int64]:
        vector = embedder.embed_queries([with_history(query)]).reshape(-1)
        return dense[query.language].matches(vector).best(_FOUND).ranked()

    def rows_lexical(query: Query) -> NDArray[np.int64]:
        return lexical[query.language].best(with_history(query), _FOUND).ranked()

    def rows_rrf(query: Query) -> NDArray[np.int64]:
        sums = np.zeros(len(ids[query.language]))
        for rows in (rows_dense(query), rows_lexical(query)):
            sums[rows] += 1 / (_RRF_K + 1 + np.arange(len(rows)))
        return np.argsort(-sums, kind="stable")[:_FOUND]

    def named(rows: Callable[[Query], NDArray[np.int64]]) -> Search:
        def search(query: Query) -> Sequence[tuple[str, float | None]]:
            if query.language not in ids:
                return []
            return [(name, None) for name in ids[query.language][rows(query)]]

        return search

    ways = (rows_dense, rows_lexical, rows_rrf)
    return {name: named(rows) for name, rows in zip(STAGES, ways, strict=True)}
