"""Who follows which conversation just now, in this process."""

from asyncio import Lock
from collections import defaultdict
from weakref import WeakValueDictionary

from gateway.events import Event, Follower


class Hub:
    """Spreads events. What nobody follows is not lost: it is in the store."""

    def __init__(self) -> None:
        self._followers: defaultdict[str, set[Follower]] = defaultdict(set)
        self._turns: WeakValueDictionary[str, Lock] = WeakValueDictionary()

    def turn(self, conversation_id: str) -> Lock:
        """The conversation's lock, to be held while something is stored *and* told.

        So every follower hears of messages in the order of their numbers, and one who comes
        hears either from the store or from the event of each message, never of it twice.
        """
        lock = self._turns.get(conversation_id)
        if lock is None:
            lock = self._turns[conversation_id] = Lock()
        return lock

    def follow(self, conversation_id: str, follower: Follower) -> None:
        """Tell ``follower`` what happens from now on."""
        self._followers[conversation_id].add(follower)

    def leave(self, conversation_id: str, follower: Follower) -> None:
        """Tell it nothing more."""
        followers = self._followers[conversation_id]
        followers.discard(follower)
        if not followers:
            del self._followers[conversation_id]

    def count(self, conversation_id: str) -> int:
        """How many follow the conversation."""
        return len(self._followers.get(conversation_id, ()))

    def tell(self, conversation_id: str, event: Event, *, besides: Follower | None = None) -> None:
        """Tell all who follow the conversation, but not ``besides``."""
        for follower in tuple(self._followers.get(conversation_id, ())):
            if follower is not besides:
                follower.tell(event)
