"""The check of what actions answer; it can only be imported in Rasa's environment."""

import json
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-rasa" / "bin" / "python"

CHECKS = """
import json
import jsonschema
from rasa.core.actions.action import RemoteAction
from bot.components import action_results

RESULTS = [
    {},
    {"events": [], "responses": [{"text": "ok"}]},
    {"events": [{"event": "slot", "name": "language", "value": "zh"}], "responses": []},
    {"events": [{"event": "slot"}]},
    {"events": [{"no": "event"}]},
    {"events": "none"},
    {"responses": ["ok"]},
    [],
    "ok",
]
action = RemoteAction("action_x", None)

def verdicts():
    found = []
    for result in RESULTS:
        try:
            found.append(action._validate_action_result(result))
        except jsonschema.ValidationError as error:
            found.append("Failed to validate Action server response" in error.message)
            found[-1] = "refused" if found[-1] else error.message
    return found

theirs = verdicts()
action_results.install()
checks = []
kind = jsonschema.validators.validator_for(RemoteAction.action_response_format_spec())
whole = kind.check_schema
kind.check_schema = classmethod(lambda cls, schema: checks.append(1) or whole(schema))
ours = verdicts()
print(json.dumps([theirs, ours, len(checks)]))
"""


@pytest.mark.integration
def test_it_finds_what_rasa_finds_and_checks_the_schema_once(
    rasa_environment: dict[str, str],
) -> None:
    command = [str(PYTHON), "-c", CHECKS]
    done = subprocess.run(command, cwd=ROOT, env=rasa_environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    theirs, ours, checks = json.loads(done.stdout.splitlines()[-1])
    assert ours == theirs
    assert {True, "refused"} <= set(theirs)
    assert checks == 1
