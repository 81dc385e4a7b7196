"""Split a passage's text into its sentences, English and Chinese alike.

One rule serves both languages because their enders differ: 。！？ end a sentence wherever they
stand, while . ! ? end one only before white space, so that prices (EUR 4.95), addresses and file
names stay whole. A line break always ends one: list items and table rows are lines of their own.
"""

import re
from dataclasses import dataclass

BULLET = "• "

_MARKER = re.compile(r"\s*(?:•|\d{1,3}[.)])\s+")
_CLOSERS = re.escape("\"'”’»)）]】』」》")
_BOUNDARY = re.compile(rf"(?:[。！？]|…{{2,}})+[{_CLOSERS}]*\s*|[.!?…]+[{_CLOSERS}]*\s+")
# A capital after these does not start a sentence ("incl. VAT", "No. 12").
_NEVER_LAST = {
    *("e.g", "i.e", "incl", "excl", "approx", "no", "nos", "mr", "mrs", "ms", "dr", "prof", "st"),
    *("tel", "vs", "cf", "fig", "ca", "max", "min", "resp"),
}
_INITIAL = re.compile(r"(?:^|[\s(])[A-Z]$")
_LAST_WORD = re.compile(r"[\w.]*$")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a text.

    Attributes:
        text: the sentence without the white space and the list marker around it; always equal to
            ``source[start:end]``.
        start: first character in the text it was split from.
        end: one past its last character.
        lead: the line that introduces the list which the sentence is an item of, or None. Quoted
            without it, an item may say the opposite: "Opened gas cartridges" under "We cannot
            take back:".
    """

    text: str
    start: int
    end: int
    lead: str | None = None


def split_sentences(text: str) -> list[Sentence]:
    """The sentences of ``text`` in order; white space and list markers belong to none.

    >>> [sentence.text for sentence in split_sentences("It costs EUR 4.95. 免费退货。运费另付！")]
    ['It costs EUR 4.95.', '免费退货。', '运费另付！']
    """
    sentences: list[Sentence] = []
    lead: str | None = None
    offset = 0
    for line in text.split("\n"):
        marker = _MARKER.match(line)
        begin = marker.end() if marker else 0
        if not marker and line.strip():
            lead = line.strip() if line.rstrip().endswith((":", "：")) else None
        sentences += [
            Sentence(text[start:end], start, end, lead if marker else None)
            for start, end in _spans(line, begin, offset)
        ]
        offset += len(line) + 1
    return sentences


def _spans(line: str, begin: int, offset: int) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for boundary in _BOUNDARY.finditer(line, begin):
        if _ends_sentence(line, begin, boundary):
            spans += _trimmed(line, begin, boundary.end(), offset)
            begin = boundary.end()
    return spans + _trimmed(line, begin, len(line), offset)


def _trimmed(line: str, start: int, end: int, offset: int) -> list[tuple[int, int]]:
    piece = line[start:end]
    stripped = piece.strip()
    if not stripped:
        return []
    start += len(piece) - len(piece.lstrip())
    return [(offset + start, offset + start + len(stripped))]


def _ends_sentence(line: str, begin: int, boundary: re.Match[str]) -> bool:
    mark = boundary.group().lstrip()[0]
    if mark in "。！？":
        return True
    following = line[boundary.end() : boundary.end() + 1]
    if following.islower():
        return False
    if mark != ".":
        return True
    before = line[begin : boundary.start()]
    word = _LAST_WORD.search(before)
    last = word.group().lower() if word else ""
    return last not in _NEVER_LAST and not _INITIAL.search(before)
