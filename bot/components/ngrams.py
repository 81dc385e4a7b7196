"""How a message is spelt: TF-IDF of its words and of short runs of its characters.

This is the half of the intent model that knows names, codes and set phrases, which an embedding
blurs; and it survives typing errors, as most runs of a mistyped word's characters are still right.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.components.language import CHINESE

Array = npt.NDArray[Any]

# Words and their pairs, and characters within words: in English both are better than either.
# Chinese has no spaces; of its characters, pairs are mostly words, and triples add nothing.
_ENGLISH = (("word", (1, 2)), ("char_wb", (2, 4)))
_CHINESE = (("char", (1, 2)),)


class NGrams:
    """Sparse rows of lower-cased n-grams; use :meth:`fit` or :meth:`restore`."""

    def __init__(self, vectorizers: Sequence[Any]) -> None:
        self._vectorizers = tuple(vectorizers)

    @classmethod
    def fit(cls, texts: Sequence[str], language: str) -> NGrams:
        """Learn the n-grams of ``texts``."""
        return cls([vectorizer.fit(texts) for vectorizer in _vectorizers(language)])

    @classmethod
    def restore(
        cls, language: str, vocabularies: Sequence[Sequence[str]], idf: Sequence[Array]
    ) -> NGrams:
        """Rebuild the features from what :attr:`vocabularies` and :attr:`idf` gave."""
        vectorizers = _vectorizers(language, vocabularies)
        for vectorizer, weights in zip(vectorizers, idf, strict=True):
            vectorizer.idf_ = weights
        return cls(vectorizers)

    @property
    def vocabularies(self) -> list[list[str]]:
        """The n-grams in the order of the columns, a list for each kind."""
        return [list(map(str, kind.get_feature_names_out())) for kind in self._vectorizers]

    @property
    def idf(self) -> list[Array]:
        """The inverse document frequency of each column, for each kind."""
        return [np.asarray(kind.idf_) for kind in self._vectorizers]

    def transform(self, texts: Sequence[str]) -> Any:
        """Sparse rows, of unit length for each kind; zeros where no n-gram is known."""
        kinds = [kind.transform(texts) for kind in self._vectorizers]
        return scipy.sparse.hstack(kinds, format="csr")


def _vectorizers(language: str, vocabularies: Sequence[Sequence[str]] | None = None) -> list[Any]:
    kinds = _CHINESE if language == CHINESE else _ENGLISH
    return [
        TfidfVectorizer(
            analyzer=analyzer,
            ngram_range=lengths,
            sublinear_tf=True,
            vocabulary=list(vocabularies[place]) if vocabularies else None,
        )
        for place, (analyzer, lengths) in enumerate(kinds)
    ]
