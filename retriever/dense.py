"""Search by meaning: the texts' vectors, compared one by one or found through FAISS.

Three kinds, by the number of vectors (`kind_for`). FAISS only names candidates; how near they are
is worked out from the vectors on disk:

- ``flat``: all are compared. Exact, and 0.1 ms for 5,000 vectors of 384 numbers.
- ``hnsw``: a graph of neighbours (Malkov and Yashunin, 2018) over vectors of 8 bits a number.
- ``ivfpq``: cells, and in them product codes (Jégou et al., 2011): the smallest in memory.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from retriever._arrays import RowFile, ranges
from retriever.ann import Ann
from retriever.embedder import Vectors
from retriever.errors import StaleIndexError
from retriever.matches import AllMatches, Best, Layout, Matches, Rows, Values

Kind = Literal["flat", "hnsw", "ivfpq"]
KINDS: tuple[Kind, ...] = get_args(Kind)

FLAT_UP_TO = 20_000
HNSW_UP_TO = 600_000

_LEAST: dict[Kind, int] = {"flat": 0, "hnsw": 1_000, "ivfpq": 10_000}
"""Vectors that a kind needs to have any use, or to learn its codes from."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which kind of index, and why."""

    kind: Kind
    reason: str


def kind_for(vectors: int, asked: Kind | None = None) -> Choice:
    """The kind of index for so many vectors, unless one is asked for."""
    if asked and vectors >= _LEAST[asked]:
        return Choice(asked, "as the settings ask for")
    if vectors <= FLAT_UP_TO:
        return Choice("flat", f"exact, and quick up to {FLAT_UP_TO:,} vectors")
    if vectors <= HNSW_UP_TO:
        return Choice("hnsw", f"the quickest up to {HNSW_UP_TO:,} vectors")
    return Choice("ivfpq", f"the smallest in memory above {HNSW_UP_TO:,} vectors")


def stored_as(kind: Kind) -> str:
    """The type that vectors are kept in for comparing."""
    return "float32" if kind == "flat" else "float16"


_TEXTS_EACH, _TEXTS_LEAST = 1.3, 64
"""Texts asked of FAISS for each passage wanted: several of one passage may be near."""

_LONGEST = 1.01
"""No inner product of unit vectors is larger, rounding included."""


@dataclass(frozen=True, slots=True)
class Texts:
    """Which texts the units are: a text that many passages share has one vector.

    Attributes:
        of: int32, shape (units,): the text of each unit.
        units: int32, shape (units,): the units, those of one text together.
        starts: int64, shape (texts + 1,): where in ``units`` each text's begin.
    """

    of: NDArray[np.int32]
    units: NDArray[np.int32]
    starts: Rows

    @classmethod
    def grouped(cls, of: NDArray[np.int32], texts: int) -> "Texts":
        """From the text of each unit."""
        units = np.argsort(of, kind="stable").astype(np.int32)
        return cls(of, units, np.searchsorted(of[units], np.arange(texts + 1)))


class DenseIndex:
    """The vectors of one segment.

    Args:
        vectors: unit vectors of the texts, shape (texts, dimensions), float32 or float16; all of
            them as an array where there is no ``ann``.
        texts: which units they stand for.
        layout: which passages those are of.
        ann: finds the nearest; None to compare all.
    """

    def __init__(
        self,
        vectors: NDArray[np.floating] | RowFile,
        texts: Texts,
        layout: Layout,
        ann: Ann | None = None,
    ) -> None:
        self._vectors = vectors
        self._texts = texts
        self._layout = layout
        self._ann = ann
        self._alive: NDArray[np.bool_] | None = None
        if ann and layout.alive is not None:
            units = np.repeat(layout.alive, np.diff(layout.starts))
            self._alive = np.zeros(len(vectors), dtype=bool)
            self._alive[texts.of[units]] = True

    @classmethod
    def of_vectors(cls, vectors: Vectors) -> "DenseIndex":
        """Exact search over vectors in memory, each a text, a unit and a passage of its own."""
        rows = np.arange(len(vectors), dtype=np.int32)
        starts = np.arange(len(vectors) + 1)
        return cls(vectors, Texts(rows, rows, starts), Layout(starts))

    def matches(self, query: Vectors) -> Matches:
        """The cosine of ``query``, shape (dimensions,), and each unit."""
        if self._ann is None:
            cosines = _cosines(np.asarray(self._vectors), query)
            return AllMatches(self._layout, cosines[self._texts.of])
        return _NearMatches(self, query)

    def near(self, query: Vectors, count: int) -> Best:
        """``count`` passages with near texts, as FAISS finds and compares them."""
        if self._ann is None:
            return self.matches(query).best(count)
        wanted = max(_TEXTS_LEAST, int(count * _TEXTS_EACH))
        texts, about = self._ann.search(query, wanted, self._alive)
        begins = self._texts.starts[texts]
        # What more passages share than are wanted tells none of them from the others.
        ends = np.minimum(self._texts.starts[texts + 1], begins + count)
        units = self._texts.units[ranges(begins, ends)].astype(np.int64)
        return self._layout.best_of_some(units, np.repeat(about, ends - begins), count)

    def cosines(self, query: Vectors, units: Rows) -> Values:
        """The cosines of ``query`` and ``units``, from the vectors themselves."""
        return _cosines(self._vectors[self._texts.of[units]], query)


@dataclass(frozen=True, slots=True)
class _NearMatches:
    """Matches in a segment that is too large to compare every vector."""

    index: DenseIndex
    query: Vectors

    def best(self, count: int) -> Best:
        return self.index.near(self.query, count)

    def of(self, units: Rows) -> Values:
        return self.index.cosines(self.query, units)


def _cosines(vectors: NDArray[np.floating], query: Vectors) -> Values:
    # Not `@`: on two cores that others use as well, its threads wait for each other for 8 ms.
    cosines: Values = np.vecdot(single(vectors), query)
    # Also where one is not a number: then the largest is none either.
    if len(cosines) and not -_LONGEST < cosines.min() <= cosines.max() < _LONGEST:
        raise StaleIndexError(
            "The index holds vectors that are none of length 1: it is damaged. "
            "Run `shopdesk index build --fresh`."
        )
    return cosines


def single(vectors: NDArray[np.floating]) -> Vectors:
    """As float32; numpy's own conversion takes seven times as long."""
    if vectors.dtype != np.float16:
        return np.asarray(vectors, dtype=np.float32)
    bits = np.ascontiguousarray(vectors).view(np.int16).astype(np.int32)
    # The sign to the top, exponent and fraction to where float32 has them; then the exponent's
    # other zero. What is infinite or no number becomes large.
    bits <<= 13
    bits &= -0x70000001
    single = bits.view(np.float32)
    single *= np.float32(2.0**112)
    return single
