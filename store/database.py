"""The connection to the database: SQLite by default, PostgreSQL in production."""

from asyncio import Lock
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from sqlalchemy import Connection, Engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from store.errors import StoreError

_ASYNC_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}
_SYNC_DRIVERS = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+psycopg"}
_BEGIN = "shopdesk_begin"


def parse_url(url: str, *, sync: bool = False) -> URL:
    """Read a database URL and choose the driver that we use for it.

    Args:
        url: ``sqlite:///var/shopdesk.db``, ``postgresql://user:password@host/name``, with or
            without a driver's name.
        sync: the driver for migrations instead of the one for the server.

    Raises:
        StoreError: it is neither of the two databases, or SQLite in memory, which the server's
            connections could not share.
    """
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend not in _ASYNC_DRIVERS:
        raise StoreError(
            f"the database URL names {backend!r}; expected sqlite:///FILE or postgresql://..."
        )
    if backend == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise StoreError(f"the database URL {url!r} names no file; expected sqlite:///FILE")
    return parsed.set(drivername=(_SYNC_DRIVERS if sync else _ASYNC_DRIVERS)[backend])


def prepare_sqlite(engine: Engine) -> None:
    """Make SQLite keep its promises on every connection of ``engine``.

    The driver's own transaction handling begins late and commits before DDL; it is switched off
    and BEGIN is sent by us. A writer begins IMMEDIATE: with a deferred BEGIN two writers that
    both read first end in SQLITE_BUSY, which no time-out mends.
    """

    @event.listens_for(engine, "connect")
    def on_connect(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            # An acknowledged message must outlive a power cut; NORMAL may lose the last commits.
            "synchronous=FULL",
            "busy_timeout=10000",
            "foreign_keys=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        connection.exec_driver_sql(options.get(_BEGIN, "BEGIN IMMEDIATE"))


class Database:
    """One engine and its transactions.

    Args:
        url: see :func:`parse_url`. The schema must exist: see :func:`store.migrate.migrate`.

    Example:
        >>> database = Database("sqlite:///var/shopdesk.db")
        >>> database.url.get_backend_name()
        'sqlite'
    """

    def __init__(self, url: str) -> None:
        self.url = parse_url(url)
        sqlite = self.url.get_backend_name() == "sqlite"
        self._engine = create_async_engine(self.url, pool_size=5, max_overflow=0 if sqlite else 10)
        # SQLite has one writer at a time; waiting here is fair and immediate, whereas SQLite's
        # own busy handler sleeps and polls.
        self._turn = Lock() if sqlite else nullcontext()
        if sqlite:
            prepare_sqlite(self._engine.sync_engine)
        self._write = async_sessionmaker(self._engine, expire_on_commit=False)
        self._read = async_sessionmaker(self._engine.execution_options(**{_BEGIN: "BEGIN"}))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A transaction that writes: committed at the end, rolled back by an exception."""
        async with self._turn, self._write.begin() as session:
            yield session

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncSession]:
        """A transaction that only reads, and does not wait for writers."""
        async with self._read() as session:
            yield session

    async def ping(self) -> None:
        """Ask the database for something small; raises what the driver raises if it is gone."""
        async with self.snapshot() as session:
            await session.execute(text("SELECT 1 FROM conversations LIMIT 1"))

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()
