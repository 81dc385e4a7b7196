"""How often an order's proof was guessed wrongly, whoever guessed, in whatever conversation.

Three tries a conversation are no hindrance to somebody who opens a hundred conversations.
"""

import time
from collections import OrderedDict, deque
from collections.abc import Callable

from actions.forms.details import order_key

_MOST_ORDERS = 10_000


class Attempts:
    """Counts wrong proofs by order number, in this process.

    An order that was guessed at too often looks like one that does not exist, to its owner too: he
    gets to a person, who can ask more.

    Args:
        most: wrong proofs that are borne within ``seconds``.
        clock: seconds, monotonic.
    """

    def __init__(
        self, most: int = 10, seconds: float = 3600.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most, self._seconds, self._clock = most, seconds, clock
        self._wrong: OrderedDict[str, deque[float]] = OrderedDict()

    def wrong(self, number: str) -> None:
        """Remember a wrong proof; one for an order that does not exist counts the same."""
        times = self._wrong.setdefault(order_key(number), deque(maxlen=self._most))
        times.append(self._clock())
        self._wrong.move_to_end(order_key(number))
        while len(self._wrong) > _MOST_ORDERS:
            self._wrong.popitem(last=False)

    def closed(self, number: str) -> bool:
        """Whether the order is not to be opened now, by any typed proof."""
        times = self._wrong.get(order_key(number))
        return bool(times and len(times) == self._most and self._clock() - times[0] < self._seconds)
