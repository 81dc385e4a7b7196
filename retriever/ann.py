"""FAISS over the vectors of a large segment: a graph, or cells with product codes."""

import errno
import math
import os
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from retriever.embedder import Vectors
from retriever.errors import StaleIndexError
from retriever.matches import Rows, Values

# Threads that wait by spinning starve each other where the cores are shared: with it, learning the
# codes of 20,000 vectors takes a third of the time on two cores that others use as well.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
# Its type stubs leave out half of what is used here.
faiss: Any = import_module("faiss")

_LINKS = 24
_LOOKED_AT = 120
"""Of the graph: neighbours a vector, and vectors looked at for a new one."""

_SEARCHED = 192
"""Of the graph: vectors kept in view in a search, at least."""

_TRAINED_EACH = 48
"""Vectors a cell that the cells are trained on."""

_PIECE = 4
"""Numbers of a vector that share one byte of its product code, at least."""

_BLOCK = 16_384

Read = Callable[[int, int], Vectors]
"""The vectors from one row up to another, float32."""


class Ann:
    """A FAISS index.

    Args:
        index: of either kind.
    """

    def __init__(self, index: Any) -> None:
        self._index = index
        self._unlimited = lru_cache(self._parameters)

    @classmethod
    def build(cls, kind: Literal["hnsw", "ivfpq"], read: Read, size: int, dimensions: int) -> "Ann":
        """Index the ``size`` vectors that ``read`` gives, block by block."""
        faiss.omp_set_num_threads(os.cpu_count() or 1)
        index = _hnsw(read, size, dimensions) if kind == "hnsw" else _ivfpq(read, size, dimensions)
        for start in range(0, size, _BLOCK):
            index.add(read(start, min(start + _BLOCK, size)))
        return cls(index)

    def search(
        self, query: Vectors, count: int, allowed: NDArray[np.bool_] | None = None
    ) -> tuple[Rows, Values]:
        """The ``count`` nearest vectors, about, and about how near they are.

        Args:
            query: shape (dimensions,).
            count: how many at most.
            allowed: which vectors may be named, shape (vectors,); None for all.
        """
        # One question is not shared out; waking the others up only costs time.
        faiss.omp_set_num_threads(1)
        if allowed is None:
            parameters = self._unlimited(count)
        else:
            bits = np.packbits(allowed, bitorder="little")
            parameters = self._parameters(
                count, faiss.IDSelectorBitmap(len(bits), faiss.swig_ptr(bits))
            )
        values, found = self._index.search(query[None, :], count, params=parameters)
        held = (found[0] >= 0) & (found[0] < self._index.ntotal)
        return np.asarray(found[0][held]), np.asarray(values[0][held])

    def _parameters(self, count: int, selector: Any = None) -> Any:
        if isinstance(self._index, faiss.IndexHNSW):
            return faiss.SearchParametersHNSW(efSearch=max(count, _SEARCHED), sel=selector)
        return faiss.SearchParametersIVF(nprobe=_probes(self._index.nlist), sel=selector)

    def save(self, path: Path) -> None:
        """Write it to ``path``.

        Raises:
            OSError: it cannot be written.
        """
        try:
            faiss.write_index(self._index, str(path))
        except RuntimeError as error:
            raise OSError(
                errno.EIO, f"FAISS cannot write its index ({error})", str(path)
            ) from error

    @classmethod
    def load(cls, path: Path, size: int, dimensions: int) -> "Ann":
        """Read what `save` wrote; the file must be whole, or FAISS may end the process.

        Raises:
            StaleIndexError: it cannot be read or does not fit.
        """
        try:
            index = faiss.read_index(str(path))
        except (RuntimeError, MemoryError) as error:
            raise StaleIndexError(
                f"Cannot read {path} ({error}). Run `shopdesk index build`."
            ) from error
        if (index.ntotal, index.d) != (size, dimensions):
            raise StaleIndexError(
                f"{path} holds {index.ntotal} vectors of {index.d} numbers, expected {size} of "
                f"{dimensions}. Run `shopdesk index build`."
            )
        return cls(index)


def _hnsw(read: Read, size: int, dimensions: int) -> Any:
    index = faiss.index_factory(dimensions, f"HNSW{_LINKS}_SQ8", faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = _LOOKED_AT
    index.train(_sample(read, size, 65_536))
    return index


def _ivfpq(read: Read, size: int, dimensions: int) -> Any:
    cells = _cells(size)
    pieces = next(n for n in range(max(1, dimensions // _PIECE), 0, -1) if dimensions % n == 0)
    index = faiss.index_factory(dimensions, f"IVF{cells},PQ{pieces}", faiss.METRIC_INNER_PRODUCT)
    index.train(_sample(read, size, max(cells, 512) * _TRAINED_EACH))
    return index


def _cells(size: int) -> int:
    return 1 << max(4, round(math.log2(2 * math.sqrt(size))))


def _probes(cells: int) -> int:
    return max(8, cells // 16)


def _sample(read: Read, size: int, count: int) -> Vectors:
    """About ``count`` of the vectors, evenly spread, in blocks."""
    if size <= count:
        return read(0, size)
    block = 64
    starts = np.linspace(0, size - block, -(-count // block)).astype(np.int64)
    return np.concatenate([read(start, start + block) for start in starts.tolist()])
