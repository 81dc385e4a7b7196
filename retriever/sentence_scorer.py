"""How near a sentence is to a question: what the generator chooses its quotes by."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Protocol

from retriever.embedder import Vectors
from retriever.lexical import Lexicon
from retriever.tokens import tokens

_REMEMBERED = 2048


class Scorer(Protocol):
    """How near sentences are to a question."""

    def score(self, question: str, sentences: Sequence[str]) -> list[float]:
        """The nearness of each sentence, 0 to 1."""


class EmbeddingScorer:
    """Cosine of the embeddings, nothing below 0.

    Args:
        embed_query: the vector of a question, shape (dimensions,).
        vector: that of a sentence; the index has those of the knowledge base, so that an answer
            need not wait for them.
    """

    def __init__(
        self, embed_query: Callable[[str], Vectors], vector: Callable[[str], Vectors]
    ) -> None:
        self._embed_query = embed_query
        self._vector = lru_cache(maxsize=_REMEMBERED)(vector)

    def score(self, question: str, sentences: Sequence[str]) -> list[float]:
        """The nearness of each sentence, 0 to 1."""
        query = self._embed_query(question)
        cosines = (float(self._vector(sentence) @ query) for sentence in sentences)
        return [min(1.0, max(0.0, cosine)) for cosine in cosines]


class LexicalScorer:
    """The share of the question's tokens, by what they tell, that the sentence holds.

    Args:
        lexical: knows how common each token is in the shop's texts.
    """

    def __init__(self, lexical: Lexicon) -> None:
        self._lexical = lexical
        self._sentence = lru_cache(maxsize=_REMEMBERED)(self._tokens)

    def score(self, question: str, sentences: Sequence[str]) -> list[float]:
        """The nearness of each sentence, 0 to 1."""
        weights = {token: self._lexical.weight(token) for token in self._tokens(question)}
        total = sum(weights.values())
        if not total:
            return [0.0] * len(sentences)
        shared = (weights.keys() & self._sentence(sentence) for sentence in sentences)
        # In another order the same weights may add up to a hair more than all of them.
        return [min(1.0, sum(weights[token] for token in found) / total) for found in shared]

    def _tokens(self, text: str) -> frozenset[str]:
        return frozenset(tokens(text, self._lexical.language))
