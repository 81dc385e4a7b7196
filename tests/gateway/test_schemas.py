"""The published schemas and types are those of the code, and allow what the gateway takes."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from gateway.errors import GatewayError
from gateway.widget import schemas
from gateway.widget.frames import FrameError, parse_frame
from gateway.widget.typescript import declarations
from tests.frames import check_client_frame, check_if_taken, check_server_frame

ID = "0e2b3d5c-3f0e-4a52-8f43-2f5d8b8a9c11"
FRAMES: list[dict[str, Any]] = [
    {
        "type": "hello",
        "protocol": 1,
        "session": None,
        "identity": None,
        "last_seq": 0,
        "language": "en",
    },
    {"type": "message", "id": "a", "text": "Hi", "payload": None, "files": [ID]},
    {"type": "rating", "message": ID, "value": 1, "comment": None},
    {"type": "seen", "seq": 4},
    {"type": "typing", "on": True},
    {"type": "history", "before": 3},
    {"type": "end"},
    {"type": "survey", "score": 4, "comment": "Fine"},
    {"type": "contact", "id": "a", "email": "ann@example.org", "text": "Hi", "name": None},
    {"type": "logout"},
    {"type": "ping"},
]
_VALUES = some.recursive(
    some.none()
    | some.booleans()
    | some.integers()
    | some.floats(allow_nan=False, allow_infinity=False)
    | some.text(max_size=600)
    | some.sampled_from(
        ["1", "true", "client_1", ID, ID.upper(), f"{{{ID}}}", ID.replace("-", "")]
    ),
    lambda values: some.lists(values, max_size=7) | some.dictionaries(some.text(), values),
    max_leaves=8,
)


@pytest.mark.parametrize("path", schemas.texts(), ids=lambda path: path.name)
def test_what_is_written_is_current(path: Any) -> None:
    stale = "run `python -m gateway.widget.schemas` and commit what it wrote"
    assert path.read_text("utf-8") == schemas.texts()[path], stale


@given(some.sampled_from(FRAMES), some.data())
def test_the_schema_allows_what_the_gateway_takes_and_nothing_else(
    frame: dict[str, Any], data: some.DataObject
) -> None:
    field = data.draw(some.sampled_from([*frame, "another"]))
    changed = {key: value for key, value in frame.items() if key != field}
    if data.draw(some.booleans()):
        changed[field] = data.draw(_VALUES)
    taken = allowed = True
    try:
        parse_frame(json.dumps(changed))
    except FrameError:
        taken = False
    try:
        check_client_frame(changed)
    except AssertionError:
        allowed = False
    # Whether an address is one cannot be said in a schema, and true is 1 to Python alone.
    if field not in ("email", "value"):
        assert taken == allowed


@pytest.mark.parametrize(
    "frame",
    [
        "pong",
        {"type": ["pong"]},
        {"type": "gong"},
        {"type": "pong", "extra": 1},
        {"type": "seen", "seq": "1"},
        {"type": "status", "status": "asleep"},
        {"type": "error", "code": "internal", "text": "left out: id"},
        {"type": "history", "before": 3, "messages": [{"seq": 1}], "earlier": False},
    ],
)
def test_a_frame_that_the_gateway_would_not_send_is_refused(frame: Any) -> None:
    with pytest.raises(AssertionError):
        check_server_frame(frame)


def test_what_is_sent_to_be_refused_is_let_through() -> None:
    check_if_taken({"type": "seen", "seq": "1"})


def test_typescript_says_what_the_schema_says() -> None:
    definition = {
        "description": "One line.\n\nAnother.",
        "properties": {
            "kind": {"const": "a"},
            "words": {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
            "next": {"$ref": "#/$defs/Thing"},
            "size": {"enum": [1, "x"]},
        },
        "required": ["kind"],
    }
    schema = {"oneOf": [{"$ref": "#/$defs/Thing"}], "$defs": {"Thing": definition}}
    assert declarations({"Things": schema}).partition("\n\n")[2] == (
        "export type Things = Thing;\n\n"
        "/**\n * One line.\n *\n * Another.\n */\n"
        "export interface Thing {\n"
        '  kind: "a";\n'
        "  words?: Array<string | null>;\n"
        "  next?: Thing;\n"
        '  size?: 1 | "x";\n'
        "}\n"
    )


def test_what_typescript_cannot_be_told_is_refused() -> None:
    with pytest.raises(GatewayError, match="cannot be said"):
        declarations({"Things": {"type": "object", "$defs": {}}})
    one, other = ({"$defs": {"Thing": {"properties": {name: {}}}}} for name in "ab")
    with pytest.raises(GatewayError, match="Thing is defined in two ways"):
        declarations({"One": one, "Other": other})
