import math

import pytest

from evaluation.rankings import Ranked, measure


def ranked(names: str, relevant: str, score: float | None = None, ms: float = 1.0) -> Ranked:
    return Ranked(tuple(names), frozenset(relevant), score, ms)


def test_ranks_and_gains() -> None:
    found = measure([ranked("abc", "a"), ranked("abc", "c"), ranked("abcdefghijk", "k")])
    assert (found.queries, found.unanswerable) == (3, 0)
    assert found.recall_at_1 == pytest.approx(1 / 3)
    assert found.recall_at_3 == found.recall_at_10 == pytest.approx(2 / 3)
    assert found.mrr_at_10 == pytest.approx((1 + 1 / 3) / 3)
    # A gain at place n counts 1 / log2(n + 1).
    assert found.ndcg_at_10 == pytest.approx((1 + 1 / 2) / 3)
    assert (found.ece, found.auroc) == (None, None)


def test_several_relevant_ones() -> None:
    found = measure([ranked("xab", "ab")])
    reached = 1 / math.log2(3) + 1 / math.log2(4)
    assert found.ndcg_at_10 == pytest.approx(reached / (1 + 1 / math.log2(3)))
    assert found.mrr_at_10 == pytest.approx(1 / 2)


def test_unanswerable_ones_count_for_the_score_alone() -> None:
    found = measure([ranked("a", "a", 0.95), ranked("a", "b", 0.35), ranked("a", "", 0.5)])
    assert (found.queries, found.unanswerable) == (3, 1)
    assert found.recall_at_1 == pytest.approx(1 / 2)
    assert found.ece == pytest.approx((0.05 + 0.35 + 0.5) / 3)
    assert found.auroc == pytest.approx(1 / 2)


def test_times() -> None:
    found = measure([ranked("a", "a", ms=ms) for ms in (1.0, 2.0, 9.0)])
    assert found.p50_ms == 2.0
    assert 2.0 < found.p95_ms <= 9.0


def test_nothing_found_is_a_miss() -> None:
    assert measure([ranked("", "a", 0.0)]).recall_at_10 == 0


def test_only_unanswerable_ones_are_refused() -> None:
    with pytest.raises(ValueError, match="1 queries, nothing is relevant to any; expected some"):
        measure([ranked("a", "")])
