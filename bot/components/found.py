"""What was found in a message, and where."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Found:
    """One entity.

    Attributes:
        entity: its name in the domain.
        value: what it means, in the form that the actions take.
        start, end: where it stands in the text.
    """

    entity: str
    value: str | int
    start: int
    end: int
