"""The training data: invented shops with what their customers ask, in English and Chinese.

One file a shop, one entry a line; README.md beside the files tells how they were written.
"""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge_base.passages import Language

_FOLLOW_UPS = 0.15
"""Share of the questions drawn that come with what was said before them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One FAQ entry or product in one language.

    Attributes:
        heading: its question or name.
        text: its answer or description.
        queries: what customers type who want exactly this entry.
        follow_ups: the same, each with what was said before behind it, newest first.
        near: questions on the same subject that the shop does not answer.
    """

    heading: str
    text: str
    queries: tuple[str, ...]
    follow_ups: tuple[str, ...]
    near: tuple[str, ...]

    def query(self, chance: random.Random) -> str:
        """One of the questions."""
        of_these = self.queries
        if self.follow_ups and chance.random() < _FOLLOW_UPS:
            of_these = self.follow_ups
        return chance.choice(of_these)

    def view(self, chance: random.Random) -> str:
        """The entry as the index holds it: heading, text, or both."""
        return chance.choice((self.heading, f"{self.heading}\n{self.text}", self.text))


Shop = dict[Language, list[Entry]]
"""Entries by language; the same place in both is the same entry."""


def read_shops(folder: Path) -> dict[str, Shop]:
    """All shops of ``folder`` by the name of their file."""
    return {path.stem: _read(path) for path in sorted(folder.glob("*.jsonl"))}


def _read(path: Path) -> Shop:
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    return {"en": [_entry(row["en"]) for row in rows], "zh": [_entry(row["zh"]) for row in rows]}


def _entry(row: dict[str, Any]) -> Entry:
    follow_up = row.get("follow_up")
    return Entry(
        heading=row["question"] if "question" in row else row["name"],
        text=row["answer"] if "answer" in row else row["text"],
        queries=tuple(row["queries"]),
        follow_ups=(_joined(follow_up["query"], follow_up["history"]),) if follow_up else (),
        near=tuple(row["unanswered"]),
    )


def _joined(query: str, history: Sequence[str]) -> str:
    return "\n".join([query, *history])
