"""From a question and its evidence to what the customer reads, whatever the writer does."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from types import MappingProxyType
from typing import Final, Literal

from generator._text import clean
from generator.evidence import confidence
from generator.guard import check
from generator.wording import refusal
from generator.writer import Citation, Draft, Writer
from knowledge_base.passages import LANGUAGES, Language, ScoredPassage

_log = logging.getLogger(__name__)

Reason = Literal["weak_evidence", "no_evidence", "writer_silent", "guard"]

# `python -m evaluation.confidence` shows what each threshold costs. At this one, cross-validated on
# the demo shop's 520 development questions, half of them told in a roundabout way, 72 % of those
# that have an answer get the right one and 10 % a wrong one; of those that have none, 13 % get one.
DEFAULT_THRESHOLDS: Final[Mapping[Language, float]] = MappingProxyType({"en": 0.4, "zh": 0.4})


@dataclass(frozen=True, slots=True)
class Answer:
    """What the customer reads, and how it came about.

    Attributes:
        text: plain text, safe to show; where ``answered`` is false it says that the shop's content
            does not answer, and offers a person.
        language: the language of ``text``.
        citations: what ``text`` rests on; empty where ``answered`` is false.
        evidence: the passages that were found, best first, used or not.
        writer: the name of the writer whose words these are, or None where ``answered`` is false.
        answered: whether the question was answered from the evidence.
        reason: why it was not answered, or why another writer than the chosen one answered:
            ``no_evidence`` (nothing was found), ``weak_evidence`` (below the threshold),
            ``writer_silent`` (the writer failed, was late or saw no answer), ``guard`` (its draft
            was not true to its sources); None where the chosen writer answered.
        detail: the particulars of ``reason`` for the log, never for the customer; or None.
        confidence: 0 to 1, that the evidence answers the question.
        latency_ms: milliseconds spent here.
    """

    text: str
    language: Language
    citations: tuple[Citation, ...]
    evidence: tuple[ScoredPassage, ...]
    writer: str | None
    answered: bool
    reason: Reason | None
    detail: str | None
    confidence: float
    latency_ms: float


class Answerer:
    """Asks the writer, checks it, falls back to another, and says so where nothing answers.

    Args:
        writer: writes the answers.
        fallback: writes where ``writer`` fails or is caught; it must quote, as its words are not
            checked. None where ``writer`` is such a one itself.
        thresholds: the least confidence, 0 to 1, at which a question is answered, by language.

    Raises:
        ValueError: a language has no threshold, or one lies outside 0 to 1.
    """

    def __init__(
        self,
        writer: Writer,
        fallback: Writer | None = None,
        *,
        thresholds: Mapping[Language, float] = DEFAULT_THRESHOLDS,
    ) -> None:
        for language in LANGUAGES:
            if not 0 <= thresholds.get(language, -1) <= 1:
                raise ValueError(
                    f"threshold for {language!r} is {thresholds.get(language)!r}, expected a "
                    "number from 0 to 1: give one for each of " + ", ".join(LANGUAGES)
                )
        self._writer = writer
        self._fallback = fallback
        self._thresholds = dict(thresholds)

    def answer(
        self, question: str, evidence: Sequence[ScoredPassage], language: Language
    ) -> Answer:
        """Answer ``question`` in ``language`` from ``evidence``.

        A writer that fails is logged and replaced, never raised: the customer gets an answer.
        """
        start = perf_counter()
        sure = confidence(question, evidence, language)
        outcome = self._outcome(question, evidence, language, sure)
        draft = outcome.draft
        return Answer(
            text=clean(draft.text) if draft else refusal(question, language),
            language=language,
            citations=draft.citations if draft else (),
            evidence=tuple(evidence),
            writer=outcome.writer,
            answered=draft is not None,
            reason=outcome.reason,
            detail=outcome.detail,
            confidence=sure,
            latency_ms=(perf_counter() - start) * 1000,
        )

    def _outcome(
        self, question: str, evidence: Sequence[ScoredPassage], language: Language, sure: float
    ) -> "_Outcome":
        if not evidence:
            return _Outcome(reason="no_evidence")
        threshold = self._thresholds[language]
        if sure < threshold:
            return _Outcome(
                reason="weak_evidence", detail=f"confidence {sure:.2f}, needed {threshold:.2f}"
            )
        first = self._ask(self._writer, question, evidence, language)
        if first.draft or not self._fallback:
            return first
        _log.warning("%s did not answer, %s: %s", self._writer.name, first.reason, first.detail)
        second = self._ask(self._fallback, question, evidence, language)
        return _Outcome(second.draft, second.writer, first.reason, first.detail)

    def _ask(
        self,
        writer: Writer,
        question: str,
        evidence: Sequence[ScoredPassage],
        language: Language,
    ) -> "_Outcome":
        try:
            draft = writer.write(question, evidence, language)
        except Exception as error:  # Whatever a model throws, the customer is owed a reply.
            _log.exception("writer %s failed", writer.name)
            return _Outcome(reason="writer_silent", detail=f"{type(error).__name__}: {error}")
        if draft is None:
            return _Outcome(reason="writer_silent", detail="saw no answer in the evidence")
        # The writer that quotes is not checked: its words are the shop's.
        if self._fallback and writer is not self._fallback:
            finding = check(draft, evidence, language)
            if finding:
                return _Outcome(reason="guard", detail=str(finding))
        return _Outcome(draft, writer.name)


@dataclass(frozen=True, slots=True)
class _Outcome:
    draft: Draft | None = None
    writer: str | None = None
    reason: Reason | None = None
    detail: str | None = None
