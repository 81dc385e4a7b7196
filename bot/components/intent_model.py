"""The intent classifier of one language: features, logistic regression, calibrated probabilities.

English goes through MiniLM vectors. Chinese goes through the TF-IDF of its characters, because
MiniLM has read no Chinese. Joining the two kinds of features loses what MiniLM gains, so each
language has one kind only.

A trained model is arrays and names. It is stored as such, not pickled: a model file that somebody
swapped can make the bot answer wrongly, but not run code.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

Array = npt.NDArray[Any]

FOLDS = 5
INVERSE_REGULARISATION = 20.0
"""scikit-learn's C. From 3 to 60 English macro F1 stays within 0.005 (Chinese was not swept);
at the library's own 1.0 the probabilities are so low that no threshold parts the known from the
unknown."""


class Features(Protocol):
    """Turns texts into rows of a matrix, dense or sparse."""

    def transform(self, texts: Sequence[str]) -> Any:
        """One row for each of ``texts``."""


class Characters:
    """TF-IDF of lower-cased character n-grams: no word segmenter, so nothing it could get wrong."""

    def __init__(self, vectorizer: Any) -> None:
        """Wrap a fitted ``vectorizer``; use :meth:`fit` or :meth:`restore`."""
        self._vectorizer = vectorizer

    @classmethod
    def fit(cls, texts: Sequence[str], longest: int = 2) -> Characters:
        """Learn the n-grams of ``texts``, up to ``longest`` characters each."""
        vectorizer = _character_vectorizer(longest)
        vectorizer.fit(texts)
        return cls(vectorizer)

    @classmethod
    def restore(cls, vocabulary: Sequence[str], idf: Array) -> Characters:
        """Rebuild the features from what :attr:`vocabulary` and :attr:`idf` gave."""
        vectorizer = _character_vectorizer(max(map(len, vocabulary)), list(vocabulary))
        vectorizer.idf_ = idf
        return cls(vectorizer)

    @property
    def vocabulary(self) -> list[str]:
        """The n-grams in the order of the columns."""
        return [str(ngram) for ngram in self._vectorizer.get_feature_names_out()]

    @property
    def idf(self) -> Array:
        """The inverse document frequency of each column."""
        idf: Array = self._vectorizer.idf_
        return idf

    def transform(self, texts: Sequence[str]) -> Any:
        """Sparse rows of unit length; a text without a known n-gram is a row of zeros."""
        return self._vectorizer.transform(texts)


def _character_vectorizer(longest: int, vocabulary: list[str] | None = None) -> Any:
    return TfidfVectorizer(
        analyzer="char", ngram_range=(1, longest), sublinear_tf=True, vocabulary=vocabulary
    )


@dataclass(frozen=True)
class Scored:
    """An intent and its calibrated probability."""

    intent: str
    confidence: float


@dataclass(frozen=True)
class IntentModel:
    """A trained classifier.

    ``weights`` is (intents, features), ``bias`` (intents,). The logits are divided by
    ``temperature``, chosen on held-out folds, so that of the messages scored 0.7 about 70 % are
    right (temperature scaling: Guo et al., "On Calibration of Modern Neural Networks", 2017).
    """

    intents: tuple[str, ...]
    weights: Array
    bias: Array
    temperature: float

    def rank(self, row: Any) -> list[Scored]:
        """All intents for one row of features, the likeliest first."""
        logits = np.asarray(row @ self.weights.T).reshape(-1) + self.bias
        probabilities = _softmax(logits[None, :] / self.temperature)[0]
        best_first = np.argsort(-probabilities, kind="stable")
        return [Scored(self.intents[i], float(probabilities[i])) for i in best_first]

    def save(self, directory: Path, name: str, characters: Characters | None = None) -> None:
        """Write ``name.npz`` and ``name.json``, with the features where they were learnt too."""
        idf = np.empty(0) if characters is None else characters.idf
        np.savez(directory / f"{name}.npz", weights=self.weights, bias=self.bias, idf=idf)
        names = {
            "intents": self.intents,
            "temperature": self.temperature,
            "vocabulary": None if characters is None else characters.vocabulary,
        }
        (directory / f"{name}.json").write_text(
            json.dumps(names, ensure_ascii=False), encoding="utf-8"
        )

    @classmethod
    def load(cls, directory: Path, name: str) -> tuple[IntentModel, Characters | None]:
        """Read what :meth:`save` wrote; the features are ``None`` where none were saved."""
        names = json.loads((directory / f"{name}.json").read_text(encoding="utf-8"))
        with np.load(directory / f"{name}.npz", allow_pickle=False) as arrays:
            model = cls(
                tuple(names["intents"]), arrays["weights"], arrays["bias"], names["temperature"]
            )
            vocabulary = names["vocabulary"]
            features = None if vocabulary is None else Characters.restore(vocabulary, arrays["idf"])
        return model, features


def train(
    texts: Sequence[str],
    intents: Sequence[str],
    fit_features: Callable[[Sequence[str]], Features],
) -> tuple[IntentModel, Features]:
    """Train on ``texts`` and their ``intents``, and calibrate on held-out folds.

    Parameters:
        fit_features: learns the features from texts; called for every fold, so that no fold
            knows the n-grams of what it is tested on.

    Raises:
        ValueError: an intent has fewer examples than there are folds.
    """
    labels = np.array(intents)
    names, counts = np.unique(labels, return_counts=True)
    if len(names) < 2 or counts.min() < FOLDS:
        raise ValueError(
            f"Of {len(names)} intents, {names[counts.argmin()]} has {counts.min()} examples; "
            f"expected two intents or more with at least {FOLDS} each. Write more examples."
        )
    # The matrices are small: more threads only wait for each other, ten times as long where the
    # machine has other work.
    with threadpool_limits(1):
        temperature = _temperature(texts, labels, fit_features)
        features = fit_features(texts)
        regression = _regression().fit(features.transform(texts), labels)
    model = IntentModel(
        tuple(str(name) for name in regression.classes_),
        _full(regression.coef_),
        _full(regression.intercept_),
        temperature,
    )
    return model, features


def _temperature(
    texts: Sequence[str], labels: Array, fit_features: Callable[[Sequence[str]], Features]
) -> float:
    """What the logits are to be divided by for the least log loss on held-out folds."""
    names, gold = np.unique(labels, return_inverse=True)
    logits = np.empty((len(texts), len(names)))
    for seen, unseen in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(texts, labels):
        features = fit_features([texts[i] for i in seen])
        regression = _regression().fit(features.transform([texts[i] for i in seen]), labels[seen])
        rows = features.transform([texts[i] for i in unseen])
        logits[unseen] = _full(regression.decision_function(rows), axis=1)

    def loss(log_temperature: float) -> float:
        probabilities = _softmax(logits / np.exp(log_temperature))
        return float(-np.log(probabilities[np.arange(len(gold)), gold] + 1e-12).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-3.0, 3.0), method="bounded").x))


def _regression() -> Any:
    return LogisticRegression(C=INVERSE_REGULARISATION, max_iter=1000)


def _full(values: Array, axis: int = 0) -> Array:
    """One entry an intent, also for two intents, where scikit-learn keeps only the second's."""
    if axis == 1:
        return np.stack([-values, values], axis=1) if values.ndim == 1 else values
    return np.concatenate([-values, values]) if len(values) == 1 else values


def _softmax(logits: Array) -> Array:
    powers: Array = np.exp(logits - logits.max(axis=1, keepdims=True))
    total: Array = powers.sum(axis=1, keepdims=True)
    return powers / total
