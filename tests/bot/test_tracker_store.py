"""Rasa's memory of conversations; it can only be imported in Rasa's environment."""

import json
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-rasa" / "bin" / "python"

CONVERSATIONS = """
import asyncio, json
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
from bot.components.tracker_store import BoundedTrackerStore

store = BoundedTrackerStore(Domain.load("bot/domain"), conversations=2, turns=2)

async def talk():
    found = {"turns": [], "slots": []}
    for turn in range(9):
        tracker = await store.get_or_create_tracker("first")
        tracker.update(UserUttered(str(turn), {"name": "greet"}))
        if turn == 0:
            tracker.update(SlotSet("language", "zh"))
        tracker.update(ActionExecuted("action_listen"))
        await store.save(tracker)
        kept = await store.retrieve("first")
        said = [event.text for event in kept.events if isinstance(event, UserUttered)]
        found["turns"].append(said)
        found["slots"].append(kept.get_slot("language"))
    await store.get_or_create_tracker("second")
    await store.save(await store.get_or_create_tracker("first"))
    await store.get_or_create_tracker("third")
    found["conversations"] = sorted(store.store)
    try:
        BoundedTrackerStore(Domain.empty(), turns=0)
    except ValueError as error:
        found["error"] = str(error)
    return found

print(json.dumps(asyncio.run(talk())))
"""


@pytest.mark.integration
def test_it_keeps_the_last_turns_the_slots_and_the_latest_conversations(
    rasa_environment: dict[str, str],
) -> None:
    command = [str(PYTHON), "-c", CONVERSATIONS]
    done = subprocess.run(command, cwd=ROOT, env=rasa_environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["turns"][3] == ["0", "1", "2", "3"]
    assert found["turns"][4] == ["3", "4"]
    assert found["turns"][8] == ["6", "7", "8"]
    assert set(found["slots"]) == {"zh"}
    assert found["conversations"] == ["first", "third"]
    assert "turns 0; expected 1 or more" in found["error"]
