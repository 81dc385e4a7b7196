"""How much one client may send."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one connection.

    Attributes:
        messages: messages at once; a client that was offline sends all it has kept.
        messages_per_second: messages in the long run. More are refused, to be sent again.
        frames: frames of all kinds at once.
        frames_per_second: frames in the long run. More end the connection.
        sockets: connections to one conversation: tabs, devices.
        hello: seconds within which the first frame must come.
        queue: frames that wait for a slow reader before it is dropped.
    """

    messages: int = 20
    messages_per_second: float = 1.0
    frames: int = 60
    frames_per_second: float = 10.0
    sockets: int = 20
    hello: float = 10.0
    queue: int = 256


class Bucket:
    """A token bucket: holds ``size``, fills by ``per_second``.

    Example:
        >>> bucket = Bucket(1, 0.001)
        >>> bucket.take(), bucket.take()
        (True, False)
    """

    def __init__(
        self, size: float, per_second: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._size = size
        self._per_second = per_second
        self._clock = clock
        self._left = size
        self._at = clock()

    def take(self) -> bool:
        """Take one if there is one."""
        now = self._clock()
        self._left = min(self._size, self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
