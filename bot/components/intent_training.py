"""How the intent model of one language is trained and calibrated.

Nothing is chosen on what it is measured with: how far each expert is trusted, and the confidence,
are fitted on what the experts say about examples they have not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from bot.components.cores import cores
from bot.components.intent_model import (
    Array,
    IntentModel,
    Linear,
    Neighbours,
    Scope,
    evidence,
    pooled,
    softmax,
)
from bot.components.ngrams import NGrams

FOLDS = 5
MEANING_C = 20.0
"""scikit-learn's C. At its own 1.0 the scores are so flat that no weight sharpens them again."""
SPELLING_C = 0.5
UNKNOWN_GROUPS = 3
"""Each intent is once among the unknown: a third of them at a time is left out of the training."""
UNKNOWN_SHARE = 0.1
"""Which part of the messages is assumed to fit no intent. More, and the confidence of what does fit
falls below how often it is right."""

Progress = Callable[[str], None]


def train(
    texts: Sequence[str],
    vectors: Array,
    intents: Sequence[str],
    language: str,
    progress: Progress = lambda _: None,
) -> IntentModel:
    """Train on ``texts``, their encoder ``vectors`` (texts, 384) and their ``intents``.

    Args:
        progress: told what is done next.

    Raises:
        ValueError: an intent has fewer examples than there are folds.
    """
    names, counts = np.unique(np.array(intents), return_counts=True)
    if len(names) < 2 or counts.min() < FOLDS:
        raise ValueError(
            f"Of {len(names)} intents, {names[counts.argmin()]} has {counts.min()} examples; "
            f"expected two intents or more with at least {FOLDS} each. Write more examples."
        )
    data = _Data(
        np.array(texts, dtype=object),
        vectors,
        np.searchsorted(names, intents),
        len(names),
        language,
    )
    # The matrices are small: more threads only wait for each other, ten times as long where the
    # machine has other work. What is trained apart from each other may use the cores.
    with threadpool_limits(1), ThreadPoolExecutor(cores()) as pool:
        progress("folds and unknown intents")
        whole = pool.submit(_Experts, data, np.ones(len(texts), dtype=bool))
        strangers = [pool.submit(_judged, data, ~group, group) for group in _groups(data)]
        folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
        held_out = [
            (unseen, pool.submit(_judged, data, _mask(data, seen), _mask(data, unseen)))
            for seen, unseen in folds.split(data.texts, data.labels)
        ]
        scores, familiar = np.empty((3, len(texts), len(names))), np.empty(len(texts))
        for unseen, judged in held_out:
            scores[:, unseen], familiar[unseen] = judged.result()
        progress("weights")
        trust = _trust(scores, data.labels)
        logits = pooled(scores, trust)
        unknown = [
            evidence(pooled(said, trust), near)
            for said, near in (judged.result() for judged in strangers)
        ]
        scope = _scope(
            evidence(logits, familiar),
            logits.argmax(axis=1) == data.labels,
            np.concatenate([np.empty((0, 3)), *unknown]),
        )
        experts = whole.result()
    return IntentModel(
        tuple(map(str, names)),
        experts.meaning,
        experts.spelling,
        experts.neighbours,
        trust,
        scope,
        experts.ngrams,
    )


@dataclass(frozen=True)
class _Data:
    """All examples; ``labels`` are the places of their intents, of which there are ``intents``."""

    texts: Array
    vectors: Array
    labels: Array
    intents: int
    language: str


class _Experts:
    """The three experts, trained on the part of the data that ``chosen`` marks.

    Their scores are for the intents among it only.
    """

    def __init__(self, data: _Data, chosen: Array) -> None:
        texts, labels, vectors = list(data.texts[chosen]), data.labels[chosen], data.vectors[chosen]
        self.ngrams = NGrams.fit(texts, data.language)
        regression = LogisticRegression(C=MEANING_C, max_iter=1000)
        self.meaning = _linear(regression.fit(vectors, labels))
        machine = LinearSVC(C=SPELLING_C)
        self.spelling = _linear(machine.fit(self.ngrams.transform(texts), labels))
        present, places = np.unique(labels, return_inverse=True)
        self.neighbours = Neighbours(vectors.astype(np.float32), places, len(present))

    def judge(self, data: _Data, asked: Array) -> tuple[Array, Array]:
        """What they say of the examples that ``asked`` marks: (3, asked, intents), (asked,)."""
        near, familiar = self.neighbours.read(data.vectors[asked])
        spelt = self.spelling.scores(self.ngrams.transform(list(data.texts[asked])))
        return np.stack([self.meaning.scores(data.vectors[asked]), spelt, near]), familiar


def _judged(data: _Data, seen: Array, unseen: Array) -> tuple[Array, Array]:
    """What experts that were taught ``seen`` say of ``unseen``, and how familiar that is."""
    return _Experts(data, seen).judge(data, unseen)


def _mask(data: _Data, places: Array) -> Array:
    marked = np.zeros(len(data.texts), dtype=bool)
    marked[places] = True
    return marked


def _groups(data: _Data) -> list[Array]:
    """The examples of a part of the intents each, so that those can be kept from the experts."""
    groups = min(UNKNOWN_GROUPS, data.intents // 2)
    if groups < 2:
        return []
    shuffled = np.random.default_rng(0).permutation(data.intents)
    return [np.isin(data.labels, group) for group in np.array_split(shuffled, groups)]


def _linear(fitted: Any) -> Linear:
    weights, bias = fitted.coef_, np.atleast_1d(fitted.intercept_)
    if len(weights) == 1:  # of two intents scikit-learn keeps only the second's
        weights, bias = np.concatenate([-weights, weights]), np.concatenate([-bias, bias])
    return Linear(weights, bias)


def _trust(scores: Array, gold: Array) -> Array:
    """The weights of the experts with the least log loss, (3,).

    The loss is convex in them; their logarithms keep them positive.
    """
    gold_scores = scores[:, np.arange(len(gold)), gold]

    def loss(logarithms: Array) -> tuple[float, Array]:
        trust = np.exp(logarithms)
        logits = pooled(scores, trust)
        likely = softmax(logits)
        right = likely[np.arange(len(gold)), gold]
        slope = ((scores * likely).sum(axis=2) - gold_scores).mean(axis=1)
        return float(-np.log(right + 1e-12).mean()), slope * trust

    best: Array = np.exp(minimize(loss, np.zeros(len(scores)), jac=True, method="L-BFGS-B").x)
    return best


def _scope(known: Array, right: Array, unknown: Array) -> Scope:
    share = UNKNOWN_SHARE if len(unknown) else 0.0
    weights = np.concatenate(
        [
            np.full(len(known), 1 - share),
            np.full(len(unknown), share * len(known) / max(len(unknown), 1)),
        ]
    )
    rows = np.concatenate([known, unknown])
    outcome = np.concatenate([right, np.zeros(len(unknown), dtype=bool)])
    if outcome.all() or not outcome.any():
        # Too easy to learn from: the experts' own odds stand.
        return Scope(np.array([1.0, 0.0, 0.0]), 0.0)
    fitted = LogisticRegression(C=100.0, max_iter=1000).fit(rows, outcome, sample_weight=weights)
    return Scope(fitted.coef_[0], float(fitted.intercept_[0]))
