"""Whether what goes over the wire is a frame of the protocol, by its published JSON Schemas."""

import json
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from playwright.sync_api import Page, WebSocket

from gateway.widget.frames import FrameError, parse_frame

SCHEMAS = Path(__file__).parents[1] / "docs" / "schemas"


def check_client_frame(frame: Any) -> None:
    """Fail unless a client may send this."""
    _check("client-frames", frame)


def check_if_taken(frame: Any) -> None:
    """Fail if the gateway takes this from a client, but the schema does not allow it."""
    with suppress(FrameError):
        parse_frame(json.dumps(frame))
        check_client_frame(frame)


def check_server_frame(frame: Any) -> None:
    """Fail unless the gateway may send this."""
    _check("server-frames", frame)


def watch(page: Page, complain: Callable[[str], None]) -> None:
    """Complain of what the page sends over its sockets, or is sent, that is no frame."""

    def note(check: Callable[[Any], None], data: str | bytes) -> None:
        try:
            check(json.loads(data))
        except (AssertionError, ValueError) as error:
            complain(str(error))

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", lambda data: note(check_client_frame, data))
        socket.on("framereceived", lambda data: note(check_server_frame, data))

    page.on("websocket", listen)


def _check(schema: str, frame: Any) -> None:
    validators = _validators(schema)
    validator = validators.get(str(frame.get("type"))) if isinstance(frame, dict) else None
    assert validator is not None, f"no frame: {frame}"
    wrong = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(frame)]
    assert not wrong, f"{wrong} in {json.dumps(frame, ensure_ascii=False)}"


@cache
def _validators(name: str) -> dict[str, Draft202012Validator]:
    """One for each type: "none of twelve" would say nothing of what is wrong."""
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    definitions = schema["$defs"]
    kinds = [choice["$ref"].rpartition("/")[2] for choice in schema["oneOf"]]
    return {
        definitions[kind]["properties"]["type"]["const"]: Draft202012Validator(
            {"$ref": f"#/$defs/{kind}", "$defs": definitions},
            format_checker=Draft202012Validator.FORMAT_CHECKER,
        )
        for kind in kinds
    }
