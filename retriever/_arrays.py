"""Arrays in ``.npy`` files, mapped into memory and read where they are looked at."""

import os
import weakref
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retriever.errors import StaleIndexError

Blocks = Iterable[NDArray[Any]]


def write_array(path: Path, values: NDArray[Any]) -> None:
    """Write ``values`` to ``path``."""
    np.save(path, values, allow_pickle=False)


def write_blocks(path: Path, dtype: str, shape: tuple[int, ...], blocks: Blocks) -> None:
    """Write an array of ``shape`` that comes in ``blocks``, so that it need not be held at once.

    Written and not mapped: on a full disk, writing fails with an error, a map with SIGBUS.
    """
    header = {"descr": np.dtype(dtype).str, "fortran_order": False, "shape": shape}
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        for block in blocks:
            file.write(np.ascontiguousarray(block, dtype=dtype).data)


def map_array(path: Path, dtype: str, shape: tuple[int, ...]) -> NDArray[Any]:
    """The array in ``path``, mapped read-only.

    Raises:
        StaleIndexError: it is missing, cut short, no array, or one of another shape or type.
    """
    try:
        values = np.load(path, mmap_mode=None if 0 in shape else "r", allow_pickle=False)
    except Exception as error:  # numpy reads the header as Python, and fails as that does
        raise StaleIndexError(
            f"Cannot read {path} ({error}). Run `shopdesk index build`."
        ) from error
    if not isinstance(values, np.ndarray) or (values.shape, values.dtype) != (
        shape,
        np.dtype(dtype),
    ):
        found = f"{getattr(values, 'dtype', type(values).__name__)} {getattr(values, 'shape', '')}"
        raise StaleIndexError(
            f"{path} holds {found}, expected {np.dtype(dtype)} {shape}. Run `shopdesk index build`."
        )
    # The plain array over the same memory: a memmap costs microseconds at each slice.
    return values.view(np.ndarray)


class RowFile:
    """The rows of an array in a ``.npy`` file, read at each look.

    Not mapped: the first look at a mapped page takes 20 µs, since the system maps sixteen pages
    around it, and counts them all as this process's memory; reading a row takes 2 µs.

    Args:
        path: what `map_array` maps as well.
        dtype: of the array.
        shape: of the array, (rows, columns).
    """

    def __init__(self, path: Path, dtype: str, shape: tuple[int, int]) -> None:
        self.dtype = np.dtype(dtype)
        self._columns = shape[1]
        self._stride = self.dtype.itemsize * shape[1]
        self._begin = path.stat().st_size - self._stride * shape[0]
        self._size = shape[0]
        self._handle = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self._handle)

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, rows: NDArray[np.integer[Any]]) -> NDArray[Any]:
        """Some rows, shape (len(rows), columns); quickest where they follow each other.

        Raises:
            IndexError: there is no such row.
        """
        if len(rows) and not 0 <= rows.min() <= rows.max() < self._size:
            raise IndexError(f"rows {rows.min()} to {rows.max()} of {self._size}")
        values = np.empty((len(rows), self._columns), dtype=self.dtype)
        breaks = np.flatnonzero(np.diff(rows) != 1) + 1
        places = rows[np.concatenate([[0], breaks])].tolist() if len(rows) else []
        ends = [*breaks.tolist(), len(rows)]
        start = 0
        for place, end in zip(places, ends, strict=False):
            os.preadv(self._handle, [values[start:end].data], self._begin + place * self._stride)
            start = end
        return values


def ranges(starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """``starts[0], …, ends[0] - 1, starts[1], …`` as one array."""
    lengths = ends - starts
    offsets = np.cumsum(lengths) - lengths
    return np.repeat(starts - offsets, lengths) + np.arange(int(lengths.sum()))
