"""The courier: takes what the channels are to be told from the outbox, and has it sent."""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from gateway.channels.channel import Channel, Outgoing
from gateway.channels.errors import DeliveryFailed
from store import deliveries, inbound
from store.database import Database
from store.deliveries import DeliveryRecord

T = TypeVar("T")

_log = logging.getLogger(__name__)
_TIDY = 3600.0  # seconds


@dataclass(frozen=True, slots=True)
class Schedule:
    """How patient the courier is; times in seconds.

    Attributes:
        first_pause: after the first failure; it doubles with every other, give or take a fifth.
        longest_pause: it grows no longer.
        longest_wish: for how long a receiver may ask to be left alone.
        give_up_after: from then on a delivery is given up when it fails again,
        least_attempts: but not before it was tried so often: the gateway may have been off, or an
            operator have had it sent again.
        timeout: for one attempt.
        lease: how long others leave alone what this courier has claimed; well above ``timeout``.
        poll: how late something is seen of which nobody told: what another process replayed, or
            left behind when it died.
        keep: how long what is done with is remembered. An event of a channel that comes again
            after that is taken for new unless it is a message.
    """

    first_pause: float = 1.0
    longest_pause: float = 600.0
    longest_wish: float = 3600.0
    give_up_after: float = 86_400.0
    least_attempts: int = 12
    timeout: float = 20.0
    lease: float = 30.0
    poll: float = 1.0
    keep: float = 30 * 86_400.0

    def pause(self, attempts: int) -> float:
        """Seconds before the next attempt, after so many failed ones; some of them by chance."""
        pause = min(self.longest_pause, self.first_pause * 2.0 ** min(attempts - 1, 30))
        return pause * random.uniform(0.8, 1.2)  # noqa: S311 - it keeps no secret


