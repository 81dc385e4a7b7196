import asyncio
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

import store.migrate
from store.database import parse_url, prepare_sqlite
from store.errors import SchemaOutdated
from store.migrate import REVISION, check_schema, migrate
from store.models import Base


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
    assert set(migrated) == {"conversations", "messages", "answers", "ratings", "handoffs"}
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
    with pytest.raises(SchemaOutdated, match="schema none, this version of Shopdesk needs 0001"):
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
