"""A SQLite file that is made from something else, and made anew when that has changed."""

import fcntl
import hashlib
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from commerce.errors import BrokenFileError, ShopUnavailableError

_log = logging.getLogger(__name__)

# Tells our files from those of other programs, which are not to be emptied.
_APPLICATION_ID = int.from_bytes(b"Shdk", "big")
_BUSY_SECONDS = 5.0


class Database:
    """One connection, for all threads of this process. To be closed.

    Other processes may have the same file open. One that is broken, or was made from another
    source or with another schema, is made anew: nothing of it is kept.

    Args:
        path: the file, with its folder made if there is none; None to keep it all in memory.
        schema: the statements that make the tables.
        source: what ``fill`` fills them from.
        fill: called in the transaction that makes the tables.

    Raises:
        BrokenFileError: the file cannot be opened or written, or belongs to another program.
    """

    def __init__(
        self,
        path: Path | None,
        schema: Sequence[str],
        source: bytes,
        fill: Callable[[sqlite3.Connection], None],
    ) -> None:
        self._lock = threading.Lock()
        self._schema = schema
        self._source = hashlib.sha256("".join(schema).encode() + source).hexdigest()
        self._fill = fill
        if path is None:
            self._connection = self._open(":memory:")
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with _alone(path):
                self._connection = self._open_or_renew(path)
        except (OSError, sqlite3.Error) as error:
            found = f"no database that can be written ({error})"
            raise BrokenFileError(str(path), 0, found, "a place for one") from error

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Whatever is read in it is of one moment.

        Raises:
            ShopUnavailableError: it cannot be read.
        """
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Nobody else writes meanwhile, in this process or another. All of it is done, or nothing.

        Raises:
            ShopUnavailableError: it cannot be written; also where another process has been writing
                for five seconds. Nothing was changed.
        """
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    def close(self) -> None:
        """Close the connection; what is in memory is gone."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        try:
            with self._lock, _committed(self._connection, begin):
                yield self._connection
        except sqlite3.Error as error:
            raise ShopUnavailableError(f"the demo shop's database failed: {error}") from error

    def _open_or_renew(self, path: Path) -> sqlite3.Connection:
        try:
            return self._open(path)
        except sqlite3.DatabaseError as error:
            # What has a class of its own, such as a full disk, is not mended by a new file.
            if type(error) is not sqlite3.DatabaseError:
                raise
            _log.warning("%s is broken (%s) and is made anew", path, error)
        for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
            path.with_name(name).unlink(missing_ok=True)
        return self._open(path)

    def _open(self, path: Path | str) -> sqlite3.Connection:
        connection = sqlite3.connect(
            path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            connection.row_factory = sqlite3.Row
            _require_ours(connection, str(path))
            # Readers and the writer do not wait for one another. After a crash of the machine the
            # last changes may be gone, but never half of one.
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            self._make(connection, str(path))
        except BaseException:
            connection.close()
            raise
        return connection

    def _make(self, connection: sqlite3.Connection, name: str) -> None:
        if connection.execute("PRAGMA quick_check").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("its pages are damaged")
        with _committed(connection, "BEGIN IMMEDIATE"):
            rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            tables = [row["name"] for row in rows if not row["name"].startswith("sqlite_")]
            if "source" in tables:
                row = connection.execute("SELECT sha256 FROM source").fetchone()
                if row and row["sha256"] == self._source:
                    return
                _log.info("%s was made from another file and is made anew", name)
            for table in tables:
                connection.execute(f'DROP TABLE "{table}"')
            connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            connection.execute("CREATE TABLE source (sha256 TEXT NOT NULL)")
            connection.execute("INSERT INTO source VALUES (?)", (self._source,))
            for statement in self._schema:
                connection.execute(statement)
            self._fill(connection)


@contextmanager
def _committed(connection: sqlite3.Connection, begin: str) -> Iterator[None]:
    connection.execute(begin)
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """While it lasts, no other process opens or renews ``path``.

    SQLite's own locks do not suffice: the switch to WAL does not wait for others, and two that
    find a broken file would each remove what the other has made.
    """
    with path.with_name(f"{path.name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _require_ours(connection: sqlite3.Connection, name: str) -> None:
    """Before anything is changed.

    Raises:
        BrokenFileError: another program made it.
    """
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if tables and application != _APPLICATION_ID:
        found = "the database of another program"
        raise BrokenFileError(name, 0, found, "no file, or one of our own")
