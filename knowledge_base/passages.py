"""The one unit of knowledge that every other room speaks of: the passage.

A passage is the smallest piece of the shop's content that can answer a question on its own and be
cited: one FAQ entry, one section of a policy page, one product.
"""

from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "zh"]
Kind = Literal["faq", "policy", "product"]

LANGUAGES: tuple[Language, ...] = ("en", "zh")


@dataclass(frozen=True, slots=True)
class Passage:
    """One citable piece of the shop's content.

    Attributes:
        id: stable name, unique in a knowledge base: ``en/faq/shipping#delivery-time``,
            ``zh/policies/returns#refunds``, ``en/product/LK-TENT-001``.
        kind: what sort of content it is.
        language: the language it is written in.
        title: what a customer sees as the source: the FAQ question, ``page › section``, or the
            product's name.
        text: the answer as plain text, Markdown taken away; paragraphs and list items stand on
            lines of their own.
        source: the file it came from, relative to the content folder.
        line: where it begins in that file, counted from 1.
        url: where a customer can read it on the shop's site, or None.
        questions: ways to ask for it; for an FAQ entry its heading first. Empty for the others.
    """

    id: str
    kind: Kind
    language: Language
    title: str
    text: str
    source: str
    line: int
    url: str | None = None
    questions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScoredPassage:
    """A passage with the estimate, 0 to 1, that it answers the question it was found for."""

    passage: Passage
    score: float
