import numpy as np
import pytest

from knowledge_base.passages import Passage
from retriever.calibration import FITTED, Calibration
from retriever.fitting import Example, fit_calibration
from retriever.search import Candidate


@pytest.mark.parametrize("language", ["en", "zh"])
def test_score_rises_with_every_similarity(language: str) -> None:
    calibration = FITTED[language]  # type: ignore[index]
    low, high = np.full((1, 9), 0.2, np.float32), np.full((1, 9), 0.7, np.float32)
    article, product = np.array([False]), np.array([True])
    totals = [
        calibration.total(low, product),
        calibration.total(low, article),
        calibration.total(high, article),
    ]
    scores = [float(calibration.probability(total)[0]) for total in totals]
    assert 0 <= scores[0] < scores[1] < scores[2] <= 1


@pytest.mark.parametrize(
    ("weights", "handicap", "slope"),
    [
        ((1.0,) * 5, 0.0, 1.0),
        ((*(1.0,) * 8, -1.0), 0.0, 1.0),
        ((1.0,) * 9, -1.0, 1.0),
        ((1.0,) * 9, 0.0, 0.0),
    ],
)
def test_senseless_calibration_is_refused(
    weights: tuple[float, ...], handicap: float, slope: float
) -> None:
    with pytest.raises(ValueError, match="Fit the calibration again"):
        Calibration(weights, handicap, slope, 0.0)


def examples(passage: Passage, count: int) -> list[Example]:
    """Only ``dense_body`` tells which of three answers; where none is high, none does."""
    rng = np.random.default_rng(7)
    made = []
    for number in range(count):
        noise = rng.uniform(0, 1, (3, 9))
        noise[:, 1] = [0.1, 0.2, 0.9 if number % 2 else 0.3]
        candidates = [Candidate(passage, 0.0, tuple(row)) for row in noise.tolist()]
        made.append(Example(candidates, [False, False, bool(number % 2)]))
    return made


def test_fit_finds_the_similarity_that_tells(passages: list[Passage]) -> None:
    training = examples(passages[0], 60)
    fitted = fit_calibration([training], training)
    assert fitted.weights[1] == max(fitted.weights) > 4 * sorted(fitted.weights)[-2]
    features = np.full((2, 9), 0.5, np.float32)
    features[:, 1] = [0.3, 0.9]
    weak, strong = fitted.probability(fitted.total(features, np.zeros(2, bool)))
    assert weak < 0.3 < 0.7 < strong
    assert fit_calibration([training], training) == fitted


def test_fit_without_answers_is_refused(passages: list[Passage]) -> None:
    training = examples(passages[0], 10)
    unanswered = [Example(each.candidates, [False] * 3) for each in training]
    with pytest.raises(ValueError, match="no question with an answer"):
        fit_calibration([unanswered], training)
    with pytest.raises(ValueError, match="all judged questions are alike"):
        fit_calibration([training], unanswered)
