"""Conversations as rows of a database: one row each, with the whole tracker as text.

Rasa's own ``SQLTrackerStore`` writes a row for each event and reads all of them back at each turn:
110 to 122 ms of CPU for the hundredth message. This writes what is still needed, over what was
there.

It is written for SQLAlchemy 1.4, Rasa's, and works with 2 as well.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

T = TypeVar("T")

CONNECTIONS = 4
"""At once; a message holds one for the time of a statement."""

_PATIENCE_SECONDS = 5
_CLEAN_SECONDS = 3600
_DAY_SECONDS = 86_400

_EXPECTED = "SHOPDESK_TRACKERS: expected sqlite:///FILE or postgresql://..."

_log = logging.getLogger(__name__)
_METADATA = sa.MetaData()
TRACKERS = sa.Table(
    "rasa_trackers",
    _METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("tracker", sa.Text, nullable=False),
    # Seconds since 1970: the two databases agree on nothing better.
    sa.Column("updated", sa.Float, nullable=False, index=True),
)
_GET = sa.select(TRACKERS.c.tracker).where(TRACKERS.c.id == sa.bindparam("key"))
_INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class TrackerRows:
    """The rows; every method may be called from any thread, and by several processes at once.

    All of them raise ``sqlalchemy.exc.SQLAlchemyError`` where the database does not do its work.
    The table is made when it is first used, so that Rasa starts beside a database that does not.

    Args:
        url: ``sqlite:///FILE`` or ``postgresql://...``.
        days: how long a conversation that nobody goes on with is kept.
        clock: seconds since 1970.

    Raises:
        ValueError: ``url`` is neither, or ``days`` is not above 0.
    """

    def __init__(self, url: str, days: float = 30, clock: Callable[[], float] = time.time) -> None:
        parsed = _parse(url)
        if days <= 0:
            raise ValueError(f"days is {days}; expected more than 0")
        self._days = days
        self._clock = clock
        self._ready = False
        self._cleaned = float("-inf")
        self._engine = _engine(parsed)
        insert = _INSERTS[parsed.get_backend_name()](TRACKERS)
        self._put = insert.on_conflict_do_update(
            index_elements=[TRACKERS.c.id],
            set_={"tracker": insert.excluded.tracker, "updated": insert.excluded.updated},
        )

    def get(self, key: str) -> str | None:
        """What was put under ``key``, or None."""

        def read(connection: Any) -> str | None:
            found: str | None = connection.execute(_GET, {"key": key}).scalar()
            return found

        return self._do(read)

    def put(self, key: str, tracker: str) -> None:
        """Write ``tracker`` in the place of what was there; once an hour, remove the old rows."""
        now = self._clock()
        values = {"id": key, "tracker": tracker, "updated": now}
        self._do(lambda connection: connection.execute(self._put, values))
        if now - self._cleaned >= _CLEAN_SECONDS:
            self._cleaned = now
            try:
                self.forget_old()
            except SQLAlchemyError:
                _log.exception("Old conversations could not be removed; tried again in an hour")

    def forget_old(self) -> None:
        """Remove the conversations that nobody went on with for ``days``."""
        old = self._clock() - self._days * _DAY_SECONDS
        statement = sa.delete(TRACKERS).where(TRACKERS.c.updated < old)
        self._do(lambda connection: connection.execute(statement))

    def keys(self) -> list[str]:
        """Of every row."""
        statement = sa.select(TRACKERS.c.id)
        return self._do(lambda connection: [str(row[0]) for row in connection.execute(statement)])

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def _do(self, work: Callable[[Any], T]) -> T:
        try:
            return self._try(work)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            # The server was restarted meanwhile; each statement may be done twice.
            return self._try(work)

    def _try(self, work: Callable[[Any], T]) -> T:
        with self._engine.connect() as connection:
            if not self._ready:
                self._make(connection)
                self._ready = True
            return work(connection)

    def _make(self, connection: Any) -> None:
        try:
            _METADATA.create_all(connection)
        except DBAPIError:
            # Another Rasa may have made it between the look and the making.
            if not sa.inspect(connection).has_table(TRACKERS.name):
                raise


def _parse(url: str) -> URL:
    """Read ``url``; the driver is whichever it names, for PostgreSQL psycopg2 by default."""
    try:
        parsed: URL = make_url(url)
    except ArgumentError as error:
        raise ValueError(f"{_EXPECTED}, found no URL") from error
    backend = parsed.get_backend_name()
    if backend not in _INSERTS:
        raise ValueError(f"{_EXPECTED}, found {backend}")
    if backend == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise ValueError(f"{_EXPECTED}, found SQLite without a file")
    return parsed


def _engine(url: URL) -> Any:
    lite = url.get_backend_name() == "sqlite"
    if lite:
        Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    options: dict[str, Any] = (
        {"timeout": _PATIENCE_SECONDS, "check_same_thread": False}
        if lite
        else {
            "connect_timeout": _PATIENCE_SECONDS,
            "options": f"-c statement_timeout={_PATIENCE_SECONDS}s",
        }
    )
    engine = sa.create_engine(
        url,
        connect_args=options,
        poolclass=QueuePool,
        pool_size=CONNECTIONS,
        # Each statement is a transaction of its own.
        isolation_level="AUTOCOMMIT",
    )
    if lite:
        sa.event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _entry: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    # A power cut may cost the last turns, which the customer can say again; it damages nothing.
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()
