"""Which sentences of one passage to quote, so that what is quoted says what the passage says.

A sentence out of its place can lie: an exception cut off its rule, a list item without the line
above it ("We cannot take back:"), an "It" without its noun. So the nearest sentences are chosen
first, and then closed under these three.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from knowledge_base.sentences import Sentence

_EXCEPTION_START: Final = re.compile(
    r"(?:however|but|except|exceptions?|excluded|excluding|only|unless|not (?:covered|included)"
    r"|otherwise|please note|note|the only|this (?:does|do|is|applies)\b.*\b(?:not|only)"
    r"|outside|apart from|in that case|if not)\b"
    r"|但|不过|然而|除|例外|仅|只|唯|否则|注意|请注意|不包括|不适用|不含|以下",
    re.IGNORECASE,
)
_EXCEPTION_INSIDE: Final = re.compile(
    r"\b(?:except|unless|excluding|does not apply|do not apply|not included|not covered)\b"
    r"|除外|除非|不包括|不适用|不含|例外",
    re.IGNORECASE,
)
_LEANS_BACK: Final = re.compile(
    r"(?:it|this|that|these|those|they|them|he|she|its|their|however|but|otherwise|then|after that"
    r"|in that case|if not|instead|both|such|the same|also|afterwards|until then|exceptions?|only"
    r"|here|there)\b"
    r"|这|此|该|它|其(?:中|他|余)|但|不过|然而|否则|之后|随后|届时|同样|另外|两者|例外|超过|逾期",
    re.IGNORECASE,
)
_LONGEST_LIST: Final = 8


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence of a passage with its score, 0 to 1, for the question."""

    sentence: Sentence
    score: float


def select(units: Sequence[Unit], *, most: int, margin: float) -> list[int]:
    """The places in ``units`` to quote, in reading order.

    Args:
        units: the sentences of one passage, in their order; not empty.
        most: how many sentences may be chosen for their score. What their sense needs comes on top.
        margin: how far below the best score a chosen sentence may lie.
    """
    best = max(unit.score for unit in units)
    near = [i for i, unit in enumerate(units) if unit.score >= best - margin]
    chosen = set(sorted(near, key=lambda i: -units[i].score)[:most])
    chosen |= _list_parts(units, chosen)
    chosen |= _leaning(units, chosen)
    chosen |= _exceptions(units, chosen)
    return sorted(chosen)


def _list_parts(units: Sequence[Unit], chosen: set[int]) -> set[int]:
    """The lead of every chosen item, and the items of every chosen lead."""
    parts: set[int] = set()
    for i in chosen:
        lead = units[i].sentence.lead
        if lead is not None:
            parts.add(_lead_of(units, i))
        items = _items_of(units, i)
        # A longer list is not read in a chat: its lead, with the items that are near, will do.
        by_score = sorted(items, key=lambda j: -units[j].score)
        parts.update(by_score[:_LONGEST_LIST])
    return parts


def _lead_of(units: Sequence[Unit], item: int) -> int:
    lead = units[item].sentence.lead or ""
    for i in range(item - 1, -1, -1):
        if units[i].sentence.lead is None:
            return i if lead.endswith(units[i].sentence.text) else item
    return item


def _items_of(units: Sequence[Unit], lead: int) -> list[int]:
    if not units[lead].sentence.text.endswith((":", "：")):
        return []
    items = []
    for i in range(lead + 1, len(units)):
        if units[i].sentence.lead is None:
            break
        items.append(i)
    return items


def _leaning(units: Sequence[Unit], chosen: set[int]) -> set[int]:
    """The sentence before each chosen one that cannot be understood without it."""
    needed: set[int] = set()
    for i in chosen:
        if i > 0 and units[i].sentence.lead is None and _LEANS_BACK.match(units[i].sentence.text):
            needed.add(i - 1)
    return needed


def _exceptions(units: Sequence[Unit], chosen: set[int]) -> set[int]:
    """The sentences after each chosen one that limit it, with the list they may introduce."""
    needed: set[int] = set()
    for i in chosen:
        following = i + 1
        while following < len(units) and _limits(units[following].sentence.text):
            needed.add(following)
            needed.update(_items_of(units, following))
            following += 1
    return needed


def _limits(text: str) -> bool:
    return bool(_EXCEPTION_START.match(text) or _EXCEPTION_INSIDE.search(text))
