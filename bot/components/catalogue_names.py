"""Product names taken apart: which of their words name the product, and which say what it is.

Of "Heron 2 tent" the first two words are the product, and the last is only a tent. No list of words
tells that for every shop; the catalogue itself does. A word that its texts write in small letters
somewhere is an ordinary one, and one that never is, is a name.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")
_PIECE = re.compile(r"[A-Za-zÀ-ÿ]+|\d+(?:\.\d+)?|[\u3400-\u4dbf\u4e00-\u9fff]+")
_SMALL = re.compile(r"(?<![A-Za-zÀ-ÿ])[a-zß-ÿ]+")


@dataclass(frozen=True)
class Name:
    """One name of a product.

    Attributes:
        strong: words that only names have.
        weak: words of the name that are ordinary ones too, such as the cloud of "Cloud 5".
        numbers: as texts.
        numbered: whether a number follows the name proper, as in "Heron 2 tent", not in "Heron
            groundsheet 3".
        kinds: what the thing is; the last word of it counts most.
    """

    sku: str
    strong: frozenset[str]
    weak: frozenset[str]
    numbers: frozenset[str]
    numbered: bool
    kinds: tuple[str, ...]

    @property
    def words(self) -> frozenset[str]:
        """All of its tokens but the numbers."""
        return self.strong | self.weak | frozenset(self.kinds)


@dataclass(frozen=True)
class Catalogue:
    """All names, and the ordinary words, which are nobody's misspelt name."""

    names: tuple[Name, ...]
    ordinary: frozenset[str]


def read_catalogue(file: Path) -> Catalogue:
    """Read a ``products.csv``; one that is missing, or has no column ``sku``, has no products."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return take_apart(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError, csv.Error):
        return Catalogue((), frozenset())


def take_apart(rows: Iterable[dict[str, str]]) -> Catalogue:
    """Take the names of ``rows`` apart: ``sku``, ``name_en``, ``name_zh``, and any texts."""
    rows = [
        {key: value for key, value in row.items() if key and isinstance(value, str)}
        for row in rows
        if (row.get("sku") or "").strip()
    ]
    english = _English(rows)
    names: list[Name] = []
    for row in rows:
        sku = row["sku"].strip()
        if row.get("name_en"):
            names.append(english.take_apart(sku, row["name_en"]))
        if row.get("name_zh"):
            names.append(_chinese(sku, row["name_zh"], english, rows))
    # A name of one letter or of nothing would be found everywhere.
    useful = (name for name in names if name.strong or name.weak)
    return Catalogue(tuple(useful), frozenset(english.small))


class _English:
    def __init__(self, rows: list[dict[str, str]]) -> None:
        self.small = {word for row in rows for word in _small_words(row)}
        ends = Counter(
            words[-1] for row in rows if (words := _words(row.get("name_en", "").lower()))
        )
        # Where every word of a name has a capital: what many names end in is a kind of thing.
        self._ends = {word for word, times in ends.items() if times > 1}

    def is_name(self, word: str) -> bool:
        """Whether it is never written small; one in capitals may be an abbreviation."""
        forms = {word.lower(), f"{word.lower()}s"}
        return word[0].isupper() and not word.isupper() and not forms & self.small

    def take_apart(self, sku: str, name: str) -> Name:
        words = [word for word in _words(name) if len(word) > 1]
        names = [word for word in words if self.is_name(word) and word.lower() not in self._ends]
        proper = _words(re.split(r"\d", name, maxsplit=1)[0])
        if re.search(r"\d", name) and set(proper) & set(names):
            # "Alpha 5 Laptop Stand": no name goes on after its number.
            names = [word for word in names if word in proper]
        if len(names) > 1 and words[0] == names[0] and words[1][0].islower():
            # "Rear light Ember Clip": the first has its capital only because it is the first.
            names = names[1:]
        strong = frozenset(word.lower() for word in names)
        weak = frozenset(
            word.lower()
            for word in words
            if word[0].isupper() and word.lower() not in strong | self._ends
        )
        if words and not strong | weak:
            weak = frozenset({words[0].lower()})
        kinds = tuple(word.lower() for word in words if word.lower() not in strong | weak)
        return _name(sku, name, strong, weak, kinds)


def _chinese(sku: str, name: str, english: _English, rows: list[dict[str, str]]) -> Name:
    """A Chinese name: what stands before the number, or before the first space, is the name."""
    pieces = _PIECE.findall(name)
    latin = {piece for piece in pieces if piece[0].isalpha() and not HAN.match(piece)}
    strong = {word.lower() for word in latin if len(word) > 1 and english.is_name(word)}
    weak = {word.lower() for word in latin if len(word) > 1} - strong
    runs = [piece for piece in pieces if HAN.match(piece)]
    kinds = runs
    # "Heron 2 双人帐篷" has its name before; of "风暴门 2 双人四季帐篷" the first run is the name.
    if runs and runs[0] == pieces[0]:
        head, kinds = runs[0], runs[1:]
        if len(head) > 3:
            # "低潮沙滩遮阳帐": the name is one word with what it is.
            head, kinds = head[:2], [head[2:], *kinds]
        (strong if _only_names_say(head, rows) else weak).add(head)
    pairs = [run[i : i + 2] for run in kinds for i in range(max(1, len(run) - 1))]
    return _name(sku, name, strong, weak, pairs)


def _name(
    sku: str, name: str, strong: Iterable[str], weak: Iterable[str], kinds: Iterable[str]
) -> Name:
    strong, weak = frozenset(strong), frozenset(weak)
    numbers = frozenset(piece for piece in _PIECE.findall(name) if piece[0].isdigit())
    proper = "|".join(map(re.escape, strong | weak))
    numbered = bool(proper and re.search(rf"(?:{proper})[ -]{{0,2}}\d", name, re.IGNORECASE))
    return Name(sku, strong, weak, numbers, numbered, tuple(kinds))


def _only_names_say(head: str, rows: list[dict[str, str]]) -> bool:
    others = (row for row in rows if head not in row.get("name_zh", ""))
    return not any(head in value for row in others for value in row.values())


def _small_words(row: dict[str, str]) -> Iterator[str]:
    for column, text in row.items():
        if column in ("name_en", "category") or column.endswith("_en"):
            yield from _SMALL.findall(text.lower() if column == "category" else text)


def _words(text: str) -> list[str]:
    return [piece for piece in _PIECE.findall(text) if piece[0].isalpha() and not HAN.match(piece)]
