"""The examples and the numbers of ``docs/protocol.md`` are those of the code."""

import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import TypeAdapter

from gateway.widget import frames
from gateway.widget.limits import Limits
from gateway.widget.socket import CloseCode
from store.status import Status

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```json (client|server)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("side", "example"), EXAMPLES)
def test_an_example_is_a_frame(side: str, example: str) -> None:
    if side == "client":
        frames.parse_frame(example)
        return
    adapter: TypeAdapter[Any] = TypeAdapter(frames.ServerFrame)
    frame = adapter.validate_json(example)
    # Also the form of the time, and that nothing is left out.
    assert json.loads(frame.model_dump_json()) == json.loads(example)


def test_every_kind_of_frame_has_its_example() -> None:
    shown = {(side, json.loads(example)["type"]) for side, example in EXAMPLES}
    client = {"hello", "message", "rating", "ping"}
    server = {frame.model_fields["type"].default for frame in get_args(frames.ServerFrame)}
    assert shown == {("client", kind) for kind in client} | {("server", kind) for kind in server}


def test_every_code_is_described() -> None:
    for code in get_args(frames.ErrorCode):
        assert f"`{code}`" in PAGE
    for name, code in vars(CloseCode).items():
        if not name.startswith("_"):
            assert f"\n| {code} |" in PAGE, name
    for status in Status:
        assert f"\n| `{status}` |" in PAGE


def test_the_limits_are_as_described() -> None:
    limits = Limits()
    for words in (
        f"| a frame | {frames.LONGEST_FRAME:,} bytes |",
        f"| a message | {frames.LONGEST_TEXT:,} characters |",
        f"| a comment | {frames.LONGEST_COMMENT:,} characters |",
        f"| messages on one connection | {limits.messages} at once, "
        f"{limits.messages_per_second:g} a second",
        f"| frames on one connection | {limits.frames} at once, "
        f"{limits.frames_per_second:g} a second",
        f"| connections to one conversation | {limits.sockets} |",
        f"Within {limits.hello:g} seconds",
    ):
        assert words in PAGE
