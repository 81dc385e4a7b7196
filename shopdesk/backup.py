"""A backup of a shop on SQLite: everything that cannot be made again, in one ZIP file.

    manifest.json       what is in it, with sizes and SHA-256 sums
    database.sqlite3    a consistent copy, at whichever schema the database has
    files/ID            what customers sent
    keys.json           the installation's secrets, where they are kept in the state folder

Models and the index are made from the checkout and the knowledge base, which are not in it.
"""

import hashlib
import os
import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from gateway.uploads.folder import Folder
from shopdesk.errors import ShopdeskError
from store.database import parse_url

MANIFEST = "manifest.json"
DATABASE = "database.sqlite3"
KEYS = "keys.json"
FILES = "files/"
COUNTED = ("conversations", "messages", "files")
"""The tables whose rows are counted, to be told and to be compared."""


class BackupError(ShopdeskError):
    """A backup cannot be made or used."""


@dataclass(frozen=True, slots=True)
class State:
    """Where a shop keeps what is backed up.

    Attributes:
        database_url: of the database.
        files_dir: what customers sent.
        keys_file: the secrets; need not exist.
        dialogues: Rasa's file of where each dialogue stands; need not exist. Not backed up: the
            customer is asked again what a form needs.
    """

    database_url: str
    files_dir: Path
    keys_file: Path
    dialogues: Path

    @property
    def database(self) -> Path:
        """The database's file.

        Raises:
            BackupError: it is not SQLite.
        """
        url = parse_url(self.database_url)
        if url.get_backend_name() != "sqlite":
            raise BackupError(
                "The database is PostgreSQL, which this command does not back up.",
                "use `pg_dump --format=custom --file=shopdesk.dump NAME` and `pg_restore`, and "
                f"copy {self.files_dir} as well; docs/backup.md tells how.",
            )
        return Path(str(url.database)).resolve()


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Entry(_Model):
    """One thing in the archive."""

    size: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Manifest(_Model):
    """What is in the archive."""

    format: Literal[1] = 1
    made_at: datetime
    version: str
    """Of Shopdesk."""
    revision: str
    """The database's schema."""
    counts: dict[str, int]
    entries: dict[str, Entry]


def back_up(state: State, target: Path) -> Path:
    """Write a backup; the gateway may go on running, and does not notice.

    Args:
        target: a file that does not exist yet, or a folder, in which one is named by the time.

    Returns:
        The file.

    Raises:
        BackupError: there is no SQLite database, or the file is there already.
    """
    source = state.database
    if not source.exists():
        raise BackupError(
            f"There is no database at {source}.", "check `state_dir` and `database_url`."
        )
    now = datetime.now(UTC)
    if target.is_dir():
        target /= f"shopdesk-{now:%Y-%m-%d-%H%M%S}.zip"
    if target.exists():
        raise BackupError(f"{target} exists already.", "name another file.")
    # Beside it, so that it is renamed at the end and never there by halves; for its owner only.
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".shopdesk-backup-")
    draft = Path(name)
    try:
        _write(state, source, draft, now)
        os.fsync(descriptor)
        # Not os.replace: what came there meanwhile stays.
        os.link(draft, target)
    except FileExistsError:
        raise BackupError(f"{target} exists already.", "name another file.") from None
    finally:
        os.close(descriptor)
        draft.unlink()
    return target


def _write(state: State, source: Path, draft: Path, now: datetime) -> None:
    entries: dict[str, Entry] = {}
    with (
        # Where there is room for the backup; a container's /tmp has little.
        tempfile.TemporaryDirectory(dir=draft.parent, prefix=".shopdesk-copy-") as scratch,
        zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        copy = Path(scratch) / DATABASE
        copy_database(source, copy)
        entries[DATABASE] = _add(archive, DATABASE, copy)
        folder = Folder(state.files_dir)
        for file_id in _file_ids(copy):
            # Gone since, perhaps, as it was never sent: see the gateway's janitor.
            with suppress(FileNotFoundError):
                # Pictures and PDFs are compressed by themselves.
                name = f"{FILES}{file_id}"
                path = folder.path_of(file_id)
                entries[name] = _add(archive, name, path, zipfile.ZIP_STORED)
        if state.keys_file.exists():
            entries[KEYS] = _add(archive, KEYS, state.keys_file)
        manifest = Manifest(
            made_at=now,
            version=version("shopdesk"),
            revision=revision_of(copy),
            counts=count_rows(copy),
            entries=entries,
        )
        archive.writestr(MANIFEST, manifest.model_dump_json(indent=1))


def copy_database(source: Path, target: Path) -> None:
    """Copy a database that may be in use, as it is at one instant.

    In one step: it reads in one transaction, which in WAL mode keeps no writer waiting, and no
    writer makes it begin again.
    """
    with (
        closing(sqlite3.connect(source, timeout=30)) as reading,
        closing(sqlite3.connect(target)) as writing,
    ):
        reading.backup(writing)
        # One file, without a journal beside it.
        writing.execute("PRAGMA journal_mode=DELETE")


def revision_of(database: Path) -> str:
    """The schema of a database file, empty if it has none."""
    with closing(sqlite3.connect(database)) as connection:
        if "alembic_version" not in _tables(connection):
            return ""
        (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(revision)


def count_rows(database: Path) -> dict[str, int]:
    """The number of rows of the tables that are counted, as far as they are there."""
    with closing(sqlite3.connect(database)) as connection:
        return {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
            for table in COUNTED
            if table in _tables(connection)
        }


def _file_ids(database: Path) -> Iterator[str]:
    with closing(sqlite3.connect(database)) as connection:
        if "files" in _tables(connection):
            for (file_id,) in connection.execute("SELECT id FROM files ORDER BY at"):
                yield str(UUID(file_id))


def _tables(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}


def _add(
    archive: zipfile.ZipFile, name: str, path: Path, method: int = zipfile.ZIP_DEFLATED
) -> Entry:
    # Opened once: if it is removed meanwhile, it is read to its end nevertheless.
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = file.tell()
        file.seek(0)
        info = zipfile.ZipInfo(name)
        info.compress_type = method
        info.external_attr = 0o600 << 16
        info.file_size = size
        with archive.open(info, "w") as entry:
            shutil.copyfileobj(file, entry, 1_048_576)
    return Entry(size=size, sha256=digest)
