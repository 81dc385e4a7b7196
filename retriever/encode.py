"""Embed what is new: what the index or an interrupted build has embedded is taken from there."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from retriever.embedder import Embedder, Vectors
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


class Encoder:
    """The vectors of texts, from where they are the cheapest.

    Args:
        embedder: knows the model.
        engine: embeds chunks with it.
        segments: the index as it was.
        journal: what was embedded for the next one.
        progress: told how far it is.
    """

    def __init__(
        self,
        embedder: Embedder,
        engine: Engine,
        segments: Sequence[Segment],
        journal: Journal,
        progress: Progress | None = None,
    ) -> None:
        self._dimensions = embedder.dimensions
        self._engine = engine
        self._segments = [segment for segment in segments if segment.meaning]
        self._journal = journal
        self._progress = progress

    def embed(self, texts: Sequence[str]) -> Iterator[Vectors]:
        """The vectors of ``texts``, each given once, block by block.

        Raises:
            EncoderError: the model gives what is no vector of length 1.
        """
        blocks = [texts[start : start + _BLOCK] for start in range(0, len(texts), _BLOCK)]
        new = [
            block[row]
            for block in blocks
            for row in self._look_up(block)[1].tolist()
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
        for block in blocks:
            known, missing = self._look_up(block)
            for row in missing.tolist():
                known[row] = self._journal.get(block[row])
            yield known

    def _look_up(self, texts: Sequence[str]) -> tuple[Vectors, NDArray[np.int64]]:
        """The vectors that the index holds, and the rows of the texts that it does not."""
        keys = text_keys(texts)
        vectors = np.zeros((len(texts), self._dimensions), dtype=np.float32)
        missing = np.ones(len(texts), dtype=bool)
        for segment in self._segments:
            rows = segment.rows_of_texts(keys)
            found = missing & (rows >= 0)
            vectors[found] = segment.vectors(rows[found])
            missing &= ~found
        return vectors, np.flatnonzero(missing)


def _check(texts: Sequence[str], vectors: Vectors) -> None:
    lengths = np.linalg.norm(vectors, axis=1)
    wrong = np.flatnonzero(~(np.abs(lengths - 1) < 0.01))
    if len(wrong):
        raise EncoderError(
            f"The embedding model gives a vector of length {lengths[wrong[0]]:.3f} for "
            f"{texts[wrong[0]][:60]!r}, expected 1. Make the model anew, or use another."
        )
