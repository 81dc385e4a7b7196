"""Embed what is new: what the index or an interrupted build has embedded is taken from there."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from retriever.embedder import Vectors
from retriever.errors import EncoderError
from retriever.journal import Journal
from retriever.keys import text_keys
from retriever.segment import Segment

Progress = Callable[[int, int], None]
"""Called with how many texts are embedded and how many have to be."""

Engine = Callable[[Iterable[Sequence[str]]], Iterator[Vectors]]
"""Chunks of texts into their vectors, chunk by chunk, in their order."""

CHUNK = 256
"""Texts that are embedded and kept together. Where they are cut depends on nothing but the texts,
as a model's last bits depend on what is in a batch: a resumed build gives the same vectors."""

_BLOCK = 8192


class Known:
    """The vectors of the texts that segments hold.

    Args:
        segments: of one embedder.
        dimensions: of a vector.
    """

    def __init__(self, segments: Iterable[Segment], dimensions: int) -> None:
        self._segments = [segment for segment in segments if segment.meaning]
        self._dimensions = dimensions

    def embed(self, texts: Sequence[str]) -> Iterator[Vectors]:
        """The vectors of ``texts``, all of them known, block by block."""
        for block in blocks(texts):
            vectors, missing = self.look_up(block)
            if len(missing):
                raise ValueError(f"{len(missing)} texts without a vector; expected all to be known")
            yield vectors

    def look_up(self, texts: Sequence[str]) -> tuple[Vectors, NDArray[np.int64]]:
        """The vectors that are known, and the rows of the texts whose are not."""
        keys = text_keys(texts)
        vectors = np.zeros((len(texts), self._dimensions), dtype=np.float32)
        missing = np.ones(len(texts), dtype=bool)
        for segment in self._segments:
            rows = segment.rows_of_texts(keys)
            found = missing & (rows >= 0)
            vectors[found] = segment.vectors(rows[found])
            missing &= ~found
        return vectors, np.flatnonzero(missing)


class Encoder:
    """The vectors of texts, from where they are the cheapest.

    Args:
        engine: embeds chunks of texts.
        known: the index as it was.
        journal: what was embedded for the next one.
        progress: told how far it is.
    """

    def __init__(
        self, engine: Engine, known: Known, journal: Journal, progress: Progress | None = None
    ) -> None:
        self._engine = engine
        self._known = known
        self._journal = journal
        self._progress = progress

    def embed(self, texts: Sequence[str]) -> Iterator[Vectors]:
        """The vectors of ``texts``, each given once, block by block.

        Raises:
            EncoderError: the model gives what is no vector of length 1.
        """
        new = [
            block[row]
            for block in blocks(texts)
            for row in self._known.look_up(block)[1].tolist()
            if self._journal.get(block[row]) is None
        ]
        chunks = [new[start : start + CHUNK] for start in range(0, len(new), CHUNK)]
        done = 0
        for chunk, vectors in zip(chunks, self._engine(chunks), strict=True):
            _check(chunk, vectors)
            self._journal.append(chunk, vectors)
            done += len(chunk)
            if self._progress:
                self._progress(done, len(new))
        for block in blocks(texts):
            found, missing = self._known.look_up(block)
            for row in missing.tolist():
                found[row] = self._journal.get(block[row])
            yield found


def blocks(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Some thousands of ``texts`` at a time."""
    return (texts[start : start + _BLOCK] for start in range(0, len(texts), _BLOCK))


def _check(texts: Sequence[str], vectors: Vectors) -> None:
    lengths = np.linalg.norm(vectors, axis=1)
    wrong = np.flatnonzero(~(np.abs(lengths - 1) < 0.01))
    if len(wrong):
        raise EncoderError(
            f"The embedding model gives a vector of length {lengths[wrong[0]]:.3f} for "
            f"{texts[wrong[0]][:60]!r}, expected 1. Make the model anew, or use another."
        )
