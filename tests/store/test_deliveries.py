import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from store import conversations, deliveries, inbound, messages
from store.database import Database
from store.deliveries import DeliveryRecord
from store.records import ConversationRecord, NewMessage
from store.status import Author, DeliveryState, Status

LEASE = timedelta(seconds=60)
ERROR = "HTTP status 500"
_names = count(1)


def conversation(session: Session, channel: str = "shop") -> ConversationRecord:
    return conversations.open_for_external(session, channel, f"c{next(_names)}", language="en")


def say(
    session: Session,
    conversation: ConversationRecord,
    texts: Sequence[str],
    status: Status | None = None,
) -> None:
    new = [NewMessage(Author.ASSISTANT, words, "en") for words in texts]
    stored = messages.append(session, conversation.id, new)
    assert deliveries.enqueue(session, conversation, stored, status) == len(texts) + bool(status)


def claim(
    session: Session, owner: str = "one", limit: int = 10, seconds: float = 0
) -> list[DeliveryRecord]:
    """What is claimed, so many seconds from now."""
    now = datetime.now(UTC) + timedelta(seconds=seconds)
    return deliveries.claim_due(
        session, owner, channels=["shop"], lease=LEASE, limit=limit, now=now
    )


def in_seconds(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


async def test_what_is_told_and_to_whom(database: Database) -> None:
    with database.transaction() as session:
        here = conversation(session)
        asked, _ = messages.receive(session, here.id, client_id="evt_1", text="Hi?", language="en")
        reply = NewMessage(Author.ASSISTANT, "Hello", "en")
        stored = messages.append(session, here.id, [reply], reply_to=asked)
        assert deliveries.enqueue(session, here, [asked, *stored], Status.WAITING) == 2
    with database.transaction() as session:
        (first,) = claim(session)
        told = deliveries.content(session, first)
        assert deliveries.delivered(session, first.id)
        (second,) = claim(session)
        assert deliveries.content(session, second) == deliveries.Content(None, None)
    assert told == deliveries.Content(stored[0], "evt_1")
    assert (first.channel, first.external_id) == ("shop", here.external_id)
    assert (first.seq, first.status, first.state) == (2, None, DeliveryState.PENDING)
    assert (second.seq, second.status) == (None, Status.WAITING)
    assert first.event_id != second.event_id


async def test_the_widget_is_told_nothing_through_the_outbox(database: Database) -> None:
    with database.transaction() as session:
        widget = conversations.open_for(session, str(uuid4()), language="en")
        stored = messages.append(session, widget.id, [NewMessage(Author.SYSTEM, "Hi", "en")])
        assert deliveries.enqueue(session, widget, stored, Status.CLOSED) == 0
        assert deliveries.listing(session, None, 10) == []


async def test_only_the_earliest_of_a_conversation_can_be_claimed(database: Database) -> None:
    with database.transaction() as session:
        say(session, conversation(session), ["a", "b"], Status.WAITING)
        say(session, conversation(session), ["c"])
    with database.transaction() as session:
        assert [found.seq for found in claim(session)] == [1, 1]
        assert claim(session) == []


async def test_a_conversation_waits_as_a_whole_for_its_next_trial(database: Database) -> None:
    with database.transaction() as session:
        say(session, conversation(session), ["a", "b"])
        (head,) = claim(session)
        assert deliveries.failed(session, head.id, "one", error=ERROR, retry_at=in_seconds(30))
    with database.transaction() as session:
        assert claim(session, seconds=25) == []
        (again,) = claim(session, seconds=35)
        assert deliveries.delivered(session, again.id)
        (second,) = claim(session)
    assert again.event_id == head.event_id
    assert (again.id, again.attempts, again.last_error) == (head.id, 1, ERROR)
    assert second.seq == 2


async def test_after_a_dead_one_the_rest_goes_on(database: Database) -> None:
    with database.transaction() as session:
        say(session, conversation(session), ["a", "b"])
        (head,) = claim(session)
        assert deliveries.dead(session, head.id, "one", error=ERROR)
        (second,) = claim(session)
        assert second.seq == 2
        (listed,) = deliveries.listing(session, DeliveryState.DEAD, 10)
    assert (listed.id, listed.attempts, listed.last_error) == (head.id, 1, ERROR)


async def test_dead_ones_are_replayed_first_and_with_their_ids(database: Database) -> None:
    with database.transaction() as session:
        say(session, conversation(session), ["a", "b", "c"])
        for _ in range(2):
            (head,) = claim(session)
            assert deliveries.dead(session, head.id, "one", error=ERROR)
        first, second, third = deliveries.listing(session, None, 10)[::-1]
        assert deliveries.counts(session) == {DeliveryState.DEAD: 2, DeliveryState.PENDING: 1}
        assert deliveries.replay(session, [second.id, third.id, 999]) == [second.id]
        assert deliveries.replay(session, None) == [first.id]
        assert deliveries.replay(session, None) == []
    with database.transaction() as session:
        for expected in (first, second, third):
            (head,) = claim(session)
            assert (head.id, head.event_id) == (expected.id, expected.event_id)
            assert head.attempts == 0
            assert deliveries.delivered(session, head.id)


async def test_a_claim_is_a_lease(database: Database) -> None:
    with database.transaction() as session:
        say(session, conversation(session), ["a"])
        (mine,) = claim(session, "one")
        assert claim(session, "two", seconds=59) == []
        (taken,) = claim(session, "two", seconds=61)
        assert taken.id == mine.id
        # Whoever comes too late must not undo what the other does.
        assert not deliveries.failed(session, mine.id, "one", error=ERROR, retry_at=in_seconds(1))
        assert not deliveries.dead(session, mine.id, "one", error=ERROR)
        assert deliveries.delivered(session, mine.id)
        assert not deliveries.delivered(session, mine.id)
        assert not deliveries.dead(session, mine.id, "two", error=ERROR)


async def test_a_former_self_s_claims_are_released(database: Database) -> None:
    with database.transaction() as session:
        for _ in range(3):
            say(session, conversation(session), ["a"])
        assert len(claim(session, "one", limit=2)) == 2
        assert len(claim(session, "two")) == 1
        assert deliveries.release(session, "one") == 2
        assert len(claim(session, "one")) == 2


async def test_other_channels_are_left_alone(database: Database) -> None:
    with database.transaction() as session:
        say(session, conversation(session, "elsewhere"), ["a"])
        assert claim(session) == []


async def test_what_is_listed(database: Database) -> None:
    with database.transaction() as session:
        say(session, conversation(session), ["a", "b", "c"])
        (head,) = claim(session)
        deliveries.delivered(session, head.id)
        assert [one.seq for one in deliveries.listing(session, None, 2)] == [3, 2]
        assert [one.seq for one in deliveries.listing(session, DeliveryState.PENDING, 9)] == [3, 2]
        (done,) = deliveries.listing(session, DeliveryState.DELIVERED, 9)
    assert done.delivered_at is not None
    assert done.attempts == 1


async def test_only_what_was_delivered_is_pruned(database: Database) -> None:
    with database.transaction() as session:
        say(session, conversation(session), ["a", "b", "c"])
        (head,) = claim(session)
        deliveries.delivered(session, head.id)
        (head,) = claim(session)
        deliveries.dead(session, head.id, "one", error=ERROR)
        assert deliveries.prune(session, in_seconds(-60)) == 0
        assert deliveries.prune(session, in_seconds(60)) == 1
        assert [one.seq for one in deliveries.listing(session, None, 9)] == [3, 2]


async def test_many_owners_deliver_each_once_and_in_order(
    database: Database, database_url: str
) -> None:
    """Two processes, as it were, while messages are still being stored."""
    other = Database(database_url)
    with database.transaction() as session:
        all_of_them = [conversation(session) for _ in range(5)]
    told: dict[str, list[int]] = {one.id: [] for one in all_of_them}

    async def store(one: ConversationRecord) -> None:
        for n in range(6):
            await database.write(lambda session, n=n: say(session, one, [str(n)]))  # type: ignore[misc]

    async def send(database: Database, owner: str) -> None:
        while sum(map(len, told.values())) < 30:
            for one in await database.write(lambda session: claim(session, owner, 2)):
                assert one.seq is not None
                told[one.conversation_id].append(one.seq)
                await asyncio.sleep(0)
                await database.write(lambda s, id=one.id: deliveries.delivered(s, id))  # type: ignore[misc]
            await asyncio.sleep(0.005)

    async with asyncio.timeout(60):
        await asyncio.gather(
            *map(store, all_of_them),
            *(send((database, other)[n % 2], f"owner {n}") for n in range(4)),
        )
    other.close()
    assert all(seqs == [1, 2, 3, 4, 5, 6] for seqs in told.values())


async def test_sqlite_does_not_read_what_was_delivered(database: Database) -> None:
    if database.url.get_backend_name() != "sqlite":
        pytest.skip("PostgreSQL plans by how much there is")
    statements: list[str] = []
    with database.transaction() as session:
        plain = session.connection().connection.driver_connection
        assert plain is not None
        plain.set_trace_callback(statements.append)
        claim(session)
        plain.set_trace_callback(None)
        plan = session.execute(text(f"EXPLAIN QUERY PLAN {statements[0]}")).all()
    assert plan
    assert not any("SCAN" in row.detail for row in plan)


async def test_an_event_is_new_once(database: Database) -> None:
    with database.transaction() as session:
        assert inbound.first_time(session, "shop", "a")
        assert not inbound.first_time(session, "shop", "a")
        assert inbound.first_time(session, "other", "a")


async def test_an_event_that_failed_never_was(database: Database) -> None:
    def fail(session: Session) -> None:
        assert inbound.first_time(session, "shop", "a")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.write(fail)
    assert await database.write(lambda session: inbound.first_time(session, "shop", "a"))


async def test_of_many_at_once_one_is_new(database: Database, database_url: str) -> None:
    other = Database(database_url)
    new = await asyncio.gather(
        *(
            (database, other)[n % 2].write(lambda s: inbound.first_time(s, "shop", "a"))
            for n in range(20)
        )
    )
    other.close()
    assert sorted(new) == [False] * 19 + [True]


async def test_old_events_are_forgotten(database: Database) -> None:
    with database.transaction() as session:
        inbound.first_time(session, "shop", "a")
        assert inbound.prune(session, in_seconds(-60)) == 0
        assert inbound.prune(session, in_seconds(60)) == 1
        assert inbound.first_time(session, "shop", "a")
