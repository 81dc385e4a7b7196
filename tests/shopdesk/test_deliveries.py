"""``shopdesk deliveries``: an operator sees and replays what the channels refused."""

from datetime import timedelta
from pathlib import Path

import pytest

from shopdesk import cli
from store import conversations, deliveries, messages
from store.database import Database
from store.migrate import migrate
from store.records import NewMessage
from store.status import Author, DeliveryState, Status


def run(*words: str) -> int:
    """The exit status of ``shopdesk deliveries WORDS``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["shopdesk", "deliveries", *words])
        patch.setenv("COLUMNS", "200")
        with pytest.raises(SystemExit) as ended:
            cli.main()
    return int(ended.value.code or 0)


@pytest.fixture
def database_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path / 'shopdesk.db'}"
    monkeypatch.setenv("SHOPDESK_DATABASE_URL", url)
    return url


@pytest.fixture
def database(database_url: str) -> Database:
    """With two dead deliveries, 1 and 2, and a pending one, of one customer."""
    migrate(database_url)
    database = Database(database_url)
    with database.transaction() as session:
        here = conversations.open_for_external(session, "shop", "[b]anna", language="en")
        new = [NewMessage(Author.ASSISTANT, words, "en") for words in ("private", "words")]
        stored = messages.append(session, here.id, new)
        deliveries.enqueue(session, here, stored, Status.WAITING)
        for delivery in deliveries.listing(session, None, 10)[:0:-1]:
            (claimed,) = claim(session)
            assert claimed.id == delivery.id
            deliveries.dead(session, claimed.id, "me", error="HTTP status 410")
    return database


def claim(session):
    return deliveries.claim_due(
        session, "me", channels=["shop"], lease=timedelta(seconds=60), limit=1
    )


def states(database: Database) -> list[str]:
    with database.snapshot() as session:
        return [one.state.value for one in deliveries.listing(session, None, 10)[::-1]]


def test_what_is_listed(capsys, database):
    assert run("list") == 0
    told = capsys.readouterr().out
    assert told.count("[b]anna") == 3
    assert told.count("HTTP status 410") == 2
    assert "message 2" in told
    assert "status waiting" in told
    assert "In all: 1 pending, 0 delivered, 2 dead." in told
    # What customers and the assistant say to each other is not for the terminal.
    assert "private" not in told


def test_one_state_or_a_few(capsys, database):
    assert run("list", "--state", "dead", "--limit", "1") == 0
    told = capsys.readouterr().out
    assert "message 2" in told
    assert "message 1" not in told
    assert "waiting" not in told
    assert run("list", "--state", "lost") == 2


def test_an_empty_outbox(capsys, database_url):
    migrate(database_url)
    assert run("list") == 0
    assert "In all: 0 pending, 0 delivered, 0 dead." in capsys.readouterr().out


def test_all_dead_ones_are_replayed(capsys, database):
    assert run("replay", "--all-dead") == 0
    assert "To be sent again: 2." in capsys.readouterr().out
    assert states(database) == [DeliveryState.PENDING] * 3
    assert run("replay", "--all-dead") == 0
    assert "To be sent again: 0." in capsys.readouterr().out


def test_some_are_replayed_and_others_named(capsys, database):
    assert run("replay", "2") == 0
    assert states(database) == ["dead", "pending", "pending"]
    assert run("replay", "1", "3", "77") == 1
    told = capsys.readouterr()
    assert "To be sent again: 1." in told.out
    assert "Not sent again: 3, 77" in told.err
    assert states(database) == ["pending"] * 3


@pytest.mark.parametrize("words", [(), ("1", "--all-dead")])
def test_what_to_replay_must_be_said(capsys, database, words):
    assert run("replay", *words) == 1
    assert "--state dead" in capsys.readouterr().err
    assert states(database) == ["dead", "dead", "pending"]


def test_a_database_without_schema_is_named(capsys, database_url):
    assert run("list") == 1
    assert "shopdesk migrate" in capsys.readouterr().err


def test_no_database_is_named(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("SHOPDESK_DATABASE_URL", f"sqlite:///{tmp_path / 'none' / 'x.db'}")
    assert run("list") == 1
    assert "cannot be reached" in capsys.readouterr().err
