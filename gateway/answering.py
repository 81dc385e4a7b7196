"""Answering what is in the queue: in order within a conversation, concurrently across them."""

import asyncio
import logging
import random
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from gateway import transactions
from gateway.assistant import Assistant, Question
from gateway.conversation import conclude
from gateway.errors import AssistantError
from gateway.exchange import Exchange
from gateway.replies import Reply
from gateway.texts import REQUEST_HUMAN, page_language
from gateway.transactions import Lease, Task
from gateway.workers import Workers
from store import queue
from store.database import Database
from store.records import MessageRecord

_log = logging.getLogger(__name__)

RETRY_DELAYS = (0.5, 1.5, 3.0, 5.0, 10.0, 20.0, 30.0)
"""Seconds before the assistant is asked again when it cannot be reached, the last one for ever."""

TELL_AFTER = 5
"""Trials in vain after which the customer is told: with the delays above, 10 s after the first."""

_POLL = 1.0  # seconds: how late work is seen that another server left, or a timer missed
_BATCH = 32  # conversations


class Answering:
    """Takes messages out of the queue, has the assistant answer them, and stores the replies.

    The work lies in the store; what is here may die at any moment. A message whose answer was on
    its way then is asked again, and Rasa's channel, which knows it by its id, does not do it twice.

    Args:
        database: holds the queue.
        assistant: who is asked.
        exchange: stores and tells what comes of it.
        lease: in whose name work is claimed.
        retry_delays: see :data:`RETRY_DELAYS`.
        tell_after: see :data:`TELL_AFTER`.
        give_up_after: how old a message may get before it is told that it will not be answered.
        patience: seconds that the assistant is given at the start before what was left is taken
            up: after a restart of the machine the gateway is up long before Rasa has its model,
            and nobody need be told of an outage for that.
    """

    def __init__(
        self,
        database: Database,
        assistant: Assistant,
        exchange: Exchange,
        lease: Lease,
        *,
        retry_delays: Sequence[float] = RETRY_DELAYS,
        tell_after: int = TELL_AFTER,
        give_up_after: timedelta = timedelta(hours=24),
        patience: float = 20.0,
    ) -> None:
        self._database = database
        self._assistant = assistant
        self._exchange = exchange
        self._lease = lease
        self._retry_delays = tuple(retry_delays)
        self._tell_after = tell_after
        self._give_up_after = give_up_after
        self._patience = patience
        self._workers = Workers(self._answer_next)
        self._due = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        exchange.on_work = self._workers.wake

    async def start(self) -> None:
        """Take up what this server's former self had begun, and from now on all that comes."""
        await self._database.write(lambda session: queue.release(session, self._lease.owner))
        self._tasks = [
            asyncio.create_task(self._poll()),
            asyncio.create_task(self._renew()),
        ]

    async def stop(self, grace: float = 3.0) -> None:
        """End; messages that cannot be answered within ``grace`` seconds stay in the queue."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._workers.stop(grace)
        # Another server need not wait for the leases to end.
        with suppress(Exception):
            await self._database.write(lambda session: queue.release(session, self._lease.owner))

    async def _poll(self) -> None:
        """Claim what is nobody's: new at the start, due for another trial, left by the dead."""
        await self._wait_for_assistant()
        well = True
        while True:
            try:
                if await self._database.read(queue.has_due):
                    claimed = await self._database.write(
                        lambda session: queue.claim_due(
                            session, self._lease.owner, self._lease.length, _BATCH
                        )
                    )
                    for conversation_id in claimed:
                        self._workers.wake(conversation_id)
                    if len(claimed) == _BATCH:
                        continue
                well = True
            except Exception as error:
                if well:
                    _log.error("the queue cannot be read: %s; will try on", _brief(error))
                well = False
            with suppress(TimeoutError):
                async with asyncio.timeout(_POLL):
                    await self._due.wait()
            self._due.clear()

    async def _wait_for_assistant(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience):
                while True:
                    with suppress(AssistantError):
                        await self._assistant.check()
                        return
                    await asyncio.sleep(0.5)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(self._lease.length.total_seconds() / 3)
            if self._workers.busy:
                with suppress(Exception):  # told by _poll; a lease that ends is no loss
                    await self._database.write(
                        lambda session: queue.renew(session, self._lease.owner, self._lease.length)
                    )

    async def _answer_next(self, conversation_id: str) -> bool:
        """Bring the conversation's next message to its end, or put it off; False: nothing to do."""
        task = await self._database.read(
            lambda session: transactions.next_task(session, conversation_id, self._lease.owner)
        )
        if task is None:
            return False
        message = task.message
        if conclude(task.conversation.status, message, None) is not None:
            await self._settle(task, None)
            return True
        # Nobody is shown signs of typing all through an outage.
        if task.conversation.outage_told_at is None:
            self._exchange.set_typing(conversation_id, on=True)
        try:
            replies = await self._assistant.ask(_question(task))
        except AssistantError as error:
            # Whoever asks for a person does not care for the assistant's health.
            if error.retry and message.command != REQUEST_HUMAN and not self._too_old(message):
                await self._put_off(task, error)
                return False
            _log.error("conversation %s: %s; gave up", conversation_id, error)
            replies = []
        except Exception:
            # The customer must be told all the same, and the next message must have its turn.
            _log.exception("conversation %s: the assistant", conversation_id)
            replies = []
        await self._settle(task, replies)
        return True

    def _too_old(self, message: MessageRecord) -> bool:
        return datetime.now(UTC) - message.at > self._give_up_after

    async def _settle(self, task: Task, replies: list[Reply] | None) -> None:
        await self._exchange.settle(
            task.message.conversation_id,
            lambda session: transactions.settle(session, task.message, replies),
        )
        self._exchange.set_typing(task.message.conversation_id, on=False)

    async def _put_off(self, task: Task, error: AssistantError) -> None:
        trials = task.conversation.attempts + 1
        delay = self._retry_delays[min(trials, len(self._retry_delays)) - 1]
        delay *= random.uniform(0.8, 1.2)  # noqa: S311 - so that not all come back at once
        tell = trials >= self._tell_after
        log = _log.error if trials == self._tell_after else _log.warning
        log("conversation %s: %s; will ask again in %.1f s", task.conversation.id, error, delay)
        await self._exchange.settle(
            task.conversation.id,
            lambda session: transactions.put_off(
                session, task.message, timedelta(seconds=delay), tell=tell
            ),
        )
        if tell:
            self._exchange.set_typing(task.conversation.id, on=False)
        asyncio.get_running_loop().call_later(delay, self._due.set)


def _question(task: Task) -> Question:
    message = task.message
    return Question(
        conversation_id=message.conversation_id,
        message_id=message.id,
        text=message.text,
        language=page_language(message.language),
        page_language=page_language(task.conversation.language),
        command=message.command,
        customer=task.customer,
    )


def _brief(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
