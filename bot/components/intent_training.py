"""How the intent model of one language is trained and calibrated.

Nothing is chosen on what it is measured with: the experts' weights, and the confidence, are fitted
on what the experts say about examples they have not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from bot.components.intent_model import (
    Array,
    IntentModel,
    Linear,
    Scope,
    evidence,
    familiarity,
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
    data = _Data(np.array(texts, dtype=object), vectors, np.array(intents), language)
    # The matrices are small: more threads only wait for each other, ten times as long where the
    # machine has other work.
    with threadpool_limits(1):
        progress("folds")
        meaning, spelling, familiar = _held_out(data, names)
        gold = np.searchsorted(names, data.intents)
        trust = _trust(meaning, spelling, gold)
        logits = pooled(meaning, spelling, trust)
        progress("unknown intents")
        unknown = _unknown(data, names, trust)
        scope = _scope(evidence(logits, familiar), logits.argmax(axis=1) == gold, unknown)
        progress("all examples")
        experts = _Experts(data, np.ones(len(texts), dtype=bool))
    return IntentModel(
        tuple(map(str, names)),
        experts.meaning,
        experts.spelling,
        trust,
        vectors.astype(np.float32),
        scope,
        experts.ngrams,
    )


class _Data:
    def __init__(self, texts: Array, vectors: Array, intents: Array, language: str) -> None:
        self.texts, self.vectors, self.intents = texts, vectors, intents
        self.language = language


class _Experts:
    """Both experts, trained on the part of the data that ``chosen`` marks."""

    def __init__(self, data: _Data, chosen: Array) -> None:
        texts, intents = list(data.texts[chosen]), data.intents[chosen]
        self.ngrams = NGrams.fit(texts, data.language)
        regression = LogisticRegression(C=MEANING_C, max_iter=1000)
        self.meaning = _linear(regression.fit(data.vectors[chosen], intents))
        machine = LinearSVC(C=SPELLING_C)
        self.spelling = _linear(machine.fit(self.ngrams.transform(texts), intents))

    def scores(self, data: _Data, asked: Array) -> tuple[Array, Array]:
        rows = self.ngrams.transform(list(data.texts[asked]))
        return self.meaning.scores(data.vectors[asked]), self.spelling.scores(rows)


def _linear(fitted: Any) -> Linear:
    weights, bias = fitted.coef_, np.atleast_1d(fitted.intercept_)
    if len(weights) == 1:  # of two intents scikit-learn keeps only the second's
        weights, bias = np.concatenate([-weights, weights]), np.concatenate([-bias, bias])
    return Linear(weights, bias)


def _held_out(data: _Data, names: Array) -> tuple[Array, Array, Array]:
    """What the experts say of each example, and how familiar it is, when they have not seen it."""
    size = (len(data.texts), len(names))
    meaning, spelling, familiar = np.empty(size), np.empty(size), np.empty(size[0])
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    for seen, unseen in folds.split(data.texts, data.intents):
        meaning[unseen], spelling[unseen] = _Experts(data, seen).scores(data, unseen)
        familiar[unseen] = familiarity(data.vectors[unseen], data.vectors[seen])
    return meaning, spelling, familiar


def _trust(meaning: Array, spelling: Array, gold: Array) -> tuple[float, float]:
    """The two weights with the least log loss."""

    def loss(logarithms: Array) -> float:
        logits = pooled(meaning, spelling, (np.exp(logarithms[0]), np.exp(logarithms[1])))
        right = softmax(logits)[np.arange(len(gold)), gold]
        return float(-np.log(right + 1e-12).mean())

    best = minimize(loss, [0.0, 0.7], method="Nelder-Mead", options={"maxiter": 80}).x
    return float(np.exp(best[0])), float(np.exp(best[1]))


def _unknown(data: _Data, names: Array, trust: tuple[float, float]) -> Array:
    """The evidence for examples of intents that the experts were not taught."""
    groups = min(UNKNOWN_GROUPS, len(names) // 2)
    if groups < 2:
        return np.empty((0, 3))
    shuffled = np.random.default_rng(0).permutation(names)
    found = []
    for group in np.array_split(shuffled, groups):
        left_out = np.isin(data.intents, group)
        experts = _Experts(data, ~left_out)
        logits = pooled(*experts.scores(data, left_out), trust)
        familiar = familiarity(data.vectors[left_out], data.vectors[~left_out])
        found.append(evidence(logits, familiar))
    return np.concatenate(found)


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
