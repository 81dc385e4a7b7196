import asyncio
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from store import conversations, handoffs, messages, ratings
from store.database import Database
from store.errors import IllegalTransition, StoreError, UnknownConversation, UnknownMessage
from store.models import Message
from store.records import AnswerRecord, NewMessage, PassageScore, QuickReply, Source
from store.status import Author, HandoffReason, InboundState, Status

ANSWER = NewMessage(
    author=Author.ASSISTANT,
    text="发货需要 2 天。😀",
    language="zh",
    sources=(Source("zh/faq/shipping#delivery-time", "配送需要多久？", "/help/shipping", "2 天"),),
    quick_replies=(QuickReply("转人工", "/request_human"),),
    answer=AnswerRecord(
        question="多久发货",
        writer="extractive",
        answered=True,
        reason=None,
        confidence=0.83,
        latency_ms=41.2,
        language="zh",
        passages=(PassageScore("zh/faq/shipping#delivery-time", 0.91),),
    ),
)
PLAIN = NewMessage(author=Author.SYSTEM, text="Hello", language="en")


def pending(session: Session) -> list[str]:
    """The conversations that have a message still to be answered."""
    found = select(Message.conversation_id).where(Message.state == InboundState.PENDING)
    return list(session.scalars(found.distinct()))


@pytest.fixture
async def conversation_id(database: Database) -> str:
    conversation_id = str(uuid4())
    with database.transaction() as session:
        conversations.open_for(session, conversation_id, language="en")
    return conversation_id


async def receive(database: Database, conversation_id: str, client_id: str) -> int:
    def work(session: Session) -> int:
        conversations.lock(session, conversation_id)
        message, _ = messages.receive(
            session, conversation_id, client_id=client_id, text=client_id, language="en"
        )
        return message.seq

    return await database.write(work)


async def test_a_new_conversation_is_with_the_bot(database: Database, conversation_id: str) -> None:
    with database.snapshot() as session:
        found = conversations.find(session, conversation_id)
        assert conversations.find(session, str(uuid4())) is None
    assert found is not None
    assert (found.status, found.language, found.last_seq) == (Status.BOT, "en", 0)
    assert abs(datetime.now(UTC) - found.created_at) < timedelta(minutes=1)
    assert found.created_at.utcoffset() == timedelta(0)


async def test_what_is_stored_comes_back(database: Database, conversation_id: str) -> None:
    with database.transaction() as session:
        asked, new = messages.receive(
            session,
            conversation_id,
            client_id="a",
            text="多久发货?",
            language="zh",
            command="/ask",
        )
        stored = messages.append(session, conversation_id, [ANSWER, PLAIN], reply_to=asked)
    with database.snapshot() as session:
        assert messages.page(session, conversation_id) == [asked, *stored]
        assert messages.page(session, conversation_id, after=2) == [stored[1]]
        assert ratings.answer_of(session, stored[0].id) == ANSWER.answer
        assert ratings.answer_of(session, stored[1].id) is None
    assert new
    assert [asked.seq, stored[0].seq, stored[1].seq] == [1, 2, 3]
    assert (asked.state, asked.command, asked.client_id) == (InboundState.PENDING, "/ask", "a")
    assert stored[0].text == ANSWER.text
    assert stored[0].sources == ANSWER.sources
    assert stored[0].quick_replies == ANSWER.quick_replies
    assert stored[0].reply_to == asked.id
    assert [stored[0].rateable, stored[1].rateable] == [True, False]


async def test_a_known_client_id_gives_the_first_message(
    database: Database, conversation_id: str
) -> None:
    with database.transaction() as session:
        first, _ = messages.receive(
            session, conversation_id, client_id="a", text="one", language="en"
        )
    with database.transaction() as session:
        again, new = messages.receive(
            session, conversation_id, client_id="a", text="two", language="en"
        )
    assert again == first
    assert not new


async def test_client_ids_of_two_conversations_do_not_meet(
    database: Database, conversation_id: str
) -> None:
    other = str(uuid4())
    with database.transaction() as session:
        conversations.open_for(session, other, language="en")
    assert await receive(database, conversation_id, "a") == 1
    assert await receive(database, other, "a") == 1


