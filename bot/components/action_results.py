"""Rasa's check of what an action answers, without checking the check itself every time.

Rasa 3.6 gives its schema of an action's result to ``jsonschema.validate``, which first holds the
schema against the schema of schemas: of a message whose action has nothing to do, that was three
quarters of all the time. The schema never changes, so here this is done once.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from jsonschema.exceptions import best_match
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.shared.exceptions import RasaException


def install() -> None:
    """Put the check in the place of Rasa's.

    Raises:
        RasaException: this Rasa has no such check.
    """
    if not hasattr(RemoteAction, "_validate_action_result"):
        raise RasaException(
            "Rasa's RemoteAction has no _validate_action_result; expected Rasa 3.6. Install the "
            "version that requirements/rasa.lock names, or remove bot/components/action_results.py"
        )
    RemoteAction._validate_action_result = check


def check(_: RemoteAction, result: dict[str, Any]) -> bool:
    """Whether an action server's response is one.

    Raises:
        jsonschema.ValidationError: it is not, and why; as Rasa's own check does.
    """
    error = best_match(_validator().iter_errors(result))
    if error is not None:
        error.message += (
            ". Failed to validate Action server response from API: expected the form of "
            "https://rasa.com/docs/rasa/custom-actions"
        )
        raise error
    return True


@lru_cache(maxsize=1)
def _validator() -> Any:
    schema = RemoteAction.action_response_format_spec()
    kind = validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)
