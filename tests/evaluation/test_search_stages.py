from collections.abc import Sequence

import numpy as np

from evaluation.search_sets import Query
from evaluation.search_stages import STAGES, evaluate_search
from knowledge_base.passages import Language, Passage
from retriever.embedder import Vectors

TOPICS = ("tent", "stove", "boot")


class TopicEmbedder:
    """A direction for each topic that a text names."""

    fingerprint = "topics:1"
    dimensions = len(TOPICS) + 1
    languages: tuple[Language, ...] = ("en",)
    words: frozenset[str] = frozenset()

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        rows = [[0.1, *(float(topic in text) for topic in TOPICS)] for text in texts]
        vectors = np.array(rows, dtype=np.float32)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))

    embed_passages = embed_queries


def passage(name: str, text: str) -> Passage:
    return Passage(name, "policy", "en", name, text, "p", 1)


def test_the_shipped_search_and_each_stage_are_measured() -> None:
    passages = [passage(f"{topic}#1", f"All about a {topic} and its care.") for topic in TOPICS]
    queries = [
        Query(f"my {topic} is broken", "en", frozenset({topic}), of_documents=True)
        for topic in TOPICS
    ]
    follow_up = Query("and its care?", "en", frozenset({"boot"}), ("a boot?",), True)
    unanswerable = Query("who won?", "en", frozenset())
    told: list[tuple[int, int]] = []
    measures, stages = evaluate_search(
        passages,
        [*queries, follow_up, unanswerable],
        TopicEmbedder(),
        searching=lambda done, total: told.append((done, total)),
    )
    assert tuple(stages) == STAGES
    assert told == [(n, 5) for n in range(1, 6)]
    for found in (measures, *stages.values()):
        assert (found.queries, found.unanswerable) == (5, 1)
        assert found.recall_at_1 == 1
        assert found.p95_ms >= found.p50_ms > 0
    assert measures.ece is not None
    assert measures.auroc == 1
    assert stages["dense"].ece is None


def test_a_language_without_passages_finds_nothing() -> None:
    queries = [
        Query("my tent is broken", "en", frozenset({"tent#1"})),
        Query("帐篷坏了", "zh", frozenset({"tent#1"})),
    ]
    measures, stages = evaluate_search([passage("tent#1", "A tent.")], queries, TopicEmbedder())
    assert measures.recall_at_10 == stages["rrf"].recall_at_10 == 1 / 2