async def test_numbers_have_no_gaps_under_concurrency(
    database: Database, database_url: str, conversation_id: str
) -> None:
    def fail(session: Session) -> None:
        messages.append(session, conversation_id, [PLAIN, PLAIN])
        raise ZeroDivisionError

    async def fail_and_tell(database: Database) -> None:
        with pytest.raises(ZeroDivisionError):
            await database.write(fail)

    def reply(session: Session) -> None:
        messages.append(session, conversation_id, [PLAIN, ANSWER])

    # Two processes, as it were. Every id is sent twice, to both of them, and some transactions
    # fail after they have taken numbers.
    other = Database(database_url)
    await asyncio.gather(
        *(receive((database, other)[n // 20], conversation_id, f"m{n % 20}") for n in range(40)),
        *((database, other)[n % 2].write(reply) for n in range(10)),
        *(fail_and_tell((database, other)[n % 2]) for n in range(6)),
    )
    other.close()
    with database.snapshot() as session:
        stored = messages.page(session, conversation_id)
        conversation = conversations.find(session, conversation_id)
    assert [message.seq for message in stored] == list(range(1, 41))
    assert conversation is not None
    assert conversation.last_seq == 40
    written = [message.client_id for message in stored if message.client_id]
    assert sorted(written) == sorted(f"m{n}" for n in range(20))


async def test_opening_at_once_makes_one_conversation(
    database: Database, database_url: str
) -> None:
    conversation_id = str(uuid4())

    def first_message(session: Session, client_id: str) -> int:
        conversations.open_for(session, conversation_id, language="en")
        message, _ = messages.receive(
            session, conversation_id, client_id=client_id, text="hi", language="en"
        )
        return message.seq

    databases = [database, Database(database_url)]
    seqs = await asyncio.gather(
        *(databases[n % 2].write(partial(first_message, client_id=f"m{n // 2}")) for n in range(4))
    )
    databases[1].close()
    assert sorted(seqs) == [1, 1, 2, 2]


async def test_opening_again_notes_the_language_of_the_page(
    database: Database, conversation_id: str
) -> None:
    with database.transaction() as session:
        conversations.change_status(session, conversation_id, Status.HUMAN)
        opened = conversations.open_for(session, conversation_id, language="zh")
    assert (opened.language, opened.status) == ("zh", Status.HUMAN)
    with database.snapshot() as session:
        assert conversations.find(session, conversation_id) == opened


async def test_pending_messages_are_taken_in_order_and_settled_once(
    database: Database, conversation_id: str
) -> None:
    await receive(database, conversation_id, "a")
    await receive(database, conversation_id, "b")
    with database.snapshot() as session:
        assert pending(session) == [conversation_id]
    for expected in ("a", "b"):
        with database.transaction() as session:
            message = messages.next_pending(session, conversation_id)
            assert message is not None
            assert message.client_id == expected
            assert messages.settle(session, message.id, InboundState.ANSWERED)
            assert not messages.settle(session, message.id, InboundState.FAILED)
    with database.snapshot() as session:
        assert messages.next_pending(session, conversation_id) is None
        assert pending(session) == []


async def test_status_follows_the_table(database: Database, conversation_id: str) -> None:
    with database.transaction() as session:
        conversations.change_status(session, conversation_id, Status.WAITING)
        with pytest.raises(IllegalTransition, match="'waiting' cannot become 'waiting'"):
            conversations.change_status(session, conversation_id, Status.WAITING)
    with database.snapshot() as session:
        found = conversations.find(session, conversation_id)
    assert found is not None
    assert found.status is Status.WAITING


async def test_a_conversation_that_is_not_there_is_named(database: Database) -> None:
    missing = str(uuid4())
    for action in (
        conversations.lock,
        lambda session, id_: messages.append(session, id_, [PLAIN]),
        lambda session, id_: conversations.change_status(session, id_, Status.CLOSED),
    ):
        with (
            pytest.raises(UnknownConversation, match=missing),
            database.transaction() as session,
        ):
            action(session, missing)


async def test_only_what_was_offered_counts_as_offered(
    database: Database, conversation_id: str
) -> None:
    other = str(uuid4())
    with database.transaction() as session:
        conversations.open_for(session, other, language="en")
        messages.append(session, conversation_id, [ANSWER, PLAIN])
    with database.snapshot() as session:
        assert messages.was_offered(session, conversation_id, "/request_human")
        assert not messages.was_offered(session, conversation_id, "/restart")
        assert not messages.was_offered(session, conversation_id, "/request")
        assert not messages.was_offered(session, other, "/request_human")


async def test_the_latest_rating_counts_and_all_are_kept(
    database: Database, conversation_id: str
) -> None:
    with database.transaction() as session:
        (message,) = messages.append(session, conversation_id, [ANSWER])
        assert ratings.rating_of(session, message.id) is None
        ratings.rate(session, message.id, 1)
        ratings.rate(session, message.id, -1, "nicht ganz")
    with database.snapshot() as session:
        (read,) = messages.page(session, conversation_id)
        counting = ratings.rating_of(session, message.id)
    assert read.rating == -1
    assert counting is not None
    assert (counting.value, counting.comment) == (-1, "nicht ganz")


async def test_a_rating_is_one_or_minus_one(database: Database, conversation_id: str) -> None:
    with database.transaction() as session:
        (message,) = messages.append(session, conversation_id, [ANSWER])
        with pytest.raises(StoreError, match="a rating of 5; expected 1"):
            ratings.rate(session, message.id, 5)


async def test_answers_are_found_in_their_own_conversation_only(
    database: Database, conversation_id: str
) -> None:
    other = str(uuid4())
    with database.transaction() as session:
        conversations.open_for(session, other, language="en")
        answer, plain = messages.append(session, conversation_id, [ANSWER, PLAIN])
        assert ratings.last_answer(session, conversation_id) == answer.id
        assert ratings.last_answer(session, other) is None
        assert ratings.find_answer(session, conversation_id, answer.id) == answer.id
        for where, which in ((other, answer.id), (conversation_id, plain.id)):
            with pytest.raises(UnknownMessage, match=which):
                ratings.find_answer(session, where, which)


async def test_work_is_ended_even_if_nobody_waits_for_it(
    database: Database, conversation_id: str
) -> None:
    def slow(session: Session) -> None:
        messages.append(session, conversation_id, [PLAIN])
        time.sleep(0.1)

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(database.write(slow), 0.02)
    assert await receive(database, conversation_id, "a") == 2


async def test_one_notice_after_each_handoff(database: Database, conversation_id: str) -> None:
    with database.transaction() as session:
        assert not handoffs.claim_notice(session, conversation_id)
        for _ in range(2):
            handoffs.record(session, conversation_id, HandoffReason.CUSTOMER_REQUEST)
            assert handoffs.claim_notice(session, conversation_id)
            assert not handoffs.claim_notice(session, conversation_id)
