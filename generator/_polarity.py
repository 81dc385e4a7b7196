"""Whether a text denies what its source affirms, or drops the exception its source makes.

Each sentence is held against the sentence of the source that it was most likely made from. Only
whether it denies is compared, not what; where hardly a word differs, how often. That is enough to
catch "we ship to Norway" made from "we do not ship to Norway", and cheap. What it cannot see is
left to a trained verifier.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, Literal

from generator._text import content_words
from knowledge_base.passages import Language
from knowledge_base.sentences import Sentence, split_sentences

_NEGATION: Final[dict[Language, re.Pattern[str]]] = {
    "en": re.compile(
        r"\b(?:no|not|never|none|nothing|cannot|nor|neither|without|non|unable|unavailable)\b"
        r"|n['’]t\b",
        re.IGNORECASE,
    ),
    # Not the signs of words that deny nothing: 不同, 不锈钢, 无线, 非常, 别人, 免费, 差不多.
    "zh": re.compile(
        r"(?<!差)不(?![同仅过锈断久])|没|未|无(?![线论])|勿|(?<![是除])非(?!常)|别(?![的人针])"
    ),
}
_EXCEPTION: Final[dict[Language, re.Pattern[str]]] = {
    "en": re.compile(
        r"\b(?:except|excluding|excluded|exceptions?|unless|only|apart from|other than)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"除|仅|只(?!要)|不包括|不含|例外|以外"),
}
_LIMIT_START: Final = re.compile(
    r"(?:however|but|except|exceptions?|unless)\b|但|不过|然而|例外|除", re.IGNORECASE
)
# Below this share of common words, a sentence was not made from that of the source.
_SAME_MATTER: Final = 0.5
_NEARLY_THE_SAME: Final = 0.8


def contradictions(
    text: str, sources: Sequence[str], language: Language
) -> Iterator[tuple[Literal["negation", "condition"], str]]:
    """Every sentence of ``text`` that turns or cuts what ``sources`` say, and how."""
    known = [
        (whole, i)
        for source in sources
        for whole in [split_sentences(source)]
        for i in range(len(whole))
    ]
    limits = _limits(text, language)
    for sentence in split_sentences(text):
        origin = _origin(sentence.text, known, language)
        if origin is None:
            continue
        whole, i, near = origin
        said, meant = _in_context(sentence), _in_context(whole[i])
        if _differ(_NEGATION[language], said, meant, near):
            yield "negation", sentence.text
        elif _differ(_EXCEPTION[language], said, meant, near):
            yield "condition", sentence.text
        elif i + 1 < len(whole) and _LIMIT_START.match(whole[i + 1].text) and not limits:
            yield "condition", whole[i + 1].text


def _differ(cue: re.Pattern[str], said: str, meant: str, near: bool) -> bool:
    """Whether ``cue`` stands in one only; where both are ``near`` the same, not equally often."""
    counts = len(cue.findall(said)), len(cue.findall(meant))
    return counts[0] != counts[1] if near else bool(counts[0]) != bool(counts[1])


def _limits(text: str, language: Language) -> bool:
    return bool(
        _NEGATION[language].search(text)
        or _EXCEPTION[language].search(text)
        or re.search(r"\b(?:but|however)\b|但|不过|然而", text, re.IGNORECASE)
    )


def _in_context(sentence: Sentence) -> str:
    """A list item with the line that introduces it: "Socks" may stand under "Not returnable:"."""
    return f"{sentence.lead} {sentence.text}" if sentence.lead else sentence.text


def _origin(
    text: str, known: Sequence[tuple[list[Sentence], int]], language: Language
) -> tuple[list[Sentence], int, bool] | None:
    """The sentence that ``text`` was most likely made from, and whether hardly a word differs."""
    said = set(content_words(text, language))
    if not said:
        return None

    def common(place: tuple[list[Sentence], int]) -> tuple[float, float]:
        whole, i = place
        held = set(content_words(whole[i].text, language))
        both = len(said & held)
        # Of two that hold all of it, the one that holds less besides.
        return both / len(said), both / len(held) if held else 0.0

    best = max(known, key=common, default=None)
    if best is None or common(best)[0] < _SAME_MATTER:
        return None
    return (*best, min(common(best)) >= _NEARLY_THE_SAME)
