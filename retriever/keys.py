"""Texts and tokens as short hashes: sorted, they are looked up on disk and hold no Python object.

A text's has 128 bits, a token's 64: in a shop with a million different tokens, two of them share
one with a probability of 3 in 100 million.
"""

from collections.abc import Iterable
from hashlib import blake2b
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

TextKeys = NDArray[np.bytes_]
TokenKeys = NDArray[np.uint64]

_Key = TypeVar("_Key", np.bytes_, np.uint64)


def text_keys(texts: Iterable[str]) -> TextKeys:
    """One key of 16 bytes for each of ``texts``."""
    return np.frombuffer(b"".join(_digest(text, 16) for text in texts), dtype="S16")


def token_keys(tokens: Iterable[str]) -> TokenKeys:
    """One key of 64 bits for each of ``tokens``."""
    return np.frombuffer(b"".join(_digest(token, 8) for token in tokens), dtype=np.uint64)


def find(keys: NDArray[_Key], wanted: NDArray[_Key]) -> NDArray[np.int64]:
    """Where each of ``wanted`` stands in the sorted ``keys``; -1 where it does not."""
    if not len(keys):
        return np.full(len(wanted), -1, dtype=np.int64)
    places = np.searchsorted(keys, wanted)
    places[places == len(keys)] = 0
    return np.where(keys[places] == wanted, places, -1)


def _digest(text: str, size: int) -> bytes:
    # Half a surrogate pair, which a broken client can send, has no UTF-8 form of its own.
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size).digest()
