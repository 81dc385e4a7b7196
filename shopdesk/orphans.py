"""A child that does not outlive its parent, so that `kill -9` leaves nothing running."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """Ask the kernel to end this process when its parent goes (Linux; elsewhere it does nothing).

    The request outlives ``exec``. ``parent`` is the process that should be the parent: when it has
    gone already, before the request was made, this process ends at once.
    """
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)
