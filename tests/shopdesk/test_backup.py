"""Backups: consistent while written to, checked before they replace, and they lose nothing."""

import hashlib
import json
import shutil
import sqlite3
import threading
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest

from gateway.uploads.folder import Folder
from shopdesk import backup, cli
from shopdesk import restore as restoring
from shopdesk.backup import BackupError, State, back_up
from shopdesk.restore import restore
from store import conversations, files, messages
from store.database import Database
from store.errors import StoreError
from store.exclusive import hold
from store.migrate import REVISION, check_schema, migrate
from store.records import NewMessage
from store.status import Author

WORD = NewMessage(Author.ASSISTANT, "a word", "en")


@pytest.fixture(scope="module")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database, to be copied: migrating takes longer than a test."""
    path = tmp_path_factory.mktemp("empty") / "shopdesk.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def state(tmp_path: Path, empty_database: Path) -> State:
    """An empty shop."""
    state = State(
        f"sqlite:///{tmp_path / 'state' / 'shopdesk.db'}",
        tmp_path / "state" / "files",
        tmp_path / "state" / "keys.json",
        tmp_path / "state" / "trackers.db",
    )
    state.database.parent.mkdir()
    shutil.copy(empty_database, state.database)
    state.keys_file.write_text('{"session": "s", "internal": "i"}')
    return state


def add_conversation(state: State, *words: str, file: bytes | None = None) -> str:
    """A conversation with these messages, and perhaps a file; gives its id."""
    database = Database(state.database_url)
    conversation_id, file_id = str(uuid4()), str(uuid4())
    with database.transaction() as session:
        conversations.open_for(session, conversation_id, language="en")
        for word in words:
            messages.receive(session, conversation_id, client_id=word, text=word, language="en")
        if file is not None:
            folder = Folder(state.files_dir)
            draft = state.files_dir / "incoming" / "x"
            draft.write_bytes(file)
            folder.keep(draft, file_id)
            files.add(
                session,
                conversation_id,
                file_id=file_id,
                name="a.png",
                media_type="image/png",
                size=len(file),
                sha256=hashlib.sha256(file).hexdigest(),
            )
    database.close()
    return conversation_id


def everything(state: State) -> dict[str, list[str]]:
    """All words by conversation; and, under ``files`` and ``keys``, what else there is."""
    database = Database(state.database_url)
    with database.snapshot() as session:
        rows = sqlite3.connect(state.database).execute("SELECT id FROM conversations").fetchall()
        found = {
            conversation_id: [m.text for m in messages.page(session, conversation_id)]
            for (conversation_id,) in rows
        }
    database.close()
    kept = [path for path in state.files_dir.glob("??/??/*") if path.is_file()]
    found["files"] = sorted(path.read_text() for path in kept)
    found["keys"] = [state.keys_file.read_text()]
    return found


def change(archive: Path, edit: Callable[[dict[str, bytes]], object]) -> None:
    """Write the archive anew with its entries changed by ``edit``."""
    with zipfile.ZipFile(archive) as source:
        entries = {name: source.read(name) for name in source.namelist()}
    edit(entries)
    with zipfile.ZipFile(archive, "w") as target:
        for name, content in entries.items():
            target.writestr(name, content)


def test_what_was_backed_up_comes_back(state: State, tmp_path: Path) -> None:
    add_conversation(state, "hello", "again", file=b"a picture")
    before = everything(state)
    archive = back_up(state, tmp_path / "backup.zip")
    assert archive.stat().st_mode & 0o077 == 0

    add_conversation(state, "later", file=b"another")
    state.keys_file.write_text("{}")
    after = everything(state)
    restored = restore(state, archive)
    assert everything(state) == before
    assert restored.manifest.counts == {"conversations": 1, "messages": 2, "files": 1}
    check_schema(state.database_url)

    # Nothing was deleted: what was there can be put back by hand.
    assert restored.replaced is not None
    kept = State(
        f"sqlite:///{restored.replaced / 'shopdesk.db'}",
        restored.replaced / "files",
        restored.replaced / "keys.json",
        restored.replaced / "trackers.db",
    )
    assert everything(kept) == after


def test_where_dialogues_stand_is_put_aside(state: State, tmp_path: Path) -> None:
    archive = back_up(state, tmp_path)
    state.dialogues.write_text("later than the backup")
    replaced = restore(state, archive).replaced
    assert replaced is not None
    assert not state.dialogues.exists()
    assert (replaced / "trackers.db").read_text() == "later than the backup"


def test_another_machine_can_take_it_over(state: State, tmp_path: Path) -> None:
    add_conversation(state, "hello", file=b"a picture")
    archive = back_up(state, tmp_path)
    assert archive.parent == tmp_path
    assert archive.name.startswith("shopdesk-20")
    new = State(
        f"sqlite:///{tmp_path / 'new' / 'shopdesk.db'}",
        tmp_path / "new" / "files",
        tmp_path / "new" / "keys.json",
        tmp_path / "new" / "trackers.db",
    )
    assert restore(new, archive).replaced is None
    assert everything(new) == everything(state)
    assert new.keys_file.stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in new.database.parent.iterdir() if path.is_dir()) == ["files"]


def test_a_backup_is_consistent_while_customers_write(state: State, tmp_path: Path) -> None:
    stop = threading.Event()
    written = 0

    def write() -> None:
        nonlocal written
        database = Database(state.database_url)
        while not stop.is_set():
            conversation_id = str(uuid4())
            with database.transaction() as session:
                conversations.open_for(session, conversation_id, language="en")
                messages.append(session, conversation_id, [WORD])
                messages.append(session, conversation_id, [WORD, WORD])
            written += 1
        database.close()

    with hold(state.database_url):
        writer = threading.Thread(target=write)
        writer.start()
        try:
            archives = [back_up(state, tmp_path / f"{n}.zip") for n in range(5)]
        finally:
            stop.set()
            writer.join()
    assert written > 5
    counts = []
    for n, archive in enumerate(archives):
        with zipfile.ZipFile(archive) as opened:
            opened.extract(backup.DATABASE, tmp_path / str(n))
        with closing(sqlite3.connect(tmp_path / str(n) / backup.DATABASE)) as connection:
            (broken,) = connection.execute(
                "SELECT count(*) FROM conversations c WHERE last_seq != 3 OR last_seq != "
                "(SELECT count(*) FROM messages m WHERE m.conversation_id = c.id)"
            ).fetchone()
            assert broken == 0
            counts += connection.execute("SELECT count(*) FROM conversations").fetchone()
    assert counts == sorted(counts)


def test_a_running_gateway_is_not_restored_under(state: State, tmp_path: Path) -> None:
    add_conversation(state, "hello")
    archive = back_up(state, tmp_path / "backup.zip")
    before = everything(state)
    with hold(state.database_url), pytest.raises(StoreError, match="stop the gateway first"):
        restore(state, archive)
    assert everything(state) == before


def manifest_of(entries: dict[str, bytes]) -> dict[str, object]:
    manifest: dict[str, object] = json.loads(entries[backup.MANIFEST])
    return manifest


def with_manifest(**values: object) -> Callable[[dict[str, bytes]], None]:
    def edit(entries: dict[str, bytes]) -> None:
        manifest = {**manifest_of(entries), **values}
        entries[backup.MANIFEST] = json.dumps(manifest).encode()

    return edit


def with_entry(name: str, content: bytes) -> Callable[[dict[str, bytes]], None]:
    """A further entry, with everything right about it but its name."""

    def edit(entries: dict[str, bytes]) -> None:
        manifest = manifest_of(entries)
        listed = dict(manifest["entries"])  # type: ignore[call-overload]
        listed[name] = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        with_manifest(entries=listed)(entries)
        entries[name] = content

    return edit


def with_another_database(content: bytes) -> Callable[[dict[str, bytes]], None]:
    return with_entry(backup.DATABASE, content)


def flip(entries: dict[str, bytes]) -> None:
    content = bytearray(entries[backup.DATABASE])
    content[len(content) // 2] ^= 1
    entries[backup.DATABASE] = bytes(content)


EDITS: dict[str, tuple[Callable[[dict[str, bytes]], object], str]] = {
    "a bit": (flip, "is damaged: database.sqlite3 is not what was backed up"),
    "no database": (lambda e: e.pop(backup.DATABASE), "does not hold what its manifest says"),
    "no file": (lambda e: e.pop(next(n for n in e if "files/" in n)), "does not hold"),
    "no manifest": (lambda e: e.pop(backup.MANIFEST), "holds no manifest.json"),
    "an odd manifest": (lambda e: e.update({backup.MANIFEST: b"{}"}), "cannot be unpacked"),
    "another format": (with_manifest(format=2), "cannot be unpacked"),
    "a newer schema": (with_manifest(revision="9999"), "install that version first"),
    "other counts": (with_manifest(counts={"messages": 7}), "its manifest says"),
    "no sqlite": (with_another_database(b"x" * 5_000), "it is no database"),
    "another sqlite": (with_another_database(b""), "its manifest says"),
    "an unlisted entry": (lambda e: e.update(more=b"x"), "does not hold"),
    "a path upwards": (with_entry("files/../../evil", b"x"), "does not hold"),
    "an absolute path": (with_entry("/tmp/evil", b"x"), "does not hold"),  # noqa: S108
    "a path in disguise": (with_entry("files/..\\evil", b"x"), "does not hold"),
    "a file's name": (with_entry("files/shopdesk.js", b"x"), "does not hold"),
    "a line more": (with_entry(f"files/{uuid4()}\n", b"x"), "does not hold"),
}


@pytest.mark.parametrize("case", EDITS)
def test_a_changed_archive_changes_nothing(case: str, state: State, tmp_path: Path) -> None:
    add_conversation(state, "hello", file=b"a picture")
    archive = back_up(state, tmp_path / "backup.zip")
    add_conversation(state, "later")
    before = everything(state)
    edit, message = EDITS[case]
    change(archive, edit)
    with pytest.raises(BackupError, match=message):
        restore(state, archive)
    assert everything(state) == before
    assert not list(state.database.parent.glob(".restore-*"))
    assert not list(state.database.parent.glob("replaced-*"))
    assert not list(tmp_path.rglob("evil"))


@pytest.mark.parametrize("cut", [0, 1, 100, -1, -100])
def test_a_cut_or_strange_archive_changes_nothing(cut: int, state: State, tmp_path: Path) -> None:
    add_conversation(state, "hello")
    archive = back_up(state, tmp_path / "backup.zip")
    before = everything(state)
    archive.write_bytes(archive.read_bytes()[:cut])
    with pytest.raises(BackupError, match="nothing was changed"):
        restore(state, archive)
    assert everything(state) == before
    with pytest.raises(BackupError, match="There is no file"):
        restore(state, tmp_path / "missing.zip")


def test_an_older_schema_is_migrated(state: State, tmp_path: Path) -> None:
    state.database.unlink()
    migrate(state.database_url, revision="0001")
    with closing(sqlite3.connect(state.database)) as connection, connection:
        connection.execute(
            "INSERT INTO conversations (id, created_at, status, language, last_seq) "
            "VALUES (?, '2026-01-01 00:00:00', 'bot', 'en', 0)",
            [uuid4().hex],
        )
    archive = back_up(state, tmp_path / "backup.zip")
    restored = restore(state, archive)
    assert (restored.manifest.revision, REVISION) != (REVISION, "0001")
    check_schema(state.database_url)
    assert len(everything(state)) == 3


def test_what_cannot_be_put_in_place_is_put_back(
    state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_conversation(state, "hello", file=b"a picture")
    archive = back_up(state, tmp_path / "backup.zip")
    add_conversation(state, "later")
    before = everything(state)
    real = restoring.shutil.move

    def move(source: Path, target: Path) -> None:
        if source.name == backup.DATABASE:
            monkeypatch.undo()
            raise OSError(28, "No space left on device")
        real(source, target)

    monkeypatch.setattr(restoring.shutil, "move", move)
    with pytest.raises(OSError, match="No space left"):
        restore(state, archive)
    assert everything(state) == before


def test_a_file_that_is_gone_does_not_stop_a_backup(state: State, tmp_path: Path) -> None:
    add_conversation(state, "hello", file=b"a picture")
    for path in state.files_dir.glob("??/??/*"):
        path.unlink()
    restore(state, back_up(state, tmp_path / "backup.zip"))
    assert everything(state)["files"] == []


def test_nothing_is_overwritten(state: State, tmp_path: Path) -> None:
    target = tmp_path / "backup.zip"
    target.write_text("mine")
    with pytest.raises(BackupError, match=r"backup\.zip exists already"):
        back_up(state, target)
    assert target.read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_without_a_database_there_is_no_backup(tmp_path: Path) -> None:
    state = State(
        f"sqlite:///{tmp_path / 'no.db'}",
        tmp_path / "files",
        tmp_path / "keys.json",
        tmp_path / "t.db",
    )
    with pytest.raises(BackupError, match="There is no database"):
        back_up(state, tmp_path / "backup.zip")


def test_postgresql_has_its_own_tools(tmp_path: Path) -> None:
    state = State(
        "postgresql://u@h/shop", tmp_path / "files", tmp_path / "keys.json", tmp_path / "t.db"
    )
    for action in (back_up, restore):
        with pytest.raises(BackupError, match="pg_dump"):
            action(state, tmp_path / "backup.zip")


def test_the_commands(
    state: State,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SHOPDESK_STATE_DIR", str(state.database.parent))
    add_conversation(state, "hello")
    archive = str(tmp_path / "backup.zip")
    for words, told in (
        (["backup", archive], "backup.zip (0.0 MB)"),
        (["restore", archive], "1 conversations, 1 messages, 0 files."),
    ):
        monkeypatch.setattr("sys.argv", ["shopdesk", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert not ended.value.code
        assert told in capsys.readouterr().out
