"""The courier: from the outbox to the shop's system, in order, whatever happens."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from gateway.channels.channel import Outgoing
from gateway.channels.webhook import WebhookChannel
from gateway.courier import Courier, Schedule
from store import conversations, deliveries, inbound, messages
from store.database import Database
from store.models import Delivery
from store.records import NewMessage
from store.status import Author, DeliveryState, Status

FAST = Schedule(first_pause=0.05, poll=0.05, timeout=2.0)

MakeCourier = Callable[..., Awaitable[Courier]]


@pytest.fixture
async def make_courier(database: Database, channel: WebhookChannel) -> AsyncIterator[MakeCourier]:
    """Starts couriers for the account ``shop``."""
    async with AsyncExitStack() as stack:

        async def make(owner: str = "one", schedule: Schedule = FAST, **changes: Any) -> Courier:
            arguments = {"channels": {"shop": channel}, "database": database, **changes}
            courier = Courier(owner=owner, schedule=schedule, **arguments)
            await courier.start()
            stack.push_async_callback(courier.stop, 0.5)
            return courier

        yield make


@pytest.fixture
def say(database: Database) -> Callable[..., Awaitable[None]]:
    """Stores messages for a customer, and perhaps a status, in one transaction each."""

    async def say(customer: str, *texts: str, status: Status | None = None) -> None:
        def work(session: Session) -> None:
            here = conversations.open_for_external(session, "shop", customer, language="en")
            new = [NewMessage(Author.ASSISTANT, words, "en") for words in texts]
            deliveries.enqueue(session, here, messages.append(session, here.id, new), status)

        await database.write(work)

    return say


async def states(database: Database) -> list[tuple[DeliveryState, int]]:
    """State and attempts of all deliveries, the earliest first."""
    found = await database.read(lambda session: deliveries.listing(session, None, 100))
    return [(one.state, one.attempts) for one in reversed(found)]


async def until_states(database: Database, *expected: tuple[DeliveryState, int]) -> None:
    async with asyncio.timeout(10):
        found = await states(database)
        while found != list(expected):
            await asyncio.sleep(0.02)
            found = await states(database)


DELIVERED = (DeliveryState.DELIVERED, 1)


async def test_what_is_in_the_outbox_is_sent_in_order(
    make_courier: MakeCourier, database: Database, receiver: Any, say: Any
) -> None:
    await say("anna", "one", "two", status=Status.WAITING)
    await make_courier()
    await receiver.until(3)
    assert [one.json["type"] for one in receiver.received] == ["message", "message", "status"]
    assert receiver.texts == ["one", "two"]
    assert len({one.event_id for one in receiver.received}) == 3
    await until_states(database, DELIVERED, DELIVERED, DELIVERED)


async def test_it_is_woken(make_courier: MakeCourier, receiver: Any, say: Any) -> None:
    courier = await make_courier(schedule=replace(FAST, poll=60))
    await say("anna", "one", "two")
    courier.wake()
    await receiver.until(2, seconds=3)


async def test_it_sees_by_itself_what_nobody_told(
    make_courier: MakeCourier, receiver: Any, say: Any
) -> None:
    await make_courier()
    await say("anna", "one")
    await receiver.until(1)


async def test_a_failure_is_repeated_with_the_same_id_and_a_fresh_signature(
    make_courier: MakeCourier, database: Database, receiver: Any, say: Any, secrets: Any
) -> None:
    receiver.enqueue(500)
    receiver.enqueue(302, Location="http://127.0.0.1:1/")
    receiver.enqueue(200, seconds=3)
    await say("anna", "one", "two")
    await make_courier()
    came = await receiver.until(5)
    assert [one.text for one in came] == ["one"] * 4 + ["two"]
    assert len({one.event_id for one in came}) == 2
    assert all(one.is_signed_with(secrets[0]) for one in came)
    await until_states(database, (DeliveryState.DELIVERED, 4), DELIVERED)


async def test_conversations_do_not_wait_for_each_other(
    make_courier: MakeCourier, receiver: Any, say: Any
) -> None:
    for _ in range(3):
        receiver.enqueue(500)
    await say("anna", "a1", "a2")
    courier = await make_courier(schedule=replace(FAST, first_pause=0.4))
    await receiver.until(1)
    receiver.received.clear()
    for n in range(5):
        await say(f"customer {n}", "b1", "b2")
    courier.wake()
    await receiver.until(14)
    for customer in {one.json["customer"] for one in receiver.received}:
        told = [one.text for one in receiver.received if one.json["customer"] == customer]
        assert list(dict.fromkeys(told)) in (["a1", "a2"], ["b1", "b2"])


async def test_only_so_many_are_on_their_way_at_once(
    make_courier: MakeCourier, receiver: Any, say: Any
) -> None:
    for n in range(12):
        receiver.enqueue(200, seconds=0.1)
        await say(f"customer {n}", "one")
    await make_courier(concurrency=4)
    await receiver.until(12)
    assert receiver.most_at_once == 4


async def test_a_receiver_that_wants_a_pause_gets_it(
    make_courier: MakeCourier, receiver: Any, say: Any
) -> None:
    receiver.enqueue(429, Retry_After="1")
    await say("anna", "one")
    await make_courier()
    first, second = await receiver.until(2)
    assert second.at - first.at >= 0.99


async def test_a_wish_for_ever_is_not_granted(
    make_courier: MakeCourier, receiver: Any, say: Any
) -> None:
    receiver.enqueue(503, Retry_After="999999")
    await say("anna", "one")
    await make_courier(schedule=replace(FAST, longest_wish=0.1))
    await receiver.until(2)


async def test_a_refusal_for_good_ends_it_and_the_rest_goes_on(
    make_courier: MakeCourier,
    database: Database,
    receiver: Any,
    say: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    receiver.enqueue(410)
    await say("anna", "one", "two")
    await make_courier()
    await until_states(database, (DeliveryState.DEAD, 1), DELIVERED)
    assert receiver.texts == ["one", "two"]
    assert "shopdesk deliveries list" in caplog.text
    found = await database.read(lambda s: deliveries.listing(s, DeliveryState.DEAD, 10))
    assert found[0].last_error == "HTTP status 410"


async def test_what_is_replayed_is_sent_again(
    make_courier: MakeCourier, database: Database, receiver: Any, say: Any
) -> None:
    receiver.enqueue(404)
    await say("anna", "one")
    await make_courier()
    await until_states(database, (DeliveryState.DEAD, 1))
    assert len(await database.write(lambda session: deliveries.replay(session, None))) == 1
    await until_states(database, DELIVERED)
    assert len({one.event_id for one in receiver.received}) == 1


async def test_after_a_day_of_failures_it_is_given_up(
    make_courier: MakeCourier, database: Database, receiver: Any, say: Any
) -> None:
    for _ in range(3):
        receiver.enqueue(500)
    await say("anna", "one")
    yesterday = datetime.now(UTC) - timedelta(hours=25)
    await database.write(lambda s: s.execute(update(Delivery).values(created_at=yesterday)))
    await make_courier(schedule=replace(FAST, first_pause=0.01, least_attempts=3))
    await until_states(database, (DeliveryState.DEAD, 3))


async def test_younger_ones_are_not_given_up(
    make_courier: MakeCourier, database: Database, receiver: Any, say: Any
) -> None:
    for _ in range(5):
        receiver.enqueue(500)
    await say("anna", "one")
    schedule = replace(FAST, first_pause=0.01, longest_pause=0.01, least_attempts=1)
    await make_courier(schedule=schedule)
    await until_states(database, (DeliveryState.DELIVERED, 6))


def test_pauses_grow_to_ten_minutes() -> None:
    schedule = Schedule()
    for attempts, pause in [(1, 1), (2, 2), (5, 16), (10, 512), (11, 600), (10_000, 600)]:
        assert all(pause * 0.8 <= schedule.pause(attempts) <= pause * 1.2 for _ in range(50))
    assert len({schedule.pause(3) for _ in range(10)}) == 10


async def test_what_was_on_its_way_is_sent_after_a_restart(
    make_courier: MakeCourier, database: Database, receiver: Any, say: Any
) -> None:
    receiver.enqueue(200, seconds=30)
    await say("anna", "one", "two")
    first = await make_courier()
    await receiver.until(1)
    await first.stop(0.05)
    await make_courier()
    came = await receiver.until(3)
    assert [one.text for one in came] == ["one", "one", "two"]
    assert came[0].event_id == came[1].event_id


async def test_what_a_killed_courier_had_claimed_is_sent_by_its_next_self_at_once(
    make_courier: MakeCourier, database: Database, receiver: Any, say: Any
) -> None:
    await say("anna", "one")
    claimed = await database.write(
        lambda session: deliveries.claim_due(
            session, "one", channels=["shop"], lease=timedelta(hours=1), limit=1
        )
    )
    assert claimed
    await make_courier("two")
    await asyncio.sleep(0.3)
    assert receiver.received == []
    await make_courier("one")
    await receiver.until(1)


async def test_two_couriers_share_the_work(
    make_courier: MakeCourier, database: Database, receiver: Any, say: Any
) -> None:
    for n in range(10):
        await say(f"customer {n}", "one", "two", "three")
    await make_courier("one", concurrency=3)
    await make_courier("two", concurrency=3)
    await until_states(database, *[DELIVERED] * 30)
    assert len(receiver.received) == 30


class Flaky(Database):
    """A database that is away for a while."""

    is_away = False

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        self._fail()
        with super().transaction() as session:
            yield session
            self._fail()

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        self._fail()
        with super().snapshot() as session:
            yield session

    def _fail(self) -> None:
        if self.is_away:
            raise OperationalError("SELECT", {}, OSError("the server closed the connection"))


async def test_a_store_that_is_down_is_waited_for(
    make_courier: MakeCourier,
    database_url: str,
    receiver: Any,
    say: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    flaky = Flaky(database_url)
    receiver.enqueue(200, seconds=0.3)
    await say("anna", "one", "two")
    courier = await make_courier(database=flaky)
    await receiver.until(1)
    flaky.is_away = True
    await asyncio.sleep(0.6)
    assert receiver.texts == ["one"]
    flaky.is_away = False
    await receiver.until(2)
    await until_states(flaky, DELIVERED, DELIVERED)
    assert receiver.texts == ["one", "two"]
    assert caplog.text.count("store is down") == caplog.text.count("store is back") == 1
    await courier.stop()
    flaky.close()


class Broken(WebhookChannel):
    async def send(self, delivery: Outgoing) -> None:
        if delivery.external_id == "anna":
            raise ZeroDivisionError
        await super().send(delivery)


async def test_a_fault_of_ours_stops_nobody_else(
    make_courier: MakeCourier,
    make_channel: Any,
    database: Database,
    receiver: Any,
    say: Any,
    secrets: tuple[str, str],
) -> None:
    broken = Broken("shop", url=receiver.url, secrets=[secrets[0]])
    await say("anna", "one")
    await say("ben", "one")
    await make_courier(channels={"shop": broken}, schedule=replace(FAST, first_pause=60))
    await until_states(database, (DeliveryState.PENDING, 1), DELIVERED)
    found = await database.read(lambda s: deliveries.listing(s, DeliveryState.PENDING, 10))
    assert found[0].last_error == "could not be sent (ZeroDivisionError)"
    await broken.close()


async def test_without_channels_there_is_nothing_to_do(database: Database) -> None:
    courier = Courier(database, {}, "one")
    await courier.start()
    courier.wake()
    await courier.stop()


async def test_an_account_that_is_gone_keeps_its_deliveries(
    make_courier: MakeCourier, database: Database, make_channel: Any, receiver: Any, say: Any
) -> None:
    await say("anna", "one")
    await make_courier(channels={"other": make_channel("other")})
    await asyncio.sleep(0.3)
    assert receiver.received == []
    assert await states(database) == [(DeliveryState.PENDING, 0)]


async def test_what_is_done_with_is_forgotten_in_the_end(
    make_courier: MakeCourier, database: Database, say: Any
) -> None:
    await database.write(lambda session: inbound.first_time(session, "shop", "a"))
    await say("anna", "one")
    await make_courier()
    await until_states(database, DELIVERED)
    await make_courier("two", replace(FAST, keep=-60))
    await until_states(database)
    assert await database.write(lambda session: inbound.first_time(session, "shop", "a"))