class Courier:
    """Sends what is in the outbox: in order in a conversation, concurrently across them.

    What was sent is marked so in the store afterwards. Whoever dies between the two sends it again
    at its next start, with the same event id, by which the receiver knows it.

    Args:
        database: holds the outbox.
        channels: by the names of their accounts.
        owner: the name in which deliveries are claimed: different for two couriers at once, the
            same for one after its restart.
        concurrency: how many deliveries are on their way at once.
        schedule: see :class:`Schedule`.
    """

    def __init__(
        self,
        database: Database,
        channels: Mapping[str, Channel],
        owner: str,
        *,
        concurrency: int = 16,
        schedule: Schedule | None = None,
    ) -> None:
        self._database = database
        self._channels = dict(channels)
        self._owner = owner
        self._concurrency = concurrency
        self._schedule = schedule or Schedule()
        self._woken = asyncio.Event()
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._loop: asyncio.Task[None] | None = None
        self._store_is_down = False

    async def start(self) -> None:
        """Begin to send. Without a channel there is nothing to do."""
        if self._channels:
            self._loop = asyncio.create_task(self._run())

    async def stop(self, grace: float = 3.0) -> None:
        """End; what is not taken within ``grace`` seconds is sent again after the next start."""
        if self._loop is None:
            return
        self._loop.cancel()
        with suppress(asyncio.CancelledError):
            await self._loop
        self._loop = None
        await self._end_tasks(grace)
        with suppress(SQLAlchemyError):
            await self._database.write(partial(deliveries.release, owner=self._owner))

    def wake(self) -> None:
        """There may be something to send."""
        self._woken.set()

    async def _run(self) -> None:
        # What this courier's former self had claimed can be sent at once.
        await self._patiently(partial(deliveries.release, owner=self._owner))
        clock = asyncio.get_running_loop().time
        tidied = float("-inf")
        while True:
            self._woken.clear()
            try:
                if clock() - tidied > _TIDY:
                    await self._patiently(self._tidy)
                    tidied = clock()
                await self._begin_what_is_due()
            except Exception:
                # Whatever it was: the other conversations must not wait for it for ever.
                _log.exception("the courier")
            with suppress(TimeoutError):
                async with asyncio.timeout(self._schedule.poll):
                    await self._woken.wait()

    async def _begin_what_is_due(self) -> None:
        free = self._concurrency - len(self._under_way)
        if free <= 0:
            return
        # Mostly nothing is due, and a question does not stand in the way of those who write.
        if await self._patiently(partial(deliveries.has_due, channels=self._channels), reads=True):
            for delivery, outgoing in await self._patiently(partial(self._claim, limit=free)):
                self._begin(delivery, outgoing)

    def _claim(self, session: Session, limit: int) -> list[tuple[DeliveryRecord, Outgoing]]:
        claimed = deliveries.claim_due(
            session,
            self._owner,
            channels=self._channels,
            lease=timedelta(seconds=self._schedule.lease),
            limit=limit,
        )
        return [(delivery, _outgoing(session, delivery)) for delivery in claimed]

    def _tidy(self, session: Session) -> None:
        before = datetime.now(UTC) - timedelta(seconds=self._schedule.keep)
        inbound.prune(session, before)
        deliveries.prune(session, before)

    def _begin(self, delivery: DeliveryRecord, outgoing: Outgoing) -> None:
        if delivery.id in self._under_way:
            # The lease ended before the store, which was down, could be told how it went.
            return
        task = asyncio.create_task(self._deliver(delivery, outgoing))
        self._under_way[delivery.id] = task
        task.add_done_callback(lambda _: self._end(delivery.id))

    def _end(self, delivery_id: int) -> None:
        del self._under_way[delivery_id]
        # The next of the conversation can go, and there is a free place.
        self.wake()

    async def _deliver(self, delivery: DeliveryRecord, outgoing: Outgoing) -> None:
        failure = await self._send(delivery, outgoing)
        if failure is None:
            await self._patiently(lambda session: deliveries.delivered(session, delivery.id))
            return
        error, attempts = str(failure), delivery.attempts + 1
        what = f"delivery {delivery.id} to {delivery.channel} failed, attempt {attempts}: {error}"
        if failure.permanent or self._is_given_up(delivery, attempts):
            _log.error("%s; given up: see `shopdesk deliveries list`", what)
            await self._patiently(
                lambda session: deliveries.dead(session, delivery.id, self._owner, error=error)
            )
            return
        pause = self._schedule.pause(attempts)
        if failure.retry_after is not None:
            pause = max(pause, min(failure.retry_after, self._schedule.longest_wish))
        _log.warning("%s; next in %.1f s", what, pause)
        retry_at = datetime.now(UTC) + timedelta(seconds=pause)
        await self._patiently(
            lambda session: deliveries.failed(
                session, delivery.id, self._owner, error=error, retry_at=retry_at
            )
        )
        asyncio.get_running_loop().call_later(pause, self.wake)

    async def _send(self, delivery: DeliveryRecord, outgoing: Outgoing) -> DeliveryFailed | None:
        """Send it; why it failed, or None."""
        timeout = self._schedule.timeout
        try:
            async with asyncio.timeout(timeout):
                await self._channels[delivery.channel].send(outgoing)
        except DeliveryFailed as failure:
            return failure
        except TimeoutError:
            return DeliveryFailed(f"no answer within {timeout:.0f} s")
        except Exception as error:
            # A fault of ours, perhaps mended by the next version: the delivery waits for it.
            _log.exception("delivery %d to %s", delivery.id, delivery.channel)
            return DeliveryFailed(f"could not be sent ({type(error).__name__})")
        return None

    def _is_given_up(self, delivery: DeliveryRecord, attempts: int) -> bool:
        age = (datetime.now(UTC) - delivery.created_at).total_seconds()
        return age > self._schedule.give_up_after and attempts >= self._schedule.least_attempts

    async def _patiently(self, work: Callable[[Session], T], *, reads: bool = False) -> T:
        """Do the work in the store as soon as the store is there."""
        do = self._database.read if reads else self._database.write
        while True:
            try:
                done = await do(work)
            except SQLAlchemyError:
                if not self._store_is_down:
                    _log.exception("the courier's store is down; will go on when it is back")
                self._store_is_down = True
                await asyncio.sleep(self._schedule.poll)
            else:
                if self._store_is_down:
                    _log.info("the courier's store is back")
                self._store_is_down = False
                return done

    async def _end_tasks(self, grace: float) -> None:
        tasks = tuple(self._under_way.values())
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=grace)
        for task in late:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _outgoing(session: Session, delivery: DeliveryRecord) -> Outgoing:
    content = deliveries.content(session, delivery)
    return Outgoing(
        event_id=delivery.event_id,
        conversation_id=delivery.conversation_id,
        external_id=delivery.external_id,
        message=content.message,
        in_reply_to=content.in_reply_to,
        status=delivery.status,
    )
