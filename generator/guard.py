"""The guard: whether a draft says only what its sources say.

For every writer that rephrases. Its rules are simple and err on the safe side: a true answer that
is caught costs nothing but charm, as the quote goes out instead; a false one that passes costs the
shop's word.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from generator._polarity import contradictions
from generator._quantities import hard_facts
from generator._text import content_words, words
from generator.writer import Draft
from knowledge_base.language import detect_language
from knowledge_base.passages import Language, Passage, ScoredPassage
from knowledge_base.sentences import split_sentences

Rule = Literal[
    "empty",
    "citation",
    "language",
    "contact",
    "quantity",
    "name",
    "unsupported",
    "negation",
    "condition",
    "repetition",
]

_CAPITALISED: Final = re.compile(r"(?<=[^\s.!?:;\n•\"“(] )[A-Z][\w-]+")
_LATIN: Final = re.compile(r"[A-Za-z]+")
_FREE: Final = re.compile(
    r"\bfree\b|\bcomplimentary\b|\bno (?:extra )?(?:charge|cost)|免费|免运费|包邮", re.IGNORECASE
)
# The least share of an answer's content words that its sources hold. A writer may join and
# bridge, so not all; made-up matter lies far below.
_LEAST_SUPPORT: Final = 0.6
_RUN: Final = 4


@dataclass(frozen=True, slots=True)
class Finding:
    """What the guard caught: the rule that was broken, and by which words."""

    rule: Rule
    detail: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.detail}"


def check(draft: Draft, evidence: Sequence[ScoredPassage], language: Language) -> Finding | None:
    """The first rule that ``draft`` breaks, or None where it is true to what it cites."""
    if not draft.text.strip():
        return Finding("empty", "the draft holds no text")
    known = {scored.passage.id: scored.passage for scored in evidence}
    if not draft.citations:
        return Finding("citation", "nothing is cited")
    for citation in draft.citations:
        if citation.passage_id not in known:
            return Finding("citation", f"{citation.passage_id} is not among the evidence")
    cited = [known[citation.passage_id] for citation in draft.citations]
    source = "\n".join(_facts_of(passage) for passage in cited)
    if not _speaks(draft.text, source, language):
        return Finding("language", f"expected {language}")
    if repeated := _repeated(draft.text, source):
        return Finding("repetition", repeated)
    return _check_facts(draft.text, source, language) or _check_sense(draft.text, cited, language)


def _check_facts(text: str, source: str, language: Language) -> Finding | None:
    said, known = hard_facts(text), hard_facts(source)
    if foreign := said.contacts - known.contacts:
        return Finding("contact", ", ".join(sorted(foreign)))
    if wrong := [fact for fact in said.quantities if fact not in known.quantities]:
        return Finding("quantity", ", ".join(sorted(map(str, wrong))))
    if _FREE.search(text) and not _FREE.search(source):
        return Finding("quantity", "said to be free of charge")
    names = {match.removesuffix("s") for match in _CAPITALISED.findall(text)}
    held = source.casefold()
    if unknown := sorted(name for name in names if name.casefold() not in held):
        return Finding("name", ", ".join(unknown))
    said_words, known_words = content_words(text, language), set(content_words(source, language))
    unsupported = [word for word in said_words if word not in known_words]
    if said_words and 1 - len(unsupported) / len(said_words) < _LEAST_SUPPORT:
        return Finding("unsupported", " ".join(unsupported))
    return None


def _check_sense(text: str, cited: Sequence[Passage], language: Language) -> Finding | None:
    for rule, detail in contradictions(text, [passage.text for passage in cited], language):
        return Finding(rule, detail)
    return None


def _facts_of(passage: Passage) -> str:
    # An FAQ's title is a question: "Do you ship to Brazil?" makes no fact of Brazil.
    return passage.text if passage.kind == "faq" else f"{passage.title}\n{passage.text}"


def _speaks(text: str, source: str, language: Language) -> bool:
    """Whether ``text`` is in ``language``; brands and the like, as the source has them, aside."""
    foreign = set(_LATIN.findall(source.casefold()))
    own = _LATIN.sub(lambda m: "" if m.group().casefold() in foreign else m.group(), text)
    return detect_language(own if language == "zh" else text, language) == language


def _repeated(text: str, source: str) -> str | None:
    """A sentence said twice, or a run of words said oftener than in ``source``; else None."""
    sentences = [s.text for s in split_sentences(text) if len(words(s.text)) > 2]
    for sentence, count in Counter(sentence.casefold() for sentence in sentences).items():
        if count > 1:
            return sentence
    often = _runs(source)
    for run, count in _runs(text).items():
        if count > max(2, often[run]):
            return " ".join(run)
    return None


def _runs(text: str) -> Counter[tuple[str, ...]]:
    tokens = words(text)
    return Counter(tuple(tokens[i : i + _RUN]) for i in range(len(tokens) - _RUN + 1))
