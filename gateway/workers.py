"""One task a conversation while it has work: in order within it, concurrently across."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

_log = logging.getLogger(__name__)
_LONGEST_PAUSE = 5.0


class Workers:
    """Runs ``work(key)`` again and again until it has nothing left to do.

    The work itself lies in the store; a worker is only somebody who looks there. Nothing is lost
    when one dies.

    Args:
        work: does the next piece of work of the key; False when there was none. If it raises,
            it is tried again after a pause, which grows.
        pause: seconds before the first such trial.
    """

    def __init__(self, work: Callable[[str], Awaitable[bool]], *, pause: float = 0.5) -> None:
        self._work = work
        self._pause = pause
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._woken: set[str] = set()

    def wake(self, key: str) -> None:
        """There is work for ``key``."""
        self._woken.add(key)
        if key not in self._tasks:
            self._tasks[key] = asyncio.create_task(self._run(key))

    @property
    def busy(self) -> bool:
        """Whether anybody is at work."""
        return bool(self._tasks)

    async def stop(self, grace: float) -> None:
        """Give those at work ``grace`` seconds to end it, then leave the rest to the next start."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks.values(), timeout=grace)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _run(self, key: str) -> None:
        pause = self._pause
        try:
            # Whoever wakes the key after its last piece of work was looked for sets the mark
            # again; between this test and the end of the task nothing else can run.
            while key in self._woken:
                self._woken.discard(key)
                try:
                    while await self._work(key):
                        pause = self._pause
                except Exception:
                    _log.exception("conversation %s: will try again in %.1f s", key, pause)
                    self._woken.add(key)
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, _LONGEST_PAUSE)
        finally:
            del self._tasks[key]
