"""What a build has embedded so far, so that one that is interrupted is not begun anew.

A file beside the index to which chunks of vectors are appended, each with its checksum, under the
hashes of their texts. What was cut off when the build was killed is recognised and written over. A
build that ends well takes the vectors into the index and removes the journal.
"""

import errno
import os
import struct
import zlib
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from retriever.embedder import Vectors
from retriever.keys import TextKeys, text_keys

_CHUNK = struct.Struct("<4sII")
_MAGIC = b"SDJ1"
_KEY = 16


class Journal:
    """The journal of one embedder; to be used by one build at a time.

    Args:
        folder: where it lies; is made when there is none.
        fingerprint: of the embedder; the vectors of another one are left alone.
        dimensions: of a vector.
    """

    def __init__(self, folder: Path, fingerprint: str, dimensions: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        name = sha256(f"{fingerprint} {dimensions}".encode()).hexdigest()[:16]
        self._path = folder / f"{name}.embeddings"
        self._width = 4 * dimensions
        self._places: dict[bytes, int] = {}
        # Without a buffer: what cannot be written is told at once, and not when it is closed.
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        self._file = os.fdopen(handle, "r+b", buffering=0)
        self._end = self._read_in()
        self._file.truncate(self._end)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def __len__(self) -> int:
        return len(self._places)

    def get(self, text: str) -> Vectors | None:
        """The vector of ``text``, shape (dimensions,); None where it is not known."""
        place = self._places.get(text_keys([text]).tobytes())
        if place is None:
            return None
        return np.frombuffer(os.pread(self._file.fileno(), self._width, place), dtype=np.float32)

    def append(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Keep the vectors of ``texts``, float32, shape (len(texts), dimensions)."""
        keys = text_keys(texts)
        body = keys.tobytes() + np.ascontiguousarray(vectors, dtype=np.float32).tobytes()
        chunk = _CHUNK.pack(_MAGIC, len(texts), zlib.crc32(body)) + body
        if os.pwrite(self._file.fileno(), chunk, self._end) < len(chunk):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._path))
        self._end += self._note(keys, self._end)

    def clear(self) -> None:
        """Remove it: what it holds is in the index now."""
        self._places.clear()
        self._path.unlink(missing_ok=True)

    def _read_in(self) -> int:
        """Find out what is there; returns where the last whole chunk ends."""
        handle, size = self._file.fileno(), self._path.stat().st_size
        end = 0
        while True:
            head = os.pread(handle, _CHUNK.size, end)
            if len(head) < _CHUNK.size:
                return end
            magic, count, checksum = _CHUNK.unpack(head)
            length = count * (_KEY + self._width)
            if magic != _MAGIC or not 0 < length <= size - end - _CHUNK.size:
                return end
            body = os.pread(handle, length, end + _CHUNK.size)
            if zlib.crc32(body) != checksum:
                return end
            keys = np.frombuffer(body[: count * _KEY], dtype=f"S{_KEY}")
            end += self._note(keys, end)

    def _note(self, keys: TextKeys, begin: int) -> int:
        """Remember where a chunk's vectors are; returns its length."""
        first = begin + _CHUNK.size + len(keys) * _KEY
        raw = keys.tobytes()
        for number in range(len(keys)):
            key = raw[number * _KEY : (number + 1) * _KEY]
            self._places[key] = first + number * self._width
        return _CHUNK.size + len(keys) * (_KEY + self._width)
