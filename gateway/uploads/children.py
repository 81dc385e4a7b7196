"""Other programs that look at a file: few at once, each with a deadline."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
# Not the gateway's secrets, which stand in variables too.
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")


class Children:
    """Runs programs without a shell and ends them when their time is over.

    Args:
        at_once: further ones wait for their turn; their time does not run while they do.
    """

    def __init__(self, *, at_once: int = 2) -> None:
        self._threads = ThreadPoolExecutor(at_once, "uploads")
        self._running: set[subprocess.Popen[bytes]] = set()

    async def run(self, arguments: Sequence[str], *, seconds: float) -> tuple[int, bytes]:
        """Run a program; gives its exit status and its output.

        Raises:
            TimeoutError: it took too long.
            OSError: it cannot be started.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._run, arguments, seconds)

    def _run(self, arguments: Sequence[str], seconds: float) -> tuple[int, bytes]:
        environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        # A leader of its own group, so that what it started ends with it.
        child = subprocess.Popen(  # noqa: S603 - without a shell
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**environment, "PYTHONPATH": str(_ROOT)},
            start_new_session=True,
        )
        self._running.add(child)
        try:
            output, _ = child.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise TimeoutError(f"{arguments[0]} took longer than {seconds:g} s") from None
        finally:
            _kill(child)
            child.communicate()
            self._running.discard(child)
        return child.returncode, output

    def close(self) -> None:
        """End what is running."""
        for child in tuple(self._running):
            _kill(child)
        self._threads.shutdown(cancel_futures=True)


def _kill(child: subprocess.Popen[bytes]) -> None:
    # Once it has been waited for, the number may be somebody else's.
    if child.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
