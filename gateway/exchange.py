"""The way of a message: in -> store -> ask the assistant -> store -> out."""

import asyncio
import logging
from contextlib import suppress

from gateway import transactions
from gateway.assistant import Assistant, Question
from gateway.conversation import conclude
from gateway.errors import AssistantError
from gateway.events import (
    Acknowledged,
    Follower,
    MessageStored,
    Opened,
    Rated,
    StatusChanged,
    TypingChanged,
)
from gateway.hub import Hub
from gateway.replies import Reply
from gateway.texts import REQUEST_HUMAN, Language, LanguageDetector, page_language
from gateway.transactions import Incoming
from gateway.workers import Workers
from store import conversations
from store.database import Database
from store.records import MessageRecord
from store.status import Status

_log = logging.getLogger(__name__)


class Exchange:
    """Takes customers' messages in, has them answered, and tells all followers.

    A message is in the store before it is acknowledged, and stays pending there until its reply
    is stored, in one transaction; so a crash at any moment loses nothing and doubles nothing.

    Args:
        database: with the newest schema.
        assistant: who is asked.
        hub: who is told.
        detect_language: tells the language of a customer's text.
    """

    def __init__(
        self,
        database: Database,
        assistant: Assistant,
        hub: Hub,
        *,
        detect_language: LanguageDetector,
    ) -> None:
        self._database = database
        self._assistant = assistant
        self._hub = hub
        self._detect_language = detect_language
        self._workers = Workers(self._answer_next)
        self._typing: set[str] = set()
        self._recovery: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Take up the messages that were pending when the last process ended."""
        waiting = await self._database.read(conversations.with_pending)
        if waiting:
            _log.info("%d conversations have messages still to be answered", len(waiting))
            self._recovery = asyncio.create_task(self._recover(waiting))

    async def stop(self, grace: float = 3.0) -> None:
        """End; messages that cannot be answered within ``grace`` seconds stay pending."""
        if self._recovery is not None:
            self._recovery.cancel()
            with suppress(asyncio.CancelledError):
                await self._recovery
        await self._workers.stop(grace)

    async def open(self, conversation_id: str, follower: Follower, *, last_seq: int) -> None:
        """Tell ``follower`` what came after ``last_seq``, and from now on what happens.

        A conversation begins to exist with its first message, not with its first visitor.
        """
        async with self._hub.turn(conversation_id):
            continues, status, messages = await self._database.read(
                lambda session: transactions.history(session, conversation_id, last_seq)
            )
            follower.tell(Opened(continues, status, messages))
            if conversation_id in self._typing:
                follower.tell(TypingChanged(True))
            self._hub.follow(conversation_id, follower)

    def leave(self, conversation_id: str, follower: Follower) -> None:
        """Tell ``follower`` nothing more."""
        self._hub.leave(conversation_id, follower)

    async def receive(self, conversation_id: str, incoming: Incoming, sender: Follower) -> None:
        """Store the message, acknowledge it to ``sender``, and see to it that it is answered.

        A message that is known by its id is acknowledged again, and nothing else.
        """
        language = self._detect_language(incoming.text, incoming.page_language)
        async with self._hub.turn(conversation_id):
            message, new = await self._database.write(
                lambda session: transactions.accept(session, conversation_id, incoming, language)
            )
            sender.tell(Acknowledged(message))
            if new:
                self._hub.tell(conversation_id, MessageStored(message), besides=sender)
        if new:
            self._workers.wake(conversation_id)

    async def rate(
        self, conversation_id: str, message_id: str, value: int, comment: str | None
    ) -> None:
        """Rate an answer of the conversation.

        Raises:
            UnknownMessage: it holds no such answer.
        """
        async with self._hub.turn(conversation_id):
            rating = await self._database.write(
                lambda session: transactions.rate(
                    session, conversation_id, message_id, value, comment
                )
            )
            self._hub.tell(conversation_id, Rated(rating))

    async def change_status(self, conversation_id: str, status: Status) -> None:
        """Give the conversation to somebody else.

        Raises:
            IllegalTransition: see :data:`store.status.TRANSITIONS`.
            UnknownConversation: there is none.
        """
        async with self._hub.turn(conversation_id):
            await self._database.write(
                lambda session: conversations.change_status(session, conversation_id, status)
            )
            self._hub.tell(conversation_id, StatusChanged(status))

    async def _recover(self, waiting: list[str]) -> None:
        # After a restart of the machine the gateway is up long before Rasa has its model.
        deadline = asyncio.get_running_loop().time() + 90
        while asyncio.get_running_loop().time() < deadline:
            try:
                await self._assistant.check()
                break
            except AssistantError:
                await asyncio.sleep(0.5)
        for conversation_id in waiting:
            self._workers.wake(conversation_id)

    async def _answer_next(self, conversation_id: str) -> bool:
        """Bring the conversation's earliest pending message to its end, if there is one."""
        found = await self._database.read(
            lambda session: transactions.next_message(session, conversation_id)
        )
        if found is None:
            return False
        conversation, message = found
        language = page_language(message.language)
        if conclude(conversation.status, message.command, language, None) is not None:
            await self._settle(message, None)
            return True
        self._set_typing(conversation_id, on=True)
        try:
            replies = await self._ask(message, page_language(conversation.language))
            await self._settle(message, replies)
        finally:
            self._set_typing(conversation_id, on=False)
        return True

    async def _ask(self, message: MessageRecord, page: Language) -> list[Reply]:
        """The assistant's replies, none if it failed."""
        question = Question(
            conversation_id=message.conversation_id,
            message_id=message.id,
            text=message.text,
            language=page_language(message.language),
            page_language=page,
            command=message.command,
        )
        try:
            # Whoever asks for a person does not care for the assistant's health.
            return await self._assistant.ask(question, patient=message.command != REQUEST_HUMAN)
        except AssistantError as error:
            _log.error("conversation %s: %s; gave up", message.conversation_id, error)
        except Exception:
            # The customer must be told all the same, and the next message must have its turn.
            _log.exception("conversation %s: the assistant", message.conversation_id)
        return []

    async def _settle(self, message: MessageRecord, replies: list[Reply] | None) -> None:
        """Store how the message ends, and tell it."""
        conversation_id = message.conversation_id
        async with self._hub.turn(conversation_id):
            settled = await self._database.write(
                lambda session: transactions.settle(session, message, replies)
            )
            if settled is None:
                return
            for new in settled.messages:
                self._hub.tell(conversation_id, MessageStored(new))
            if settled.rating is not None:
                self._hub.tell(conversation_id, Rated(settled.rating))
            if settled.status is not None:
                self._hub.tell(conversation_id, StatusChanged(settled.status))

    def _set_typing(self, conversation_id: str, *, on: bool) -> None:
        (self._typing.add if on else self._typing.discard)(conversation_id)
        self._hub.tell(conversation_id, TypingChanged(on))
