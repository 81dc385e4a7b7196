"""The way of a message: in -> store -> ask the assistant -> store -> out."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy.orm import Session

from gateway import transactions
from gateway.channels.channel import InboundEvent
from gateway.channels.inbox import Taken, accept_event
from gateway.events import (
    CustomerTyping,
    Follower,
    Opened,
    Rated,
    Revoked,
    SeenChanged,
    StatusChanged,
    SurveyStored,
    TypingChanged,
)
from gateway.hub import Hub
from gateway.texts import LanguageDetector
from gateway.transactions import Contact, History, Incoming, Lease, Settled
from store import conversations, messages, surveys
from store.bulletin import Notice, What, announce
from store.database import Database
from store.records import MessageRecord, NewMessage, SurveyRecord
from store.status import Status

T = TypeVar("T")


class Exchange:
    """Takes customers' messages in, and tells all followers what happens.

    A message is in the store before it is acknowledged, and stays pending there until its reply
    is stored, in one transaction; so a crash at any moment loses nothing and doubles nothing.
    Who answers it is another's matter: see :class:`gateway.answering.Answering`.

    Args:
        database: with the newest schema.
        hub: who is told.
        lease: in whose name work is claimed.
        detect_language: tells the language of a customer's text.
    """

    def __init__(
        self, database: Database, hub: Hub, lease: Lease, *, detect_language: LanguageDetector
    ) -> None:
        self._database = database
        self._hub = hub
        self._lease = lease
        self._detect_language = detect_language
        self._typing: set[str] = set()
        self.on_work: Callable[[str], None] = lambda _: None
        """Called with the id of a conversation that has a message to be answered."""
        self.on_outbox: Callable[[], None] = lambda: None
        """Called when something may have been put into the outbox."""

    async def open(self, conversation_id: str, follower: Follower, *, last_seq: int) -> None:
        """Tell ``follower`` what came after ``last_seq``, and from now on what happens.

        A conversation begins to exist with its first message, not with its first visitor.
        """
        async with self._hub.turn(conversation_id):
            found = await self._database.read(
                lambda session: transactions.history(session, conversation_id, last_seq)
            )
            follower.tell(
                Opened(found.continues, found.status, found.messages, found.earlier, found.seen_seq)
            )
            if conversation_id in self._typing:
                follower.tell(TypingChanged(True))
            seen = found.messages[-1].seq if found.messages else last_seq if found.continues else 0
            self._hub.follow(conversation_id, follower, seen)

    def leave(self, conversation_id: str, follower: Follower) -> None:
        """Tell ``follower`` nothing more."""
        self._hub.leave(conversation_id, follower)

    async def history(self, conversation_id: str, before: int) -> History:
        """The page of messages before the one with the number ``before``."""

        def read(session: Session) -> History:
            page = messages.page(session, conversation_id, before=before, limit=transactions.PAGE)
            earlier = bool(page) and page[0].seq > 1
            return History(True, Status.BOT, page, earlier=earlier, seen_seq=0)

        return await self._database.read(read)

    async def receive(self, conversation_id: str, incoming: Incoming, sender: Follower) -> None:
        """Store the message, acknowledge it to ``sender``, and see to it that it is answered.

        A message that is known by its id is acknowledged again, and nothing else.

        Raises:
            UnknownFile: one of its files is not of this conversation, or was sent before.
        """
        language = self._detect_language(incoming.text, incoming.page_language)
        async with self._hub.turn(conversation_id):
            message, new = await self._store(
                conversation_id,
                "messages",
                lambda session: transactions.accept(
                    session, conversation_id, incoming, language, self._lease
                ),
            )
            await self._publish(conversation_id, [message], sender=sender)
        if new:
            self.on_work(conversation_id)

    async def take(self, account: str, event: InboundEvent) -> bool:
        """Store what a channel brings; False when it was stored before.

        Raises:
            UnknownConversation: it is about a conversation, and the customer has none yet.
            UnknownMessage: it rates what is no answer of the conversation.
        """

        def write(session: Session) -> Taken | None:
            taken = accept_event(session, account, event, self._lease, self._detect_language)
            if taken is not None:
                announce(session, Notice(self._lease.owner, taken.conversation_id, "status"))
            return taken

        taken = await self._database.write(write)
        if taken is None:
            return False
        async with self._hub.turn(taken.conversation_id):
            await self._publish(taken.conversation_id, taken.messages)
            for happened in taken.events:
                self._hub.tell(taken.conversation_id, happened)
        if taken.has_work:
            self.on_work(taken.conversation_id)
        self.on_outbox()
        return True

    async def rate(
        self, conversation_id: str, message_id: str, value: int, comment: str | None
    ) -> None:
        """Rate an answer of the conversation.

        Raises:
            UnknownMessage: it holds no such answer.
        """
        async with self._hub.turn(conversation_id):
            rating = await self._store(
                conversation_id,
                "rating",
                lambda session: transactions.rate(
                    session, conversation_id, message_id, value, comment
                ),
                message_id,
            )
            self._hub.tell(conversation_id, Rated(rating))

    async def seen(self, conversation_id: str, seq: int, sender: Follower) -> None:
        """Note that the customer has seen all up to ``seq``."""
        async with self._hub.turn(conversation_id):
            if await self._store(
                conversation_id,
                "seen",
                lambda session: conversations.see(session, conversation_id, seq),
            ):
                self._hub.tell(conversation_id, SeenChanged(seq), besides=sender)

    def customer_typing(self, conversation_id: str, sender: Follower, *, on: bool) -> None:
        """Tell that the customer began or ended writing."""
        self._hub.tell(conversation_id, CustomerTyping(on), besides=sender)

    async def end(self, conversation_id: str) -> None:
        """Close the conversation for its customer; it is opened again by the next message.

        Raises:
            UnknownConversation: there is none.
        """
        async with self._hub.turn(conversation_id):
            if await self._store(
                conversation_id,
                "status",
                lambda session: transactions.end(session, conversation_id),
            ):
                self._hub.tell(conversation_id, StatusChanged(Status.CLOSED))
        self.on_outbox()

    async def survey(self, conversation_id: str, score: int, comment: str | None) -> None:
        """Store how satisfied the customer was.

        Raises:
            UnknownConversation: there is none.
        """
        async with self._hub.turn(conversation_id):

            def write(session: Session) -> SurveyRecord:
                conversations.get(session, conversation_id)
                return surveys.record(session, conversation_id, score, comment)

            survey = await self._store(conversation_id, "survey", write)
            self._hub.tell(conversation_id, SurveyStored(survey))

    async def leave_contact(self, conversation_id: str, contact: Contact) -> None:
        """Store where the customer can be reached, and confirm it in the conversation."""
        async with self._hub.turn(conversation_id):
            stored = await self._store(
                conversation_id,
                "messages",
                lambda session: transactions.leave_contact(session, conversation_id, contact),
            )
            await self._publish(conversation_id, stored)
        self.on_outbox()

    async def say(self, conversation_id: str, new: Sequence[NewMessage]) -> None:
        """Tell the customer something that replies to none of its messages.

        Raises:
            UnknownConversation: there is none.
        """
        async with self._hub.turn(conversation_id):
            stored = await self._store(
                conversation_id,
                "messages",
                lambda session: transactions.say(session, conversation_id, new),
            )
            await self._publish(conversation_id, stored)
        self.on_outbox()

    async def change_status(self, conversation_id: str, status: Status) -> None:
        """Give the conversation to somebody else.

        Raises:
            IllegalTransition: see :data:`store.status.TRANSITIONS`.
            UnknownConversation: there is none.
        """
        async with self._hub.turn(conversation_id):
            await self._store(
                conversation_id,
                "status",
                lambda session: transactions.change_status(session, conversation_id, status),
            )
            self._hub.tell(conversation_id, StatusChanged(status))
        self.on_outbox()

    async def revoke(self, conversation_id: str) -> None:
        """Send away all who came by a token of the conversation, at the other gateways too."""
        self._hub.tell(conversation_id, Revoked())
        await self._store(conversation_id, "session", lambda _: None)

    async def settle(self, conversation_id: str, work: Callable[[Session], Settled | None]) -> None:
        """Store how a message ends, or that it is put off, and tell it."""
        async with self._hub.turn(conversation_id):
            settled = await self._store(
                conversation_id,
                lambda settled: "status" if settled and settled.status else "messages",
                work,
            )
            if settled is None:
                # Perhaps it was stored before, by a commit whose confirmation was lost.
                await self._catch_up(conversation_id)
                return
            await self._publish(conversation_id, settled.messages)
            if settled.rating is not None:
                self._hub.tell(conversation_id, Rated(settled.rating))
            if settled.status is not None:
                self._hub.tell(conversation_id, StatusChanged(settled.status))
        self.on_outbox()

    def set_typing(self, conversation_id: str, *, on: bool) -> None:
        """Tell that the assistant began or ended writing."""
        if on == (conversation_id in self._typing):
            return
        (self._typing.add if on else self._typing.discard)(conversation_id)
        self._hub.tell(conversation_id, TypingChanged(on))

    async def _store(
        self,
        conversation_id: str,
        what: What | Callable[[T], What],
        work: Callable[[Session], T],
        message_id: str | None = None,
    ) -> T:
        """Do ``work`` in one transaction, and let the other gateways know what it changed."""

        def write(session: Session) -> T:
            result = work(session)
            changed = what(result) if callable(what) else what
            announce(session, Notice(self._lease.owner, conversation_id, changed, message_id))
            return result

        return await self._database.write(write)

    async def catch_up(self, conversation_id: str) -> None:
        """Tell the followers what they lack, if anything: another server may have stored it."""
        async with self._hub.turn(conversation_id):
            await self._catch_up(conversation_id)

    async def _publish(
        self,
        conversation_id: str,
        new: Sequence[MessageRecord],
        *,
        sender: Follower | None = None,
    ) -> None:
        """Tell all followers of new messages, and first of any that they lack before them."""
        if not self._hub.tell_messages(conversation_id, new, sender=sender):
            await self._catch_up(conversation_id, sender)

    async def _catch_up(self, conversation_id: str, sender: Follower | None = None) -> None:
        seq = self._hub.position(conversation_id)
        if seq is None:
            return
        missed = await self._database.read(
            lambda session: messages.page(session, conversation_id, after=seq)
        )
        self._hub.tell_messages(conversation_id, missed, sender=sender)
