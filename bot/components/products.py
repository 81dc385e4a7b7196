"""Which products a message names: "the Heron 2", "heron2 tent", "hreon 3", "双人帐篷 Heron 2".

A kind of thing is no product ("a tent"), nor is a name that several products share ("the Heron").
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.components.catalogue_names import HAN, Catalogue, Name
from bot.components.found import Found

MOST = 5
"""Products found in one message."""

_WORD = re.compile(r"[A-Za-zÀ-ÿ]+")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_SKU = re.compile(r"[A-Za-z0-9]+(?:[-_./][A-Za-z0-9]+)+|[A-Za-z0-9]+")
_ADJACENT = 2
_NEAR_WORD, _NEAR_KIND = 30, 15
_SHORTEST_TYPO, _LONG_WORD = 5, 8
_FEW_WORDS = 4
_SHORTEST_SKU = 4
_THE = re.compile(r"\b(?:the|this|that|your|my|our|his|her) $", re.IGNORECASE)
_SPEAKS_OF_ITSELF = 3  # Han characters of a name that is found without anything beside it

Span = tuple[int, int]


@dataclass(frozen=True)
class _Place:
    """Where a token of a name stands; ``exact`` where it is spelt right."""

    start: int
    end: int
    exact: bool = True

    def gap(self, other: _Place) -> int:
        return max(self.start, other.start) - min(self.end, other.end)


@dataclass(frozen=True)
class _Candidate:
    sku: str
    score: float
    complete: float
    places: tuple[_Place, ...]

    @property
    def span(self) -> Span:
        return min(place.start for place in self.places), max(place.end for place in self.places)

    @property
    def rank(self) -> tuple[float, float]:
        return self.score, self.complete

    def overlaps(self, other: _Candidate) -> bool:
        return any(a.start < b.end and b.start < a.end for a in self.places for b in other.places)


class Products:
    """Finds the names of a catalogue in messages.

    Example:
        >>> from bot.components.catalogue_names import take_apart
        >>> products = Products.of(take_apart([
        ...     {"sku": "T2", "name_en": "Heron 2 tent", "category": "tents"},
        ...     {"sku": "T3", "name_en": "Heron 3 tent", "category": "tents"}]))
        >>> [found.value for found in products.find("is the hreon 3 lighter than a tent")]
        ['T3']
    """

    def __init__(self, names: Iterable[Name], ordinary: Iterable[str] = ()) -> None:
        self._by_word: dict[str, list[Name]] = defaultdict(list)
        words: set[str] = set()
        self._skus: dict[str, str] = {}
        for name in names:
            if _tells(name.sku):
                self._skus[name.sku.lower()] = name.sku
            words |= name.words
            for word in name.strong | name.weak:
                self._by_word[word].append(name)
        self._han = sorted(word for word in words if HAN.match(word))
        self._latin = words.difference(self._han)
        self._misspellable = [
            word for word in self._by_word if word in self._latin and len(word) >= _SHORTEST_TYPO
        ]
        self._ordinary = frozenset(ordinary)

    @classmethod
    def of(cls, catalogue: Catalogue) -> Products:
        """Those of ``catalogue``."""
        return cls(catalogue.names, catalogue.ordinary)

    def find(self, text: str) -> list[Found]:
        """The products that ``text`` names, in its order; the value is the ``sku``."""
        if not self._by_word:
            return []
        found = list(self._by_sku(text))
        for one in found:
            text = text[: one.start] + "\0" * (one.end - one.start) + text[one.end :]
        found += [Found("product", one.sku, *one.span) for one in self._by_name(text)]
        return sorted(found, key=lambda one: one.start)[:MOST]

    def _by_sku(self, text: str) -> Iterator[Found]:
        for match in _SKU.finditer(text):
            if sku := self._skus.get(match[0].lower()):
                yield Found("product", sku, *match.span())

    def _by_name(self, text: str) -> Iterator[_Candidate]:
        places = self._places(text)
        numbers = {_Place(*match.span()): match[0] for match in _NUMBER.finditer(text)}
        few = len(_WORD.findall(text)) <= _FEW_WORDS
        candidates = [
            candidate
            for word, spots in places.items()
            for name in self._by_word.get(word, ())
            for spot in spots
            if (candidate := _candidate(name, spot, places, numbers, text, few))
        ]
        candidates.sort(key=lambda one: one.rank, reverse=True)
        while candidates:
            best = candidates[0]
            rivals = [one for one in candidates if one.overlaps(best)]
            if all(one.sku == best.sku or one.rank < best.rank for one in rivals):
                yield best
            candidates = [one for one in candidates if one not in rivals]

    def _places(self, text: str) -> dict[str, list[_Place]]:
        """Where each word of the names stands."""
        places: dict[str, list[_Place]] = defaultdict(list)
        before: re.Match[str] | None = None
        for match in _WORD.finditer(text):
            word = match[0].lower()
            if known := self._known(word):
                places[known].append(_Place(*match.span(), exact=known == word))
            if before and match.start() - before.end() == 1:
                # "storm gate"
                joined = before[0].lower() + word
                if joined in self._by_word:
                    places[joined].append(_Place(before.start(), match.end()))
            before = match
        if HAN.search(text):
            for word in self._han:
                start = text.find(word)
                while start >= 0:
                    places[word].append(_Place(start, start + len(word)))
                    start = text.find(word, start + 1)
        return places

    def _known(self, word: str) -> str | None:
        if word in self._latin:
            return word
        if word.endswith("s") and word[:-1] in self._latin:
            return word[:-1]
        if len(word) < _SHORTEST_TYPO - 1 or word in self._ordinary:
            return None
        most = 2 if len(word) >= _LONG_WORD else 1
        near = process.extractOne(word, self._misspellable, scorer=OSA.distance, score_cutoff=most)
        return str(near[0]) if near else None


def _candidate(
    name: Name,
    anchor: _Place,
    places: dict[str, list[_Place]],
    numbers: dict[_Place, str],
    text: str,
    few: bool,
) -> _Candidate | None:
    """What speaks for ``name`` around ``anchor``, where one of its words stands."""
    used: dict[str, _Place] = {}
    for word in name.strong | name.weak:
        spots = [spot for spot in places.get(word, ()) if anchor.gap(spot) <= _NEAR_WORD]
        if spots:
            used[word] = min(spots, key=anchor.gap)
    for word in name.kinds:
        # Each stands near what was found before it, so that a long name holds together.
        near = [
            spot
            for spot in places.get(word, ())
            if any(spot.gap(place) <= _NEAR_KIND for place in used.values())
        ]
        if near:
            used[word] = min(near, key=anchor.gap)
    said = [used[word] for word in name.strong | name.weak if word in used]
    number, next_to_name = _number(name, said, list(used.values()), numbers)
    strong = [used[word] for word in name.strong if word in used]
    weak = [word for word in name.weak if word in used]
    kinds = [word for word in name.kinds if word in used]
    pieces = len(set(used.values())) + (number is not None)
    if name.strong:
        alone = all(place.exact for place in strong) and _speaks(text, strong, few)
        accepted = len(strong) == len(name.strong) and (pieces > 1 or alone)
    else:
        whole = pieces > 1 and len(kinds) == len(name.kinds)
        accepted = len(weak) == len(name.weak) and (next_to_name or whole)
    contradicted = number is None and (name.numbers or pieces == 1) and _numbered(anchor, numbers)
    if not accepted or contradicted:
        return None
    last = bool(name.kinds) and name.kinds[-1] in used
    score = 4 * sum(1 if place.exact else 0.75 for place in strong) + 2 * len(weak)
    score += len(kinds) + last + (3 if number else 0) + next_to_name
    # Where all that makes up the name was said, the shorter whole is meant: "Heron 3" is the tent,
    # not its groundsheet.
    whole = len(weak) == len(name.weak) and bool(number or not name.numbers)
    complete = 1 / (1 + len(name.kinds)) if whole else 0.0
    shown = (*used.values(), *((number,) if number else ()))
    return _Candidate(name.sku, score, complete, shown)


def _number(
    name: Name, said: list[_Place], around: list[_Place], numbers: dict[_Place, str]
) -> tuple[_Place | None, bool]:
    """The name's number where it follows one of its words; whether that is the name proper."""
    for spots, of_name in ((said, name.numbered), (around, False)):
        for place, number in numbers.items():
            follows = any(0 <= place.start - spot.end <= _ADJACENT for spot in spots)
            if number in name.numbers and follows:
                return place, of_name
    return None, False


def _numbered(anchor: _Place, numbers: dict[_Place, str]) -> bool:
    """Whether a number stands in the place of the name's: "Stormgate 3" is no Stormgate 2."""
    return any(
        0 <= place.start - anchor.end <= _ADJACENT and len(number) < 4
        for place, number in numbers.items()
    )


def _speaks(text: str, strong: list[_Place], few: bool) -> bool:
    """Whether a name alone is enough: written as one, or almost all that is said."""
    for place in strong:
        word = text[place.start : place.end]
        if HAN.match(word):
            return len(word) >= _SPEAKS_OF_ITSELF
        if few or (word[0].isupper() and place.start > 0) or _THE.search(text[: place.start]):
            return True
    return False


def _tells(sku: str) -> bool:
    """Whether ``sku`` looks like nothing else: digits alone may be any number, letters a word."""
    letter, digit = any(map(str.isalpha, sku)), any(map(str.isdigit, sku))
    return len(sku) >= _SHORTEST_SKU and letter and (digit or not sku.isalnum())
