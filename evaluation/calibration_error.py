"""How far a confidence is from the truth."""

from typing import Any

import numpy as np
import numpy.typing as npt

_BINS = 10


def expected_calibration_error(confidence: npt.NDArray[Any], right: npt.NDArray[Any]) -> float:
    """How far confidence and share of right ones are apart, weighted by bin (Guo et al., 2017).

    In ten bins of equal width.

    Args:
        confidence: 0 to 1, shape (n,).
        right: whether each was right, shape (n,).
    """
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    parts = [bins == i for i in np.unique(bins)]
    return float(
        sum(abs(confidence[part].mean() - right[part].mean()) * part.mean() for part in parts)
    )
