"""Fit the calibration of one language on questions whose answers are known."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from retriever.calibration import FEATURES, Calibration
from retriever.search import Candidate

_RIDGE = 1e-3
"""Keeps the weights near each other: a few hundred questions tell little of nine similarities."""


@dataclass(frozen=True, slots=True)
class Example:
    """One question with its candidates.

    Attributes:
        candidates: what was found for it, in any order; at least one.
        answers: for each candidate, whether it answers; none does where nothing answers.
    """

    candidates: Sequence[Candidate]
    answers: Sequence[bool]


def fit_calibration(sets: Sequence[Sequence[Example]], judged: Sequence[Example]) -> Calibration:
    """The calibration under which the answering candidates come first and scores are true.

    The weights and the handicap maximise the probability, under a softmax over the candidates, of
    those that answer (listwise, as in ListNet, Cao et al. 2007). Slope and intercept are a logistic
    regression on the first candidate of each judged question: does it answer?

    Args:
        sets: questions to rank for; each set weighs the same, however many it holds.
        judged: questions with and without an answer in the knowledge base, in the proportion in
            which the score is to be true.

    Raises:
        ValueError: when no question has an answer, or all have, or none lacks one.
    """
    groups = [
        [
            (_features(example), np.array(example.answers))
            for example in examples
            if any(example.answers)
        ]
        for examples in sets
    ]
    groups = [group for group in groups if group]
    if not groups:
        raise ValueError("no question with an answer among its candidates; expected at least one")
    dimensions = len(FEATURES) + 1

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        value = _RIDGE * float(weights @ weights)
        gradient = 2 * _RIDGE * weights
        for group in groups:
            for features, answers in group:
                totals = features @ weights
                odds = np.exp(totals - totals.max())
                share = odds / odds.sum()
                right = float(share[answers].sum()) + 1e-12
                value -= float(np.log(right)) / len(group)
                slope = features.T @ share - features.T @ (share * answers) / right
                gradient = gradient + slope / len(group)
        return value, gradient

    fitted = minimize(
        loss, np.ones(dimensions), jac=True, method="L-BFGS-B", bounds=[(0, None)] * dimensions
    )
    *weights, handicap = (round(float(weight), 2) for weight in fitted.x)
    ranked = Calibration(tuple(weights), handicap, slope=1.0, intercept=0.0)
    tops, right = zip(*(_top(example, ranked) for example in judged), strict=True)
    if len(set(right)) < 2:
        raise ValueError("all judged questions are alike; expected some with an answer, some not")
    regression = LogisticRegression(C=10.0).fit(np.array(tops)[:, None], np.array(right))
    return Calibration(
        ranked.weights,
        ranked.product_handicap,
        slope=round(float(regression.coef_[0, 0]), 3),
        intercept=round(float(regression.intercept_[0]), 3),
    )


def _features(example: Example) -> NDArray[np.float64]:
    """Similarities and, as it counts against, minus one for a product; (candidates, 10)."""
    return np.array(
        [
            (*candidate.similarities, -float(candidate.passage.kind == "product"))
            for candidate in example.candidates
        ]
    )


def _top(example: Example, calibration: Calibration) -> tuple[float, bool]:
    totals = _features(example) @ np.array([*calibration.weights, calibration.product_handicap])
    first = int(totals.argmax())
    return float(totals[first]), bool(example.answers[first])
