"""Give back to the system what loading the model took and no longer needs."""

from __future__ import annotations

import ctypes
import gc


def give_back() -> None:
    """Collect what nobody holds any more, and return the free pages of the heap to the system.

    Reading the model leaves some 40 MB of free pages in between what is used; glibc would keep
    them. On a system with another C library only the first half happens.
    """
    gc.collect()
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError, TypeError):  # musl, macOS, Windows
        return
