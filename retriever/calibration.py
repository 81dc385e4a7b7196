"""From similarities to the probability that a passage answers the question.

Each candidate has six similarities, one a stage (dense, lexical) and field (question, body,
sentence; see `retriever.units`). Their weighted sum ranks the candidates, and a logistic function
of the sum is the score. The numbers below were fitted by `retriever.fitting.fit_calibration` on the
development questions of the demo shop (`python -m evaluation.retrieval --fit` repeats it).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge_base.passages import Language

FEATURES = (
    *("dense_question", "dense_body", "dense_sentence"),
    *("lexical_question", "lexical_body", "lexical_sentence"),
)


@dataclass(frozen=True, slots=True)
class Calibration:
    """How one language's similarities become a score.

    Attributes:
        weights: of the similarities, in the order of ``FEATURES``; not negative.
        slope: how steeply the score rises with the weighted sum; above 0.
        intercept: the log-odds at a weighted sum of 0.
    """

    weights: tuple[float, ...]
    slope: float
    intercept: float

    def __post_init__(self) -> None:
        if len(self.weights) != len(FEATURES) or min(self.weights) < 0 or self.slope <= 0:
            raise ValueError(
                f"weights {self.weights} and slope {self.slope}: expected {len(FEATURES)} weights "
                "of at least 0 and a slope above 0. Fit the calibration again."
            )

    def score(self, similarities: NDArray[np.float32]) -> NDArray[np.float64]:
        """Scores, 0 to 1, of candidates with ``similarities`` of shape (candidates, 6)."""
        total = similarities @ np.asarray(self.weights)
        return np.asarray(1 / (1 + np.exp(-(self.intercept + self.slope * total))))


FITTED: dict[Language, Calibration] = {
    "en": Calibration((0.33, 0.33, 0.33, 0.1, 0.1, 0.1), 14.0, -7.5),
    "zh": Calibration((0.0, 0.0, 0.0, 0.33, 0.33, 0.33), 20.0, -3.5),
}
