"""How near a sentence is to a question: what the generator chooses its quotes by."""

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np

from retriever.dense import DenseIndex
from retriever.embedder import Embedder, Vectors
from retriever.lexical import LexicalIndex
from retriever.tokens import tokens

_REMEMBERED = 2048


class EmbeddingScorer:
    """Cosine of the embeddings, nothing below 0.

    Args:
        embed_query: the vector of a question, shape (dimensions,).
        embedder: embeds the sentences that are not known yet.
        dense: holds the vectors of ``texts``, so that an answer need not wait for them.
        texts: the indexed texts, in the order of ``dense``.
    """

    def __init__(
        self,
        embed_query: Callable[[str], Vectors],
        embedder: Embedder,
        dense: DenseIndex,
        texts: Sequence[str],
    ) -> None:
        self._embed_query = embed_query
        self._embedder = embedder
        self._dense = dense
        self._known = {text: row for row, text in enumerate(texts)}
        self._embed_sentence = lru_cache(maxsize=_REMEMBERED)(self._embed)

    def score(self, question: str, sentences: Sequence[str]) -> list[float]:
        """The nearness of each sentence, 0 to 1."""
        query = self._embed_query(question)
        rows = {text: row for text in sentences if (row := self._known.get(text)) is not None}
        cosines = self._dense.similarities(query, np.array(list(rows.values()), dtype=np.int64))
        known = dict(zip(rows, cosines.tolist(), strict=True))
        nearness = (
            known[text] if text in known else float(self._embed_sentence(text) @ query)
            for text in sentences
        )
        return [min(1.0, max(0.0, value)) for value in nearness]

    def _embed(self, sentence: str) -> Vectors:
        vectors: Vectors = self._embedder.embed_passages([sentence])
        return vectors.reshape(-1)


class LexicalScorer:
    """The share of the question's tokens, by what they tell, that the sentence holds.

    Args:
        lexical: knows how common each token is in the shop's texts.
    """

    def __init__(self, lexical: LexicalIndex) -> None:
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
