"""Measures of ranked lists against labelled queries."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import roc_auc_score

from evaluation.calibration_error import expected_calibration_error

CUTOFFS = (1, 3, 5, 10)
"""The ranks up to which recall is told; reciprocal rank and gain go up to the last."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """What was found for one query.

    Attributes:
        names: of passages or of documents, the best first, each once.
        relevant: which of them answer; empty where none does.
        score: of the first one, 0 to 1; None where the stage gives no probability.
        milliseconds: what the search took.
    """

    names: Sequence[str]
    relevant: frozenset[str]
    score: float | None
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Measures:
    """Figures of one way to search; shares from 0 to 1.

    Attributes:
        queries, unanswerable: how many there were, and how many of them have nothing relevant;
            these count for ``ece`` and ``auroc`` alone.
        recall_at_1: the share of queries with something relevant at the first place; so on.
        mrr_at_10: the mean of 1 / rank of the first relevant one, 0 beyond ten.
        ndcg_at_10: normalised discounted cumulative gain, each relevant one a gain of 1
            (Jarvelin and Kekalainen, 2002).
        ece: expected calibration error in ten bins of equal width: how far the first score is from
            how often the first one answers. None where the scores are no probabilities.
        auroc: of the first score, for telling answerable queries from the others; None where all
            are of one sort.
        p50_ms, p95_ms: what half, and 95 of 100, of the searches stay under.
    """

    queries: int
    unanswerable: int
    recall_at_1: float
    recall_at_3: float
    recall_at_5: float
    recall_at_10: float
    mrr_at_10: float
    ndcg_at_10: float
    ece: float | None
    auroc: float | None
    p50_ms: float
    p95_ms: float


def measure(found: Sequence[Ranked]) -> Measures:
    """The figures of one way to search.

    Raises:
        ValueError: no query has anything relevant.
    """
    answerable = [each for each in found if each.relevant]
    if not answerable:
        raise ValueError(
            f"{len(found)} queries, nothing is relevant to any; expected some with an answer"
        )
    ranks = [_rank(each) for each in answerable]
    recalls = {k: statistics.fmean(rank <= k for rank in ranks) for k in CUTOFFS}
    times = [each.milliseconds for each in found]
    tops = np.array([math.nan if each.score is None else each.score for each in found])
    scored = not np.isnan(tops).any()
    mixed = len(answerable) < len(found)
    return Measures(
        queries=len(found),
        unanswerable=len(found) - len(answerable),
        recall_at_1=recalls[1],
        recall_at_3=recalls[3],
        recall_at_5=recalls[5],
        recall_at_10=recalls[10],
        mrr_at_10=statistics.fmean(1 / rank if rank <= CUTOFFS[-1] else 0.0 for rank in ranks),
        ndcg_at_10=statistics.fmean(_gain(each) for each in answerable),
        ece=expected_calibration_error(tops, np.array([_rank(each) == 1 for each in found]))
        if scored
        else None,
        auroc=float(roc_auc_score([bool(each.relevant) for each in found], tops))
        if scored and mixed
        else None,
        p50_ms=statistics.median(times),
        p95_ms=float(np.percentile(times, 95)),
    )


def _rank(found: Ranked) -> float:
    ranks = (n for n, name in enumerate(found.names, 1) if name in found.relevant)
    return next(ranks, math.inf)


def _gain(found: Ranked) -> float:
    last = CUTOFFS[-1]
    gain = sum(
        1 / math.log2(n + 1)
        for n, name in enumerate(found.names[:last], 1)
        if name in found.relevant
    )
    ideal = sum(1 / math.log2(n + 1) for n in range(1, min(len(found.relevant), last) + 1))
    return gain / ideal
