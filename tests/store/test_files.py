from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from store import conversations, customers, files
from store.database import Database
from store.errors import UnknownFile
from store.models import Conversation, File, Message
from store.records import FileRecord
from store.status import Author


def a_conversation(session: Session) -> str:
    conversation_id = str(uuid4())
    conversations.open_for(session, conversation_id, language="en")
    return conversation_id


def a_message(session: Session, conversation_id: str) -> str:
    message = Message(
        id=str(uuid4()),
        conversation_id=conversation_id,
        seq=int(uuid4()) % 1_000_000 + 1,
        author=Author.CUSTOMER,
        text="look",
        language="en",
        at=datetime.now(UTC),
    )
    session.add(message)
    session.flush()
    return message.id


def a_file(
    session: Session, conversation_id: str, size: int = 7, name: str = "a.png"
) -> FileRecord:
    return files.add(
        session,
        conversation_id,
        file_id=str(uuid4()),
        name=name,
        media_type="image/png",
        size=size,
        sha256="0" * 64,
        width=3,
        height=4,
    )


def test_what_is_noted_comes_back(database: Database) -> None:
    with database.transaction() as session:
        conversation_id = a_conversation(session)
        noted = a_file(session, conversation_id, name="Größe 尺寸 😀.png")
    with database.snapshot() as session:
        found = files.get(session, noted.id)
        assert files.get(session, str(uuid4())) is None
    assert found == noted
    assert noted.message_id is None
    assert (noted.name, noted.size, noted.width, noted.height) == ("Größe 尺寸 😀.png", 7, 3, 4)


def test_files_become_part_of_a_message_once(database: Database) -> None:
    with database.transaction() as session:
        conversation_id = a_conversation(session)
        message_id = a_message(session, conversation_id)
        first, second = (a_file(session, conversation_id) for _ in range(2))
    with database.transaction() as session:
        attached = files.attach(session, conversation_id, message_id, [second.id, first.id])
        assert files.attach(session, conversation_id, message_id, []) == ()
    assert {file.message_id for file in attached} == {message_id}
    with database.snapshot() as session:
        assert files.of_messages(session, [message_id, str(uuid4())]) == {message_id: attached}
        assert files.of_messages(session, []) == {}
    assert [file.id for file in attached] == [first.id, second.id]
    with pytest.raises(UnknownFile, match=first.id), database.transaction() as session:
        files.attach(session, conversation_id, message_id, [first.id])


def test_another_s_file_cannot_be_sent(database: Database) -> None:
    with database.transaction() as session:
        mine, other = a_conversation(session), a_conversation(session)
        message_id = a_message(session, mine)
        good, foreign = a_file(session, mine), a_file(session, other)
    for wanted in ([foreign.id], [good.id, foreign.id], [good.id, str(uuid4())]):
        with pytest.raises(UnknownFile), database.transaction() as session:
            files.attach(session, mine, message_id, wanted)
    with database.snapshot() as session:
        left = files.get(session, good.id)
    assert left is not None
    assert left.message_id is None, "a refused message took a file along"


def test_usage_is_of_one_conversation(database: Database) -> None:
    with database.transaction() as session:
        mine, other = a_conversation(session), a_conversation(session)
        a_file(session, mine, 5)
        a_file(session, mine, 6)
        a_file(session, other, 100)
        assert files.usage(session, mine) == (2, 11)
        assert files.usage(session, str(uuid4())) == (0, 0)


def test_what_was_never_sent_is_found_and_forgotten(database: Database) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=2)
    with database.transaction() as session:
        conversation_id = a_conversation(session)
        old, sent, fresh = (a_file(session, conversation_id) for _ in range(3))
        files.attach(session, conversation_id, a_message(session, conversation_id), [sent.id])
        session.execute(update(File).where(File.id.in_([old.id, sent.id])).values(at=long_ago))
    with database.transaction() as session:
        found = files.orphans(session, datetime.now(UTC) - timedelta(days=1))
        assert [file.id for file in found] == [old.id]
        assert files.forget(session, [old.id, sent.id, str(uuid4())]) == [old.id]
        assert files.forget(session, []) == []
        assert files.known(session, [old.id, sent.id, fresh.id]) == {sent.id, fresh.id}


def test_a_conversation_that_a_file_began_gets_its_customer_with_its_message(
    database: Database,
) -> None:
    with database.transaction() as session:
        one, two = (
            customers.remember(session, external_id=name, name=None, email=None).id
            for name in ("one", "two")
        )
        conversation_id = a_conversation(session)
        a_file(session, conversation_id)
        for customer_id in (one, two, None):
            opened = conversations.open_for(
                session, conversation_id, language="zh", customer_id=customer_id
            )
            assert (opened.customer_id, opened.language) == (one, "zh")


def test_files_go_with_their_conversation(database: Database) -> None:
    with database.transaction() as session:
        conversation_id = a_conversation(session)
        file = a_file(session, conversation_id)
    with database.transaction() as session:
        session.delete(session.get_one(Conversation, conversation_id))
    with database.snapshot() as session:
        assert files.get(session, file.id) is None
