"""From similarities to the probability that a passage answers the question.

Each candidate has nine similarities: for each stage (dense, lexical) that of the nearest unit of
each field (question, body, sentence; see `retriever.units`) and the mean of the nearest ways to
ask, and for a product how much of its name is said. Their weighted sum ranks the candidates, and a
logistic function of the sum is the score. The numbers were fitted by `retriever.fitting` on the
development questions of the demo shop; ``python -m evaluation.retrieval --fit`` prints them anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge_base.passages import Language

FEATURES = (
    *("dense_question", "dense_body", "dense_sentence"),
    *("lexical_question", "lexical_body", "lexical_sentence"),
    *("dense_ways", "lexical_ways"),
    "product_name",
)


@dataclass(frozen=True, slots=True)
class Calibration:
    """How one language's similarities become a score.

    Attributes:
        weights: of the similarities, in the order of ``FEATURES``; not negative.
        product_handicap: taken off the weighted sum of a product, because most questions are not
            about one and products are many and much alike; not negative.
        slope: how steeply the log-odds rise with the weighted sum; above 0.
        intercept: the log-odds at a weighted sum of 0.
    """

    weights: tuple[float, ...]
    product_handicap: float
    slope: float
    intercept: float

    def __post_init__(self) -> None:
        if (
            len(self.weights) != len(FEATURES)
            or min(*self.weights, self.product_handicap) < 0
            or self.slope <= 0
        ):
            raise ValueError(
                f"{self}: expected {len(FEATURES)} weights and a handicap of at least 0 and a "
                "slope above 0. Fit the calibration again."
            )

    def total(
        self, similarities: NDArray[np.float32], is_product: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        """The weighted sums that rank candidates, from shapes (candidates, 9) and (candidates,)."""
        sums = similarities.astype(np.float64) @ np.asarray(self.weights)
        return np.asarray(sums - self.product_handicap * is_product)

    def probability(self, total: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scores, 0 to 1, of candidates with the weighted sums ``total``."""
        return np.asarray(1 / (1 + np.exp(-(self.intercept + self.slope * total))))


FITTED: Mapping[Language, Calibration] = {
    "en": Calibration((6.47, 3.33, 5.29, 8.04, 1.58, 4.14, 6.77, 5.86, 0.0), 0.62, 0.527, -7.411),
    "zh": Calibration((0.0, 0.0, 0.0, 11.05, 21.15, 12.01, 0.0, 10.51, 1.57), 0.52, 0.32, -1.687),
}
