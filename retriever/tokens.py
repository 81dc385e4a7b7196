"""Text into the tokens that lexical search counts.

Chinese: words of jieba *and* single characters and pairs of neighbours. Words are the better
evidence, but a question and a passage may be cut differently (退货运费; 退货, 运费), and then the
characters still meet; together they find more than either alone. Latin words stand in both
languages, stripped of their commonest endings.
"""

import re
import unicodedata
import warnings
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from knowledge_base.passages import Language

if TYPE_CHECKING:
    from jieba import Tokenizer

_RUN = re.compile(r"(?P<latin>[a-z0-9]+)|(?P<han>[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+)")
_ENDINGS = ("ies", "ing", "ied", "ed", "es", "s", "e", "y")
_DOUBLED = re.compile(r"([bcdfgmnprt])\1$")


def tokens(text: str, language: Language) -> list[str]:
    """The tokens of ``text`` in order, repeated ones included.

    Args:
        text: anything; full-width signs and capitals count as their plain forms.
        language: Chinese words are cut only where Chinese is expected.
    """
    return list(_tokens(unicodedata.normalize("NFKC", text).lower(), language))


def warm_up() -> None:
    """Load the Chinese dictionary now, so that no customer waits half a second for it."""
    _jieba()


def word_counts() -> dict[str, int]:
    """How often each Chinese word stood in the texts that jieba's dictionary was made from."""
    return dict(_jieba().FREQ)


def _tokens(text: str, language: Language) -> Iterator[str]:
    for match in _RUN.finditer(text):
        run = match.group()
        if match.lastgroup == "latin":
            yield _stem(run)
            continue
        yield from run
        yield from (run[i : i + 2] for i in range(len(run) - 1))
        if language == "zh":
            # Marked, so that the word 退货 and the pair 退货 are two pieces of evidence.
            yield from (f"_{word}" for word in _jieba().cut_for_search(run) if len(word) > 1)


def _stem(word: str) -> str:
    """Take the commonest English endings off: enough for "shipped" to meet "shipping"."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) >= len(ending) + 3 and not word.endswith("ss"):
            return _DOUBLED.sub(r"\1", word.removesuffix(ending))
    return word


@lru_cache(maxsize=1)
def _jieba() -> "Tokenizer":
    """jieba with its dictionary read, past its cache file and its log.

    The cache would lie in the machine's shared temporary folder, where anyone could put a file
    that jieba then unmarshals; reading the dictionary anew takes half a second.
    """
    with warnings.catch_warnings():
        # Its source has escapes that newer Pythons warn of when they first compile it.
        warnings.simplefilter("ignore")
        import jieba

    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True
    return tokenizer
