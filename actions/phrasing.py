"""What the skills say, in both languages: read from ``phrases/en.yml`` and ``phrases/zh.yml``.

A phrase has an identifier and may hold {values}. Both files must hold the same phrases with the
same values, or the action server does not start.
"""

import string
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from knowledge_base.passages import LANGUAGES, Language

FOLDER = Path(__file__).resolve().parent / "phrases"

_MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]<>#|~"})


class PhrasingError(Exception):
    """The phrases cannot be used."""


class Phrases:
    """Says a phrase in the customer's language.

    Raises:
        PhrasingError: a file is missing or broken, or the languages differ; names the phrase.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        self._phrases = {language: _read(folder / f"{language}.yml") for language in LANGUAGES}
        _compare(self._phrases["en"], self._phrases["zh"])

    def say(self, phrase: str, language: Language, /, **values: Any) -> str:
        """The phrase, with ``values`` in their places.

        Raises:
            KeyError: there is no such phrase, or it lacks a value.
        """
        return self._phrases[language][phrase].format(**values)

    @property
    def names(self) -> frozenset[str]:
        """All identifiers."""
        return frozenset(self._phrases["en"])


def _read(file: Path) -> dict[str, str]:
    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise PhrasingError(f"{file}: cannot be read ({error}); expected YAML.") from error
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise PhrasingError(f"{file}: expected one text for each phrase, `name: text`.")
    return {str(name): text.strip() for name, text in found.items()}


def _compare(english: Mapping[str, str], chinese: Mapping[str, str]) -> None:
    if missing := set(english) ^ set(chinese):
        raise PhrasingError(f"The phrase {min(missing)!r} stands in one language only; add it.")
    for name, text in english.items():
        here, there = _values(name, text), _values(name, chinese[name])
        if here != there:
            raise PhrasingError(
                f"The phrase {name!r} has the values {sorted(here)} in English and "
                f"{sorted(there)} in Chinese; expected the same."
            )


def _values(name: str, text: str) -> set[str]:
    try:
        return {value for _, value, _, _ in string.Formatter().parse(text) if value is not None}
    except ValueError as error:
        raise PhrasingError(f"The phrase {name!r} is no format: {error}.") from None


def plain(text: str, longest: int = 300) -> str:
    """What a customer or a shop system wrote, to be shown as it stands: no mark-up, one line."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return (line if len(line) <= longest else f"{line[: longest - 1]}…").translate(_MARKS)


def day(value: date, language: Language) -> str:
    """A date as people write it: "8 January 2026", "2026年1月8日"."""
    if language == "zh":
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
