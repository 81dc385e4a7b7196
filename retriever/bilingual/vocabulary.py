"""Chinese words for MiniLM's vocabulary, each with what it means in English.

python -m retriever.bilingual.vocabulary --cedict FILE --out words.tsv

FILE is CC-CEDICT (CC BY-SA 4.0), plain or compressed with xz. The words of the dialogue model's
glossary come first: their meaning is the one that they have in a shop.
"""

import argparse
import lzma
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from retriever.tokens import word_counts

_ENTRY = re.compile(r"(\S+) (\S+) \[[^\]]*\] /(.*)/")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")
_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]")
# What tells of the word and not of its meaning.
_NO_MEANING = re.compile(
    r"^(CL:|see |old variant|variant of|surname |abbr\. for|also written|used in|erhua variant)"
)
_LONGEST = 4
_RARE = 20
"""Times that a character must be counted."""
_SENSES = 3
_GLOSSARY = Path(__file__).resolve().parents[2] / "bot/data/glossary/zh-en.tsv"


@dataclass(frozen=True, slots=True)
class Word:
    """A Chinese word.

    Attributes:
        text: in simplified characters.
        forms: all ways to write it, ``text`` among them.
        gloss: its meaning in English; empty where no dictionary tells one.
    """

    text: str
    forms: tuple[str, ...]
    gloss: str


def choose_words(cedict: Path, glossary: Path, count: int) -> list[Word]:
    """The words of ``glossary``, the common characters, and the commonest words up to ``count``.

    Common is what jieba's dictionary counted often.
    """
    meanings: dict[str, list[str]] = {}
    forms: dict[str, set[str]] = {}
    for traditional, simplified, senses in _entries(cedict):
        if _HAN.fullmatch(simplified) and _HAN.fullmatch(traditional):
            forms.setdefault(simplified, {simplified}).add(traditional)
            meanings.setdefault(simplified, []).extend(senses)
    in_shops = dict(_glossary(glossary))
    often = word_counts()
    wanted = dict.fromkeys(word for word in in_shops if len(word) <= _LONGEST)
    characters = (word for word in forms if len(word) == 1)
    wanted |= dict.fromkeys(word for word in characters if often.get(word, 0) >= _RARE)
    rest = sorted(
        (word for word in forms if 1 < len(word) <= _LONGEST and word in often),
        key=lambda word: -often[word],
    )
    for word in rest:
        if len(wanted) >= count:
            break
        wanted[word] = None
    return [
        Word(
            word,
            tuple(sorted(forms.get(word, {word}))),
            in_shops.get(word) or "; ".join(dict.fromkeys(meanings.get(word, ())[:_SENSES])),
        )
        for word in wanted
    ]


def read_words(path: Path) -> list[Word]:
    """Read what `main` wrote."""
    rows = (line.split("\t") for line in path.read_text("utf-8").splitlines())
    return [Word(text, tuple(forms.split(" ")), gloss) for text, forms, gloss in rows]


def read_meanings(cedict: Path) -> list[tuple[str, str]]:
    """Every simplified headword with the first senses of each of its entries."""
    return [
        (word, "; ".join(senses[:_SENSES]))
        for _, word, senses in _entries(cedict)
        if senses and _HAN.fullmatch(word)
    ]


def _entries(path: Path) -> Iterator[tuple[str, str, list[str]]]:
    with (
        lzma.open(path, "rt", encoding="utf-8")
        if path.suffix == ".xz"
        else path.open(encoding="utf-8") as file
    ):
        for line in file:
            if match := _ENTRY.match(line):
                traditional, simplified, glosses = match.groups()
                cleaned = (_ASIDE.sub("", gloss).strip() for gloss in glosses.split("/"))
                senses = [gloss for gloss in cleaned if gloss and not _NO_MEANING.match(gloss)]
                yield traditional, simplified, senses


def _glossary(path: Path) -> Iterator[tuple[str, str]]:
    for line in path.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            word, _, meaning = line.partition("\t")
            if _HAN.fullmatch(word):
                yield word, meaning


def main() -> None:
    """Write a line a word: text, forms, gloss."""
    parser = argparse.ArgumentParser(prog="python -m retriever.bilingual.vocabulary")
    parser.add_argument("--cedict", type=Path, required=True)
    parser.add_argument("--glossary", type=Path, default=_GLOSSARY)
    parser.add_argument("--count", type=int, default=24_000, help="words, characters among them")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    words = choose_words(options.cedict, options.glossary, options.count)
    options.out.write_text(
        "".join(f"{word.text}\t{' '.join(word.forms)}\t{word.gloss}\n" for word in words), "utf-8"
    )
    print(f"{len(words)} words, {sum(bool(word.gloss) for word in words)} with a meaning")


if __name__ == "__main__":
    main()
