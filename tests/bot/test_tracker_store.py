"""Rasa's memory of conversations; it can only be imported in Rasa's environment."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-rasa" / "bin" / "python"

BEGINNING = """
import asyncio, json, os, sqlite3
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, SlotSet, UserUttered
from bot.components.tracker_store import BoundedTrackerStore

DOMAIN = Domain.load("bot/domain")

def opened(**bounds):
    return BoundedTrackerStore(DOMAIN, **{"turns": 2, **bounds})

def database(statement):
    with sqlite3.connect(os.environ["SHOPDESK_TRACKERS"].removeprefix("sqlite:///")) as connection:
        connection.execute(statement)

async def turn(store, key, text, *events):
    tracker = await store.get_or_create_tracker(key)
    tracker.update(UserUttered(text, {"name": "greet"}))
    for event in events:
        tracker.update(event)
    tracker.update(ActionExecuted("action_listen"))
    await store.save(tracker)

async def kept(store, key):
    tracker = await store.retrieve(key)
    return tracker and {
        "said": [event.text for event in tracker.events if isinstance(event, UserUttered)],
        "language": tracker.get_slot("language"),
        "form": tracker.active_loop_name,
    }
"""

LONG = """
async def story():
    found = []
    store = opened()
    await turn(store, "a", "0", SlotSet("language", "zh"), ActiveLoop("return_form"))
    found.append(await kept(store, "a"))
    for number in range(1, 9):
        await turn(store, "a", str(number))
        found.append(await kept(store, "a"))
    return found
"""

RESTART = """
async def story():
    before = opened()
    await turn(before, "a", "hello", SlotSet("language", "zh"), ActiveLoop("return_form"))
    await turn(before, "b", "hi")
    after = opened()
    return [await kept(after, "a"), await kept(after, "nobody"), sorted(await after.keys())]
"""

AWAY = """
async def story():
    store = opened()
    await turn(store, "a", "hello", SlotSet("language", "zh"), ActiveLoop("return_form"))
    database("ALTER TABLE rasa_trackers RENAME TO away")
    missing = await kept(store, "a")
    await turn(store, "a", "are you there?")
    database("ALTER TABLE away RENAME TO rasa_trackers")
    back = await kept(store, "a")
    await turn(store, "a", "and now?")
    return [missing, back, await kept(store, "a")]
"""

DAMAGED = """
async def story():
    store = opened()
    await turn(store, "a", "hello")
    found = []
    for text in ("no JSON", "[1, 2]", '{"events": 5}', '[{"event": "unheard of"}]'):
        database(f"UPDATE rasa_trackers SET tracker = '{text}'")
        found.append(await kept(store, "a"))
    await turn(store, "a", "again")
    return [*found, await kept(store, "a")]
"""

WRONG = """
async def story():
    found = []
    for bounds in ({"turns": 0}, {"days": 0}):
        try:
            opened(**bounds)
        except ValueError as error:
            found.append(str(error))
    os.environ["SHOPDESK_TRACKERS"] = "mysql://x:secret@y/z"
    try:
        opened()
    except ValueError as error:
        found.append(str(error))
    return found
"""


@pytest.fixture
def told(rasa_environment: dict[str, str], tmp_path: Path) -> Any:
    """What a story of the store gives, with a database of its own, and what Rasa's log says."""

    def tell(story: str) -> tuple[Any, str]:
        environment = {
            **rasa_environment, "SHOPDESK_TRACKERS": f"sqlite:///{tmp_path / 'trackers.db'}"
        }  # fmt: skip
        command = [
            str(PYTHON),
            "-c",
            f"{BEGINNING}{story}\nprint(json.dumps(asyncio.run(story())))",
        ]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout.splitlines()[-1]), done.stderr

    return tell


pytestmark = pytest.mark.integration


def test_it_keeps_the_last_turns_the_slots_and_the_form(told) -> None:
    found, _ = told(LONG)
    assert found[3]["said"] == ["0", "1", "2", "3"]
    assert found[4]["said"] == ["3", "4"]
    assert found[8]["said"] == ["6", "7", "8"]
    assert {one["language"] for one in found} == {"zh"}
    assert {one["form"] for one in found} == {"return_form"}


def test_another_rasa_goes_on_where_the_first_stopped(told) -> None:
    (known, unknown, keys), _ = told(RESTART)
    assert known == {"said": ["hello"], "language": "zh", "form": "return_form"}
    assert unknown is None
    assert keys == ["a", "b"]


def test_what_could_not_be_read_is_not_written_over(told) -> None:
    (missing, back, later), log = told(AWAY)
    assert missing is None
    assert back == {"said": ["hello"], "language": "zh", "form": "return_form"}
    assert later == {"said": ["hello", "and now?"], "language": "zh", "form": "return_form"}
    assert "Conversation a could not be read" in log
    assert "Conversation a is not stored" in log


def test_what_cannot_be_understood_begins_anew(told) -> None:
    (*damaged, later), log = told(DAMAGED)
    assert damaged == [None] * 4
    assert later["said"] == ["again"]
    assert "Conversation a cannot be understood" in log


def test_bounds_and_databases_that_cannot_be_used_are_refused(told) -> None:
    (turns, days, database), _ = told(WRONG)
    assert turns == (
        "The tracker store's turns is 0; expected 1 or more. Change it in endpoints.yml."
    )
    assert "days is 0; expected more than 0" in days
    assert "found mysql" in database
    assert "secret" not in database
