"""Who follows which conversation just now, in this process."""

from asyncio import Lock
from collections import defaultdict
from collections.abc import Sequence
from weakref import WeakValueDictionary

from gateway.events import Acknowledged, Event, Follower, MessageStored
from store.records import MessageRecord


class Hub:
    """Spreads events. What nobody follows is not lost: it is in the store.

    Of each follower it is known up to which message it has been told everything, so that each is
    told every message once and in order, whatever happened on the way from the store.
    """

    def __init__(self) -> None:
        self._followers: defaultdict[str, dict[Follower, int]] = defaultdict(dict)
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

    def follow(self, conversation_id: str, follower: Follower, seq: int) -> None:
        """Tell ``follower`` what happens from now on, and all messages after ``seq``."""
        self._followers[conversation_id][follower] = seq

    def leave(self, conversation_id: str, follower: Follower) -> None:
        """Tell it nothing more."""
        followers = self._followers.get(conversation_id, {})
        followers.pop(follower, None)
        if not followers:
            self._followers.pop(conversation_id, None)

    def followed(self) -> list[str]:
        """The conversations that anybody follows."""
        return list(self._followers)

    def tell(self, conversation_id: str, event: Event, *, besides: Follower | None = None) -> None:
        """Tell all who follow the conversation, but not ``besides``."""
        for follower in tuple(self._followers.get(conversation_id, ())):
            if follower is not besides:
                follower.tell(event)

    def position(self, conversation_id: str) -> int | None:
        """Up to which message all followers have been told everything; None without followers."""
        return min(self._followers.get(conversation_id, {}).values(), default=None)

    def tell_messages(
        self,
        conversation_id: str,
        messages: Sequence[MessageRecord],
        *,
        sender: Follower | None = None,
    ) -> bool:
        """Tell all who follow the conversation of messages, in order, those that they lack.

        Args:
            sender: is told that its message is stored, even if it was told so before.

        Returns:
            Whether all could be told. False: somebody lacks messages before these; the caller
            reads them from the store and tells again.
        """
        complete = True
        followers = self._followers.get(conversation_id, {})
        for follower, position in tuple(followers.items()):
            for message in messages:
                mine = follower is sender and message.client_id is not None
                if message.seq == position + 1:
                    follower.tell(Acknowledged(message) if mine else MessageStored(message))
                    followers[follower] = position = message.seq
                elif message.seq > position:
                    complete = False
                    break
                elif mine:
                    follower.tell(Acknowledged(message))
        return complete
