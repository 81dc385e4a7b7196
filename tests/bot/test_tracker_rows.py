"""Trackers as rows, in SQLite, and in PostgreSQL if SHOPDESK_TEST_POSTGRES_URL is set."""

import logging
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from bot.components.tracker_rows import TrackerRows
from store.database import parse_url

POSTGRES = os.environ.get("SHOPDESK_TEST_POSTGRES_URL")
ROOT = Path(__file__).resolve().parents[2]
DAY = 86_400.0


@pytest.fixture(params=["sqlite", *(["postgresql"] if POSTGRES else [])])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without a table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'state' / 'trackers.db'}"
        return
    assert POSTGRES is not None
    server = create_engine(parse_url(POSTGRES), isolation_level="AUTOCOMMIT")
    name = f"shopdesk_test_{uuid4().hex}"
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield server.url.set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def rows(url: str, clock: Clock) -> Iterator[TrackerRows]:
    rows = TrackerRows(url, days=30, clock=clock)
    yield rows
    rows.close()


def test_what_is_put_is_there_until_it_is_put_again(rows: TrackerRows) -> None:
    assert rows.get("a") is None
    rows.put("a", "one 一")
    rows.put("b", "other")
    assert rows.get("a") == "one 一"
    rows.put("a", "two")
    assert (rows.get("a"), rows.get("b")) == ("two", "other")
    assert sorted(rows.keys()) == ["a", "b"]


def test_another_object_sees_it_at_once(rows: TrackerRows, url: str) -> None:
    rows.put("a", "one")
    other = TrackerRows(url)
    assert other.get("a") == "one"
    other.put("a", "two")
    assert rows.get("a") == "two"
    other.close()


def test_what_nobody_goes_on_with_is_removed_in_time(rows: TrackerRows, clock: Clock) -> None:
    rows.put("old", "1")
    rows.put("kept", "1")
    clock.now += 29 * DAY
    rows.put("kept", "2")
    assert sorted(rows.keys()) == ["kept", "old"]
    clock.now += 2 * DAY
    rows.put("new", "1")
    assert sorted(rows.keys()) == ["kept", "new"]


def test_old_rows_are_looked_for_once_an_hour(rows: TrackerRows, clock: Clock) -> None:
    rows.put("first", "1")
    asked: list[float] = []
    rows.forget_old = lambda: asked.append(clock.now)  # type: ignore[method-assign]
    for _ in range(10):
        clock.now += 1000
        rows.put("first", "1")
    assert len(asked) == 2


def test_a_clean_up_that_fails_costs_nothing_but_a_line_in_the_log(
    rows: TrackerRows, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise SQLAlchemyError("no space")

    monkeypatch.setattr(rows, "forget_old", fail)
    rows.put("a", "1")
    assert rows.get("a") == "1"
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


def test_two_processes_write_at_once(url: str, rows: TrackerRows) -> None:
    code = (
        "import sys; from bot.components.tracker_rows import TrackerRows\n"
        "rows = TrackerRows(sys.argv[1])\n"
        "for turn in range(100):\n"
        "    rows.put('shared', f'{sys.argv[2]} {turn}'); rows.put(sys.argv[2], str(turn))\n"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", code, url, name], cwd=ROOT) for name in "abc"
    ]
    assert [writer.wait(timeout=120) for writer in writers] == [0, 0, 0]
    assert [rows.get(name) for name in "abc"] == ["99"] * 3
    assert str(rows.get("shared")).endswith(" 99")


def test_sqlite_does_not_wait_for_the_disk(tmp_path: Path) -> None:
    rows = TrackerRows(f"sqlite:///{tmp_path / 'trackers.db'}")
    rows.put("a", "1")
    with sqlite3.connect(tmp_path / "trackers.db") as file:
        assert file.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    rows.close()
    file.close()


def test_a_database_that_comes_back_is_used_again(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    rows = TrackerRows(f"sqlite:///{folder / 'trackers.db'}")
    folder.rmdir()
    with pytest.raises(SQLAlchemyError):
        rows.put("a", "1")
    folder.mkdir()
    rows.put("a", "1")
    assert rows.get("a") == "1"
    rows.close()


@pytest.mark.skipif(not POSTGRES, reason="needs SHOPDESK_TEST_POSTGRES_URL")
def test_a_connection_that_the_server_closed_is_made_anew(url: str, rows: TrackerRows) -> None:
    rows.put("a", "1")
    if url.startswith("postgresql"):
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        engine.dispose()
    assert rows.get("a") == "1"
    rows.put("a", "2")
    assert rows.get("a") == "2"


@pytest.mark.parametrize(
    "url", ["", "trackers.db", "mysql://host/name", "sqlite://", "sqlite:///:memory:"]
)
def test_a_url_that_cannot_be_shared_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="SHOPDESK_TRACKERS: expected sqlite:///FILE"):
        TrackerRows(url)


def test_a_refusal_shows_no_password() -> None:
    with pytest.raises(ValueError, match="found mysql") as refused:
        TrackerRows("mysql://user:hidden@host/name")
    assert "hidden" not in str(refused.value)


def test_days_below_any_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="days is 0"):
        TrackerRows(f"sqlite:///{tmp_path / 'trackers.db'}", days=0)
