import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import column, create_engine, inspect, select, table

import store.migrate
from store import conversations, handoffs, messages, ratings
from store.database import Database, parse_url, prepare_sqlite
from store.errors import SchemaOutdated
from store.migrate import REVISION, check_schema, migrate
from store.models import Answer, Base, Conversation, Handoff, Message, Rating
from store.records import (
    WIDGET,
    AnswerRecord,
    ConversationRecord,
    PassageScore,
    QuickReply,
    RatingRecord,
    Source,
)
from store.status import Author, HandoffReason, InboundState, Status


def schema(url: str) -> dict[str, Any]:
    """Everything that the database itself says about its tables, Alembic's own apart."""
    engine = create_engine(parse_url(url))
    found: dict[str, Any] = {}
    with engine.connect() as connection:
        inspector = inspect(connection)
        for table in inspector.get_table_names():
            if table == "alembic_version":
                continue
            found[table] = {
                "columns": [
                    (c["name"], str(c["type"]), c["nullable"], c["default"])
                    for c in inspector.get_columns(table)
                ],
                "key": inspector.get_pk_constraint(table),
                "foreign": sorted(
                    (
                        str(f["name"]),
                        f["constrained_columns"],
                        f["referred_table"],
                        f["referred_columns"],
                        str(f["options"]),
                    )
                    for f in inspector.get_foreign_keys(table)
                ),
                "unique": sorted(
                    (str(u["name"]), u["column_names"])
                    for u in inspector.get_unique_constraints(table)
                ),
                "checks": sorted(
                    (str(c["name"]), c["sqltext"]) for c in inspector.get_check_constraints(table)
                ),
                "indexes": sorted(
                    (
                        str(i["name"]),
                        i["column_names"],
                        bool(i["unique"]),
                        # The inspected condition of a partial index.
                        str(sorted((k, str(v)) for k, v in i.get("dialect_options", {}).items())),
                    )
                    for i in inspector.get_indexes(table)
                ),
            }
    engine.dispose()
    return found


def test_the_migrated_schema_equals_the_models(empty_database_url: str) -> None:
    migrate(empty_database_url)
    migrated = schema(empty_database_url)
    engine = create_engine(parse_url(empty_database_url))
    with engine.begin() as connection:
        Base.metadata.drop_all(connection)
        Base.metadata.create_all(connection)
    engine.dispose()
    assert migrated == schema(empty_database_url)
    assert set(migrated) == set(Base.metadata.tables)
    assert {name for name, _ in migrated["messages"]["checks"]} == {
        "ck_messages_author",
        "ck_messages_state",
    }


def test_migrating_again_changes_nothing(empty_database_url: str) -> None:
    migrate(empty_database_url)
    before = schema(empty_database_url)
    migrate(empty_database_url)
    assert schema(empty_database_url) == before


async def test_two_processes_may_migrate_at_once(empty_database_url: str) -> None:
    await asyncio.gather(*(asyncio.to_thread(migrate, empty_database_url) for _ in range(2)))
    check_schema(empty_database_url)


def test_an_unmigrated_database_is_named_at_start(empty_database_url: str) -> None:
    with pytest.raises(SchemaOutdated, match="schema none, this version of Shopdesk needs 0002"):
        check_schema(empty_database_url)


def test_the_schema_that_is_asked_for_is_the_newest() -> None:
    folder = Path(store.migrate.__file__).parent / "migrations"
    assert ScriptDirectory(str(folder)).get_current_head() == REVISION


def test_a_failed_migration_leaves_nothing(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("the machine is on fire")

    # The last table of the first revision; everything before it is already made by then.
    from alembic import op

    real = op.create_table

    def create_table(name: str, *columns: Any, **options: Any) -> Any:
        return fail() if name == "ratings" else real(name, *columns, **options)

    monkeypatch.setattr(op, "create_table", create_table)
    with pytest.raises(RuntimeError, match="on fire"):
        migrate(empty_database_url)
    assert schema(empty_database_url) == {}


def test_sqlite_is_made_safe(database_url: str) -> None:
    url = parse_url(database_url)
    if url.get_backend_name() != "sqlite":
        return
    engine = create_engine(url)
    prepare_sqlite(engine)
    with engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    engine.dispose()
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 10000,
    }


CONVERSATION, ASKED, ANSWERED, LEFT = (str(UUID(int=n)) for n in range(1, 5))
LONG_AGO = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)

