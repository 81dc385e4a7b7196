"""The intent model of one language: three experts, and a confidence that means something.

The first expert reads what a message means (a logistic regression over MiniLM's vector), the
second how it is spelt (a linear SVM over n-grams), the third knows the examples that are nearest.
To *join* their features loses what the vectors gain; to add up their scores gains on all: a product
of experts (Hinton, "Products of Experts", 1999), with three weights fitted on held-out folds, which
calibrate it as well.

A trained model is arrays and names. It is stored as such, not pickled: a model file that somebody
swapped can make the bot answer wrongly, but not run code. How it is trained: ``intent_training``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.components.ngrams import NGrams

Array = npt.NDArray[Any]

FAMILIAR = 5
"""How many of the nearest examples say how familiar a message is."""
NEAREST = 30
"""How many of the nearest examples say which intent is theirs."""
SHARPNESS = 20.0
"""How much more a nearer example says: an example 0.05 in cosine further away says e times less."""
NOBODY = 1e-3
"""What an intent has that none of the nearest examples has: little, but a logarithm."""
AT_ONCE = 512
"""Messages compared with all examples at a time: 30 MB, where all of them took gigabytes."""


@dataclass(frozen=True)
class Scored:
    """An intent and its calibrated probability."""

    intent: str
    confidence: float


@dataclass(frozen=True)
class Linear:
    """One expert: ``weights`` is (intents, features), ``bias`` (intents,)."""

    weights: Array
    bias: Array

    def scores(self, rows: Any) -> Array:
        """Shape (rows, intents), without a scale of their own."""
        return np.asarray(rows @ self.weights.T) + self.bias


@dataclass(frozen=True)
class Neighbours:
    """The expert that learns by heart: a kernel vote of the nearest examples.

    Where two intents share their words it knows the very phrases, which no plane between them does.

    Attributes:
        examples: the vectors of the training examples, (examples, dimensions), of unit length.
        labels: the place of each one's intent among ``intents``, (examples,).
        intents: how many there are.
    """

    examples: Array
    labels: Array
    intents: int

    def read(self, vectors: Array) -> tuple[Array, Array]:
        """Scores (vectors, intents), and how familiar each vector is (vectors,): a mean cosine."""
        parts = [
            self._read(vectors[place : place + AT_ONCE])
            for place in range(0, max(len(vectors), 1), AT_ONCE)
        ]
        scores, familiar = zip(*parts, strict=True)
        return np.concatenate(scores), np.concatenate(familiar)

    def _read(self, vectors: Array) -> tuple[Array, Array]:
        cosines = vectors @ self.examples.T
        count = min(NEAREST, len(self.examples))
        nearest = np.argpartition(cosines, -count, axis=1)[:, -count:]
        near = np.take_along_axis(cosines, nearest, axis=1)
        votes = np.full((len(vectors), self.intents), NOBODY)
        rows = np.arange(len(vectors))[:, None]
        np.add.at(votes, (rows, self.labels[nearest]), np.exp(SHARPNESS * (near - 1)))
        familiar: Array = np.sort(near, axis=1)[:, -FAMILIAR:].mean(axis=1)
        return np.log(votes), familiar


@dataclass(frozen=True)
class Scope:
    """How likely it is that the likeliest intent is right, and that there is one at all.

    A logistic regression over :func:`evidence`.
    """

    weights: Array
    bias: float

    def confidence(self, evidence: Array) -> Array:
        """Probabilities, one for each row of ``evidence``."""
        result: Array = 1 / (1 + np.exp(-(evidence @ self.weights + self.bias)))
        return result


@dataclass(frozen=True)
class IntentModel:
    """A trained model.

    Attributes:
        trust: what each expert's scores are multiplied with before they are added up, (3,).
    """

    intents: tuple[str, ...]
    meaning: Linear
    spelling: Linear
    neighbours: Neighbours
    trust: Array
    scope: Scope
    ngrams: NGrams

    def rank(self, text: str, vector: Array) -> list[Scored]:
        """All intents for one message, the likeliest first.

        Args:
            text: the message.
            vector: what the encoder made of it, (384,).

        The first one's confidence is the probability that it is what was meant: of the messages
        scored 0.7 about 70 % are. It is low as well for a message that fits no intent. The others
        keep their distance to it.
        """
        return self.rank_all([text], vector[None, :])[0]

    def rank_all(self, texts: list[str], vectors: Array) -> list[list[Scored]]:
        """As :meth:`rank`, for many."""
        near, familiar = self.neighbours.read(vectors)
        spelt = self.spelling.scores(self.ngrams.transform(texts))
        logits = pooled((self.meaning.scores(vectors), spelt, near), self.trust)
        probabilities = softmax(logits)
        certain = self.scope.confidence(evidence(logits, familiar))
        ranked = []
        for row, sure in zip(probabilities, certain, strict=True):
            order = np.argsort(-row, kind="stable")
            scaled = row * (sure / row[order[0]])
            # What is scaled up cannot be likelier than the rest of the whole.
            scaled[order[1:]] = np.minimum(scaled[order[1:]], 1 - sure)
            ranked.append([Scored(self.intents[i], float(scaled[i])) for i in order])
        return ranked

    def save(self, directory: Path, name: str, language: str) -> None:
        """Write ``name.npz`` and ``name.json``."""
        arrays = {f"idf{place}": idf for place, idf in enumerate(self.ngrams.idf)}
        arrays |= {
            "meaning": self.meaning.weights.astype(np.float32),
            "meaning_bias": self.meaning.bias,
            "spelling": self.spelling.weights.astype(np.float32),
            "spelling_bias": self.spelling.bias,
            "examples": self.neighbours.examples.astype(np.float32),
            "labels": self.neighbours.labels.astype(np.int32),
            "trust": self.trust,
            "scope": self.scope.weights,
        }
        np.savez(directory / f"{name}.npz", allow_pickle=False, **arrays)
        names = {
            "language": language,
            "intents": self.intents,
            "scope_bias": self.scope.bias,
            "vocabularies": self.ngrams.vocabularies,
        }
        text = json.dumps(names, ensure_ascii=False)
        (directory / f"{name}.json").write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, directory: Path, name: str) -> IntentModel:
        """Read what :meth:`save` wrote."""
        names = json.loads((directory / f"{name}.json").read_text(encoding="utf-8"))
        with np.load(directory / f"{name}.npz", allow_pickle=False) as arrays:
            idf = [arrays[f"idf{place}"] for place in range(len(names["vocabularies"]))]
            return cls(
                tuple(names["intents"]),
                Linear(arrays["meaning"], arrays["meaning_bias"]),
                Linear(arrays["spelling"], arrays["spelling_bias"]),
                Neighbours(arrays["examples"], arrays["labels"], len(names["intents"])),
                arrays["trust"],
                Scope(arrays["scope"], names["scope_bias"]),
                NGrams.restore(names["language"], names["vocabularies"], idf),
            )


def pooled(scores: Array | Sequence[Array], trust: Array) -> Array:
    """The experts' scores, each (rows, intents), as logits of one distribution."""
    logits: Array = np.tensordot(trust, np.asarray(scores), axes=1)
    return logits


def evidence(logits: Array, familiar: Array) -> Array:
    """What the confidence rests on, (rows, 3).

    The log odds of the likeliest intent, how near the examples are, and the likeliest one's logit
    before it is made relative to the others: a message that fits nothing has low ones throughout,
    which their ratio hides.
    """
    best = np.clip(softmax(logits).max(axis=1), 1e-6, 1 - 1e-6)
    return np.stack([np.log(best / (1 - best)), familiar, logits.max(axis=1)], axis=1)


def softmax(logits: Array) -> Array:
    """Probabilities, row by row."""
    powers: Array = np.exp(logits - logits.max(axis=1, keepdims=True))
    total: Array = powers.sum(axis=1, keepdims=True)
    return powers / total
