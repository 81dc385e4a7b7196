"""Putting a backup in the place of what is there. It is checked first, and nothing is deleted."""

import hashlib
import re
import shutil
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from gateway.uploads.folder import Folder
from shopdesk.backup import (
    DATABASE,
    FILES,
    KEYS,
    MANIFEST,
    BackupError,
    Manifest,
    State,
    count_rows,
    revision_of,
)
from store.exclusive import hold
from store.migrate import REVISION, migrate

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_NAMES = re.compile(rf"{re.escape(DATABASE)}|{re.escape(KEYS)}|{FILES}{_UUID}")
_LARGEST_MANIFEST = 500_000_000
# Encrypted archives, unknown compression, bytes that were changed, a disk that is full.
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValidationError, OSError)
_ANOTHER = "use another backup; nothing was changed."


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put in place, and where that which was there before is kept; None for nothing."""

    manifest: Manifest
    replaced: Path | None


def restore(state: State, source: Path) -> Restored:
    """Put the backup in ``source`` in the place of database, files and keys.

    Raises:
        BackupError: the database is not SQLite, or the archive is damaged, no backup, or made by
            a newer version; nothing is changed then.
        StoreError: a gateway uses the database.
    """
    database = state.database
    with hold(state.database_url):
        # Beside the database, so that it is put in place by renaming.
        with tempfile.TemporaryDirectory(dir=database.parent, prefix=".restore-") as name:
            draft = Path(name)
            manifest = _unpack(source, draft)
            _check_database(draft / DATABASE, manifest)
            if manifest.revision != REVISION:
                migrate(f"sqlite:///{draft / DATABASE}")
            replaced = _put_in_place(state, draft)
        return Restored(manifest, replaced)


def _unpack(source: Path, draft: Path) -> Manifest:
    """Write what is in the archive to ``draft``, and see that it is what the manifest says."""
    try:
        with zipfile.ZipFile(source) as archive:
            manifest = _read_manifest(archive, source)
            folder = Folder(draft / FILES)
            for name in manifest.entries:
                file = name.removeprefix(FILES)
                path = draft / name if file == name else folder.path_of(file)
                path.parent.mkdir(parents=True, exist_ok=True)
                _extract(archive, manifest, name, path)
    except FileNotFoundError as error:
        raise BackupError(f"There is no file {source}.", "name a backup.") from error
    except _UNREADABLE as error:
        found = f"{source} cannot be unpacked ({type(error).__name__}: {error})"
        raise BackupError(f"{found[:500]}.", _ANOTHER) from error
    return manifest


def _read_manifest(archive: zipfile.ZipFile, source: Path) -> Manifest:
    names = archive.namelist()
    if MANIFEST not in names:
        raise BackupError(f"{source} is no backup: it holds no {MANIFEST}.", _ANOTHER)
    if archive.getinfo(MANIFEST).file_size > _LARGEST_MANIFEST:
        raise BackupError(f"{source} is no backup: its {MANIFEST} is too large.", _ANOTHER)
    manifest = Manifest.model_validate_json(archive.read(MANIFEST))
    if manifest.revision > REVISION:
        raise BackupError(
            f"{source} was made by Shopdesk {manifest.version}, whose database has schema "
            f"{manifest.revision}; this version knows {REVISION}.",
            "install that version first; nothing was changed.",
        )
    # No name but these ever becomes a path.
    strange = [name for name in manifest.entries if not _NAMES.fullmatch(name)]
    strange += sorted({*names} ^ {*manifest.entries, MANIFEST})
    if strange or len(names) != len({*names}) or DATABASE not in manifest.entries:
        raise BackupError(
            f"{source} does not hold what its manifest says: {', '.join(map(repr, strange[:3]))}.",
            _ANOTHER,
        )
    return manifest


def _extract(archive: zipfile.ZipFile, manifest: Manifest, name: str, path: Path) -> None:
    entry = manifest.entries[name]
    digest = hashlib.sha256()
    size = 0
    with archive.open(name) as source, path.open("xb") as target:
        path.chmod(0o600)
        # Not more than was promised, however much comes out.
        while size <= entry.size and (part := source.read(1_048_576)):
            size += len(part)
            digest.update(part)
            target.write(part)
    if size != entry.size or digest.hexdigest() != entry.sha256:
        raise BackupError(
            f"{archive.filename} is damaged: {name} is not what was backed up.", _ANOTHER
        )


def _check_database(database: Path, manifest: Manifest) -> None:
    problem = "it is no database"
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(database)) as connection:
        problem = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if problem != "ok":
        raise BackupError(f"The database in the backup is damaged: {problem}.", _ANOTHER)
    found = revision_of(database), count_rows(database)
    if found != (manifest.revision, manifest.counts):
        raise BackupError(
            f"The database in the backup has {found}, its manifest says "
            f"{(manifest.revision, manifest.counts)}.",
            _ANOTHER,
        )


def _put_in_place(state: State, draft: Path) -> Path | None:
    """Exchange what is there for what is in ``draft``: all of it, or nothing."""
    database = state.database
    now = datetime.now(UTC)
    kept = Path(tempfile.mkdtemp(dir=database.parent, prefix=f"replaced-{now:%Y-%m-%d-%H%M%S}-"))
    # Where a dialogue stands was said in conversations that are replaced: a form would go on from
    # an answer that nobody has given.
    leaving = [*_journals(database), *_journals(state.dialogues), state.files_dir]
    leaving += [state.dialogues, database]
    arriving = [(draft / FILES, state.files_dir), (draft / DATABASE, database)]
    if (draft / KEYS).exists():
        leaving.append(state.keys_file)
        arriving.append((draft / KEYS, state.keys_file))
    moves = [(path, kept / path.name) for path in leaving if path.exists()]
    _move([*moves, *arriving])
    if moves:
        return kept
    kept.rmdir()
    return None


def _journals(database: Path) -> list[Path]:
    """Those belong to their database: beside another one they would destroy it."""
    return [database.with_name(database.name + end) for end in ("-wal", "-shm")]


def _move(moves: Iterable[tuple[Path, Path]]) -> None:
    done: list[tuple[Path, Path]] = []
    try:
        for source, target in moves:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(source, target)
            done.append((source, target))
    except OSError:
        for source, target in reversed(done):
            shutil.move(target, source)
        raise
