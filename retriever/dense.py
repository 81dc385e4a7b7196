"""Search by meaning: a FAISS index over the units' vectors."""

from collections.abc import Sequence
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from retriever.embedder import Vectors
from retriever.errors import StaleIndexError


class DenseIndex:
    """Exact inner-product search (``IndexFlatIP``); vectors of one group compete, the best counts.

    Args:
        index: the FAISS index.
        groups: int64, shape (n,): which group each vector belongs to.
    """

    def __init__(self, index: faiss.Index, groups: NDArray[np.int64]) -> None:
        if index.ntotal != len(groups):
            raise StaleIndexError(
                f"The dense index holds {index.ntotal} vectors for {len(groups)} units. "
                "Run `shopdesk index build`."
            )
        self._index = index
        self._groups = groups
        self._largest = int(np.bincount(groups).max()) if len(groups) else 1

    @classmethod
    def build(cls, vectors: Vectors, groups: Sequence[int]) -> "DenseIndex":
        """From unit vectors, float32, shape (n, dimensions), and the group of each."""
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors))
        return cls(index, np.asarray(groups, dtype=np.int64))

    def nearest(self, query: Vectors, k: int) -> NDArray[np.int64]:
        """The ``k`` groups with the nearest vectors, in that order; query shape (dimensions,)."""
        # Enough vectors that k groups are among them even if the first ones crowd the top.
        count = min(k * self._largest, self._index.ntotal)
        if count == 0:
            return np.zeros(0, dtype=np.int64)
        _, rows = self._index.search(query[None, :], count)
        groups = dict.fromkeys(self._groups[rows[0]].tolist())
        return np.array(list(groups)[:k], dtype=np.int64)

    def similarities(self, query: Vectors, rows: NDArray[np.int64]) -> Vectors:
        """Cosines of ``query`` and the vectors at ``rows`` (as in `build`), shape (len(rows),)."""
        if not len(rows):
            return np.zeros(0, dtype=np.float32)
        return np.asarray(self._index.reconstruct_batch(rows) @ query, dtype=np.float32)

    def vectors(self) -> Vectors:
        """All vectors, in the order of `build`, shape (n, dimensions)."""
        return np.asarray(self._index.reconstruct_n(0, self._index.ntotal), dtype=np.float32)

    def save(self, path: Path) -> None:
        """Write the FAISS index to ``path``."""
        faiss.write_index(self._index, str(path))

    @classmethod
    def load(cls, path: Path, groups: Sequence[int]) -> "DenseIndex":
        """Read what `save` wrote.

        Raises:
            StaleIndexError: when it cannot be read or does not fit ``groups``.
        """
        try:
            index = faiss.read_index(str(path))
        except RuntimeError as error:
            raise StaleIndexError(
                f"Cannot read the dense index {path} ({error}). Run `shopdesk index build`."
            ) from error
        return cls(index, np.asarray(groups, dtype=np.int64))
