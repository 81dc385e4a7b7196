"""How near the units of a segment are to one question, by whatever measure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
Values = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Best:
    """The passages that one measure finds nearest.

    Attributes:
        rows: int64, shape (found,): each passage once, in any order.
        values: float32, shape (found,): the nearness of each one's nearest unit.
    """

    rows: Rows
    values: Values

    def ranked(self) -> Rows:
        """The passages, the nearest first; of two as near, the one that comes first."""
        return self.rows[np.lexsort((self.rows, -self.values))]


class Matches(Protocol):
    """One measure of nearness, for one question and one segment."""

    def best(self, count: int) -> Best:
        """The ``count`` nearest passages, or fewer where there are fewer."""

    def of(self, units: Rows) -> Values:
        """The nearness of each of ``units``, shape (len(units),)."""


class Recalled:
    """The nearness of some of many things, worked out once and not again."""

    def __init__(self) -> None:
        self._known = np.zeros(0, dtype=np.int64)
        self._values = np.zeros(0, dtype=np.float32)

    def keep(self, known: Rows, values: Values) -> None:
        """Keep the ``values`` of ``known``, each given once."""
        order = np.argsort(known)
        self._known, self._values = known[order], values[order]

    def of(self, wanted: Rows, work_out: Callable[[Rows], Values]) -> Values:
        """The nearness of each of ``wanted``; what is not kept is worked out."""
        if not len(self._known):
            return work_out(wanted)
        places = np.searchsorted(self._known, wanted)
        places[places == len(self._known)] = 0
        values = self._values[places]
        new = np.flatnonzero(self._known[places] != wanted)
        if len(new):
            values[new] = work_out(wanted[new])
        return values


@dataclass(frozen=True, slots=True)
class Layout:
    """Which units belong to which passage, and which passages count.

    Attributes:
        starts: int64, shape (passages + 1,): a passage's units are ``starts[row]`` up to
            ``starts[row + 1]``; one at least.
        alive: bool, shape (passages,): False where a newer segment has the passage, or none has
            it any more; None where all count.
    """

    starts: Rows
    alive: NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        return len(self.starts) - 1

    def rows_of(self, units: Rows) -> Rows:
        """The passage of each of ``units``."""
        return np.searchsorted(self.starts, units, side="right") - 1

    def best_of_all(self, values: Values, count: int) -> Best:
        """The ``count`` best passages, from the nearness of every unit."""
        nearest = np.maximum.reduceat(values, self.starts[:-1])
        if self.alive is not None:
            nearest[~self.alive] = -np.inf
        if count < len(nearest):
            rows = np.argpartition(-nearest, count - 1)[:count]
        else:
            rows = np.arange(len(nearest))
        if self.alive is not None:
            rows = rows[self.alive[rows]]
        return Best(rows, nearest[rows])

    def best_of_some(self, units: Rows, values: Values, count: int) -> Best:
        """The ``count`` best passages, from the nearness of some units."""
        rows = self.rows_of(units)
        if self.alive is not None:
            counts = self.alive[rows]
            rows, values = rows[counts], values[counts]
        order = np.argsort(-values, kind="stable")
        _, first = np.unique(rows[order], return_index=True)
        chosen = order[np.sort(first)[:count]]
        return Best(rows[chosen], values[chosen])


@dataclass(frozen=True, slots=True)
class AllMatches:
    """Matches where the nearness of every unit is known: exact, and quick for a few thousand.

    Attributes:
        values: float32, shape (units,).
    """

    layout: Layout
    values: Values

    def best(self, count: int) -> Best:
        return self.layout.best_of_all(self.values, count)

    def of(self, units: Rows) -> Values:
        return self.values[units]
