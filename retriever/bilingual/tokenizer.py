"""MiniLM's tokenizer with Chinese words in it.

A run of Chinese characters is cut into the longest words that are known, from left to right, by the
WordPiece that cuts rare English words; English text is cut as before.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retriever.bilingual.vocabulary import Word

_LONGEST_RUN = 2000
"""Characters without a sign between them; WordPiece gives up on longer ones."""


def extended(
    tokenizer: dict[str, Any], words: Sequence[Word]
) -> tuple[dict[str, Any], NDArray[np.int32]]:
    """``tokenizer`` (the content of a BERT's tokenizer.json) that knows ``words``.

    Returns:
        The new content, and for each token's number the row of the embedding table that it has:
        all ways to write a word, at the start of a run and within it, share one row. The rows of
        ``words`` follow those of the tokens that ``tokenizer`` had.
    """
    vocabulary: dict[str, int] = dict(tokenizer["model"]["vocab"])
    known = len(vocabulary)
    rows = list(range(known))
    for row, word in enumerate(words, known):
        for form in word.forms:
            for token in (form, f"##{form}"):
                number = vocabulary.setdefault(token, len(vocabulary))
                if number == len(rows):
                    rows.append(row)
                elif number < known:
                    # What MiniLM learnt of a Chinese character is next to nothing.
                    rows[number] = row
    # Only known characters together: WordPiece would give up on the whole run for one unknown.
    characters = "".join(sorted({form for word in words for form in word.forms if len(form) == 1}))
    isolated = {
        "type": "Split",
        "pattern": {"Regex": f"[{characters}]+"},
        "behavior": "Isolated",
        "invert": False,
    }
    return {
        **tokenizer,
        "model": {
            **tokenizer["model"],
            "vocab": vocabulary,
            "max_input_chars_per_word": _LONGEST_RUN,
        },
        "normalizer": {**tokenizer["normalizer"], "handle_chinese_chars": False},
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [tokenizer["pre_tokenizer"], isolated],
        },
    }, np.array(rows, dtype=np.int32)
