"""The contract of a writer, and what passes between a writer and its caller."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from knowledge_base.passages import Language, Passage, ScoredPassage


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage that a draft rests on.

    Attributes:
        passage_id: the passage's id.
        title: what the customer sees as the source.
        url: where the customer can read it, or None.
        quote: the words of the passage that were used, verbatim; what a writer that rephrases
            cites as a whole stands here as a whole.
    """

    passage_id: str
    title: str
    url: str | None
    quote: str


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer as a writer proposes it: plain text, and at least one citation."""

    text: str
    citations: tuple[Citation, ...]


class Writer(Protocol):
    """Writes an answer to a question from passages, and from nothing else."""

    @property
    def name(self) -> str:
        """The name it is chosen and recorded by."""
        ...

    def write(
        self, question: str, evidence: Sequence[ScoredPassage], language: Language
    ) -> Draft | None:
        """Write an answer in ``language``; ``evidence`` is ordered best first.

        Returns None where the passages do not answer the question. Raises `GeneratorError` where
        the writer itself failed, so that the caller can use another one.
        """
        ...


class SentenceScorer(Protocol):
    """Says how near sentences are to a question; joined in by whoever owns the embeddings."""

    def score(self, question: str, sentences: Sequence[str], language: Language) -> Sequence[float]:
        """One score from 0 to 1 for each of ``sentences``, in their order."""
        ...


def cite(passage: Passage, quote: str) -> Citation:
    """The citation of ``quote``, which stands in ``passage``."""
    return Citation(passage_id=passage.id, title=passage.title, url=passage.url, quote=quote)
