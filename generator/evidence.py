"""How sure one may be that the evidence answers the question."""

from collections.abc import Sequence

from generator._text import content_words
from knowledge_base.passages import Language, ScoredPassage


def confidence(question: str, evidence: Sequence[ScoredPassage], language: Language) -> float:
    """From 0 to 1: the best passage's score, lowered by what the question names and it does not.

    A passage about delivery scores high on "do you deliver dinosaurs?"; that no evidence speaks of
    dinosaurs is what tells.
    """
    if not evidence:
        return 0.0
    return max(scored.score for scored in evidence) * (
        0.7 + 0.3 * coverage(question, evidence, language)
    )


def coverage(question: str, evidence: Sequence[ScoredPassage], language: Language) -> float:
    """The share of the question's content words that the evidence holds; 1 where it has none."""
    asked = set(content_words(question, language))
    if not asked:
        return 1.0
    held = {
        word
        for scored in evidence
        for text in (scored.passage.text, scored.passage.title, *scored.passage.questions)
        for word in content_words(text, language)
    }
    return len(asked & held) / len(asked)
