"""Search by words: BM25 over the units, as the share of the question that a unit covers."""

from collections.abc import Sequence
from pathlib import Path

import bm25s
import numpy as np
from numpy.typing import NDArray

from knowledge_base.passages import Language
from retriever.errors import StaleIndexError
from retriever.tokens import tokens

_K1 = 1.2
_B = 0.5


class LexicalIndex:
    """BM25 (Lucene's variant, through bm25s) of texts in one language.

    Args:
        scorer: the indexed texts.
        language: how questions are cut into tokens.
    """

    def __init__(self, scorer: bm25s.BM25, language: Language) -> None:
        self._scorer = scorer
        self.language: Language = language
        self._size = int(scorer.scores["num_docs"])
        self._idf = _idf(np.diff(scorer.scores["indptr"]), self._size)
        self._unseen = float(_idf(np.zeros(1), self._size)[0])

    @classmethod
    def build(cls, texts: Sequence[str], language: Language) -> "LexicalIndex":
        """Count the tokens of ``texts``."""
        scorer = bm25s.BM25(method="lucene", k1=_K1, b=_B, backend="numpy")
        scorer.index([tokens(text, language) for text in texts], show_progress=False)
        return cls(scorer, language)

    def coverage(self, query: str) -> NDArray[np.float32]:
        """How much of ``query`` each text covers, 0 to 1, shape (texts,).

        BM25 alone grows with the length of the question; divided by what a text with all of its
        tokens, the unknown ones too, could reach, it compares from question to question.
        """
        found = tokens(query, self.language)
        ideal = sum(self.weight(token) for token in found)
        if not ideal:
            return np.zeros(self._size, dtype=np.float32)
        return np.asarray(self._scorer.get_scores(found), dtype=np.float32) / np.float32(ideal)

    def weight(self, token: str) -> float:
        """The inverse document frequency of ``token``: how much it tells; above 0."""
        row = self._scorer.vocab_dict.get(token)
        # bm25s gives the empty token a row of its own, beyond those it counted.
        return self._unseen if row is None or row >= len(self._idf) else float(self._idf[row])

    def save(self, directory: Path) -> None:
        """Write the index to ``directory``."""
        self._scorer.save(str(directory), show_progress=False)

    @classmethod
    def load(cls, directory: Path, language: Language) -> "LexicalIndex":
        """Read what `save` wrote.

        Raises:
            StaleIndexError: when it cannot be read.
        """
        try:
            scorer = bm25s.BM25.load(str(directory), show_progress=False)
        except (OSError, ValueError, KeyError, EOFError) as error:
            raise StaleIndexError(
                f"Cannot read the lexical index {directory} ({error}). Run `shopdesk index build`."
            ) from error
        return cls(scorer, language)


def _idf(frequencies: NDArray[np.int64] | NDArray[np.float64], size: int) -> NDArray[np.float64]:
    return np.log(1 + (size - frequencies + 0.5) / (frequencies + 0.5))