# For each released schema, something in each of its tables, as that version wrote it.
RELEASED: dict[str, dict[str, list[dict[str, Any]]]] = {
    "0001": {
        "conversations": [
            {
                "id": CONVERSATION,
                "created_at": LONG_AGO,
                "status": Status.WAITING,
                "language": "zh",
                "last_seq": 3,
            }
        ],
        "messages": [
            {
                "id": ASKED,
                "conversation_id": CONVERSATION,
                "seq": 1,
                "author": Author.CUSTOMER,
                "text": "多久发货？😀",
                "language": "zh",
                "at": LONG_AGO,
                "client_id": "a",
                "command": "/ask",
                "state": InboundState.ANSWERED,
            },
            {
                "id": ANSWERED,
                "conversation_id": CONVERSATION,
                "seq": 2,
                "author": Author.ASSISTANT,
                "text": "2 天。",
                "language": "zh",
                "at": LONG_AGO,
                "reply_to": ASKED,
                "sources": [{"id": "x", "title": "t", "url": "/help", "quote": "2 天"}],
                "quick_replies": [{"title": "转人工", "payload": "/request_human"}],
            },
            {
                "id": LEFT,
                "conversation_id": CONVERSATION,
                "seq": 3,
                "author": Author.CUSTOMER,
                "text": "谢谢",
                "language": "zh",
                "at": LONG_AGO,
                "client_id": "b",
                "state": InboundState.PENDING,
            },
        ],
        "answers": [
            {
                "message_id": ANSWERED,
                "question": "多久发货",
                "writer": "extractive",
                "answered": True,
                "confidence": 0.83,
                "latency_ms": 41.2,
                "language": "zh",
                "passages": [{"id": "x", "score": 0.91}],
            }
        ],
        "ratings": [{"message_id": ANSWERED, "value": -1, "comment": "不对", "at": LONG_AGO}],
        "handoffs": [
            {
                "conversation_id": CONVERSATION,
                "reason": HandoffReason.FRUSTRATION,
                "at": LONG_AGO,
            }
        ],
    },
}


def fill(url: str, rows: dict[str, list[dict[str, Any]]]) -> None:
    """Write rows without the models, which know the newest schema only; of them, the types."""
    engine = create_engine(parse_url(url))
    with engine.begin() as connection:
        for name, wanted in rows.items():
            types = Base.metadata.tables[name].columns
            for row in wanted:
                columns = (column(key, types[key].type) for key in row)
                connection.execute(table(name, *columns).insert().values(row))
    engine.dispose()


def test_every_released_schema_has_its_rows(empty_database_url: str) -> None:
    folder = Path(store.migrate.__file__).parent / "migrations"
    revisions = {script.revision for script in ScriptDirectory(str(folder)).walk_revisions()}
    assert set(RELEASED) == revisions - {REVISION}
    for revision in sorted(RELEASED):
        migrate(empty_database_url, revision=revision)
        assert set(RELEASED[revision]) == set(schema(empty_database_url))


@pytest.mark.parametrize("revision", sorted(RELEASED))
def test_everything_of_a_released_schema_is_there_afterwards(
    revision: str, empty_database_url: str
) -> None:
    migrate(empty_database_url, revision=revision)
    fill(empty_database_url, RELEASED[revision])
    migrate(empty_database_url)
    check_schema(empty_database_url)

    database = Database(empty_database_url)
    with database.snapshot() as session:
        conversation = conversations.get(session, CONVERSATION)
        asked, answered, left = messages.page(session, CONVERSATION)
        answer = ratings.answer_of(session, ANSWERED)
        rating = ratings.rating_of(session, ANSWERED)
        pending = messages.next_pending(session, CONVERSATION)
        handoff = session.scalars(select(Handoff)).one()
    assert conversation == ConversationRecord(
        CONVERSATION, LONG_AGO, Status.WAITING, "zh", 3, channel=WIDGET
    )
    assert (asked.id, asked.text, asked.client_id) == (ASKED, "多久发货？😀", "a")
    assert (asked.command, asked.state, asked.at) == ("/ask", InboundState.ANSWERED, LONG_AGO)
    assert (answered.author, answered.reply_to, answered.reply_to_seq) == (
        Author.ASSISTANT,
        ASKED,
        1,
    )
    assert answered.sources == (Source("x", "t", "/help", "2 天"),)
    assert answered.quick_replies == (QuickReply("转人工", "/request_human"),)
    assert (answered.rateable, answered.rating, answered.cards) == (True, -1, ())
    assert pending == left
    assert answer == AnswerRecord(
        "多久发货", "extractive", True, None, 0.83, 41.2, "zh", (PassageScore("x", 0.91),)
    )
    assert rating == RatingRecord(ANSWERED, -1, "不对", LONG_AGO)
    assert (handoff.reason, handoff.at) == (HandoffReason.FRUSTRATION, LONG_AGO)
    assert handoff.noticed_at is None

    # And it goes on from there: numbers follow, what belongs together goes together.
    with database.transaction() as session:
        ratings.rate(session, ANSWERED, 1)
        assert handoffs.claim_notice(session, CONVERSATION)
        assert messages.settle(session, LEFT, InboundState.WITHDRAWN)
        new, _ = messages.receive(session, CONVERSATION, client_id="c", text="x", language="en")
        assert new.seq == 4
    with database.transaction() as session:
        session.delete(session.get_one(Conversation, CONVERSATION))
    with database.snapshot() as session:
        left_over = [session.scalars(select(kind)).all() for kind in (Message, Answer, Rating)]
    database.close()
    assert left_over == [[], [], []]
