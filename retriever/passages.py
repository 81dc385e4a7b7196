"""The passages of a segment, read from disk when they are asked for."""

import json
import mmap
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import fields
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge_base.passages import Passage
from retriever._arrays import map_array, write_array
from retriever.errors import StaleIndexError

_REMEMBERED = 512
_FIELDS = [field.name for field in fields(Passage)]
"""What stands in a line; the questions are the last."""

_FILE, _STARTS, _SUMS = "passages.jsonl", "passage_starts.npy", "passage_sums.npy"


class PassageFile:
    """A passage a line, with the place and the checksum of each.

    Args:
        folder: holds what `write_passages` wrote.
        size: how many passages there are.

    Raises:
        StaleIndexError: a file is missing or does not fit.
    """

    def __init__(self, folder: Path, size: int) -> None:
        self._path = folder / _FILE
        self._starts: NDArray[np.int64] = map_array(folder / _STARTS, "int64", (size + 1,))
        self._sums: NDArray[np.uint32] = map_array(folder / _SUMS, "uint32", (size,))
        try:
            with self._path.open("rb") as file:
                self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise self._damaged(str(error)) from error
        if self._starts[-1] != len(self._bytes):
            raise self._damaged(f"{len(self._bytes)} bytes, expected {self._starts[-1]}")
        self._read = lru_cache(maxsize=_REMEMBERED)(self._parsed)

    def __len__(self) -> int:
        return len(self._sums)

    def __getitem__(self, row: int) -> Passage:
        """The passage on line ``row``, counted from 0.

        Raises:
            StaleIndexError: the line is damaged.
        """
        return self._read(row)

    def __iter__(self) -> Iterator[Passage]:
        return map(self._parsed, range(len(self)))

    def _parsed(self, row: int) -> Passage:
        line = self._bytes[self._starts[row] : self._starts[row + 1]]
        if zlib.crc32(line) != self._sums[row]:
            raise self._damaged(f"line {row + 1} has another checksum")
        values = json.loads(line)
        values[-1] = tuple(values[-1])
        return Passage(*values)

    def _damaged(self, found: str) -> StaleIndexError:
        return StaleIndexError(
            f"The passages in {self._path} are damaged: {found}. "
            "Run `shopdesk index build --fresh`."
        )


def write_passages(folder: Path, passages: Iterable[Passage]) -> None:
    """Write ``passages`` to ``folder``."""
    starts, sums = [0], []
    with (folder / _FILE).open("wb") as file:
        for passage in passages:
            # ASCII, as half a surrogate pair has no UTF-8 form.
            line = json.dumps([getattr(passage, name) for name in _FIELDS]).encode() + b"\n"
            file.write(line)
            starts.append(starts[-1] + len(line))
            sums.append(zlib.crc32(line))
    write_array(folder / _STARTS, np.array(starts, dtype=np.int64))
    write_array(folder / _SUMS, np.array(sums, dtype=np.uint32))
