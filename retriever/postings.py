"""Which texts hold a token, and what that is worth: BM25 in the form that bm25s gave it.

The part of BM25 that a token and a text decide (Lucene's variant; Kamphuis et al., 2020) is worked
out when the index is built and kept by token, as in BM25S (Lù, 2024): ``units[starts[t] :
starts[t + 1]]`` hold the token ``t``, and ``weights`` say how much that is worth there. How much
the token tells, its inverse document frequency, depends on all segments and is multiplied in when
a question comes: `retriever.lexical`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge_base.passages import Language
from retriever._arrays import map_array, write_array
from retriever.keys import TokenKeys, find, token_keys
from retriever.tokens import tokens

K1 = 1.2
B = 0.5

_MANY = 8192
"""Texts with a token, from which on the best of them are kept apart."""

_CHAMPIONS = 256


@dataclass(frozen=True, slots=True)
class Postings:
    """The postings of one segment.

    Attributes:
        size: how many texts there are.
        average_length: tokens a text, as the weights were worked out with.
        keys: of the tokens, sorted.
        starts: int64, shape (tokens + 1,).
        units: int32, shape (postings,): texts, rising within a token.
        weights: float32, shape (postings,): BM25 without the inverse document frequency.
        heavy: int32: the tokens of `_MANY` texts and more.
        champions: int32, shape (heavy, `_CHAMPIONS`): the texts where each of those weighs most.
    """

    size: int
    average_length: float
    keys: TokenKeys
    starts: NDArray[np.int64]
    units: NDArray[np.int32]
    weights: NDArray[np.float32]
    heavy: NDArray[np.int32]
    champions: NDArray[np.int32]

    def rows(self, wanted: TokenKeys) -> NDArray[np.int64]:
        """The tokens with these keys; -1 where there is none."""
        return find(self.keys, wanted)

    def frequencies(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many texts hold each of the tokens ``rows``; 0 for -1."""
        held = np.maximum(rows, 0)
        if not len(self.keys):
            return np.zeros(len(rows), dtype=np.int64)
        return np.where(rows < 0, 0, self.starts[held + 1] - self.starts[held])

    def of(self, row: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """The texts with the token ``row``, rising, and its weight in each."""
        begin, end = self.starts[row], self.starts[row + 1]
        return self.units[begin:end], self.weights[begin:end]

    def best_of(self, row: int) -> NDArray[np.int32]:
        """The texts where a token of many texts weighs most; empty for any other token."""
        place = np.searchsorted(self.heavy, row)
        if place == len(self.heavy) or self.heavy[place] != row:
            return np.zeros(0, dtype=np.int32)
        best: NDArray[np.int32] = self.champions[place]
        return best

    def save(self, folder: Path) -> dict[str, object]:
        """Write the arrays to ``folder``; returns what `load` has to be told."""
        for name in _DTYPES:
            write_array(folder / f"{name}.npy", getattr(self, name))
        return {
            "size": self.size,
            "average_length": self.average_length,
            "tokens": len(self.keys),
            "postings": len(self.units),
            "heavy": len(self.heavy),
        }

    @classmethod
    def load(
        cls, folder: Path, size: int, average_length: float, tokens: int, postings: int, heavy: int
    ) -> "Postings":
        """Map what `save` wrote.

        Raises:
            StaleIndexError: a file is missing or does not fit.
        """
        shapes: dict[str, tuple[int, ...]] = {
            "keys": (tokens,),
            "starts": (tokens + 1,),
            "units": (postings,),
            "weights": (postings,),
            "heavy": (heavy,),
            "champions": (heavy, _CHAMPIONS),
        }
        arrays = {
            name: map_array(folder / f"{name}.npy", dtype, shapes[name])
            for name, dtype in _DTYPES.items()
        }
        return cls(size, average_length, **arrays)


_DTYPES = {
    "keys": "uint64",
    "starts": "int64",
    "units": "int32",
    "weights": "float32",
    "heavy": "int32",
    "champions": "int32",
}


def count(
    texts: Iterable[str],
    language: Language,
    average_length: float | None = None,
    cut: Callable[[str, Language], list[str]] = tokens,
) -> Postings:
    """Count the tokens of ``texts``.

    Args:
        average_length: tokens a text; of these texts where it is not given. A small segment takes
            it from the large one, or a long text would be long in the one and short in the other.
        cut: text into tokens.
    """
    numbers: dict[str, int] = {}
    held: list[NDArray[np.int32]] = []
    for text in texts:
        cut_text = cut(text, language)
        found = [numbers.setdefault(token, len(numbers)) for token in cut_text]
        held.append(np.array(found, dtype=np.int32))
    lengths = np.array([len(found) for found in held], dtype=np.int64)
    keys = token_keys(numbers)
    order = np.argsort(keys)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    size = len(held)
    flat = np.concatenate(held) if size else np.zeros(0, dtype=np.int32)
    del held
    pairs = rank[flat] * size + np.repeat(np.arange(size), lengths)
    pairs, times = np.unique(pairs, return_counts=True)
    token, units = np.divmod(pairs, max(size, 1))
    mean = average_length or (float(lengths.mean()) if size else 0.0)
    norms = K1 * (1 - B + B * lengths / (mean or 1.0))
    weights = (times / (times + norms[units])).astype(np.float32)
    starts = np.searchsorted(token, np.arange(len(order) + 1))
    units = units.astype(np.int32)
    heavy = np.flatnonzero(np.diff(starts) >= _MANY)
    champions = np.zeros((len(heavy), _CHAMPIONS), dtype=np.int32)
    for place, row in enumerate(heavy):
        of = slice(starts[row], starts[row + 1])
        best = np.argpartition(-weights[of], _CHAMPIONS)[:_CHAMPIONS]
        champions[place] = np.sort(units[of][best])
    return Postings(
        size, mean, keys[order], starts, units, weights, heavy.astype(np.int32), champions
    )
