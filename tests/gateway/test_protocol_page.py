"""The examples and the numbers of ``docs/protocol.md`` are those of the code."""

import dataclasses
import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel, TypeAdapter

from gateway import markdown
from gateway.answering import RETRY_DELAYS, TELL_AFTER
from gateway.limits import Limits
from gateway.texts import RETURN_TO_ASSISTANT, out_of_order
from gateway.transactions import PAGE as MESSAGES
from gateway.widget import frames
from gateway.widget.socket import CloseCode
from store.sessions import Rotation
from store.status import Status
from tests.frames import check_client_frame, check_server_frame

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
# Those within a list are indented.
EXAMPLES = re.findall(
    r"^ *```json (client|server)\n(.*?)^ *```$", PAGE, flags=re.MULTILINE | re.DOTALL
)


@pytest.mark.parametrize(("side", "example"), EXAMPLES)
def test_an_example_is_a_frame(side: str, example: str) -> None:
    if side == "client":
        frames.parse_frame(example)
        check_client_frame(json.loads(example))
        return
    check_server_frame(json.loads(example))
    adapter: TypeAdapter[Any] = TypeAdapter(frames.ServerFrame)
    frame = adapter.validate_json(example)
    # Also the form of the time, and that nothing is left out.
    assert json.loads(frame.model_dump_json()) == json.loads(example)


def test_every_kind_of_frame_has_its_example() -> None:
    shown = {(side, json.loads(example)["type"]) for side, example in EXAMPLES}
    assert shown == {
        (side, get_args(frame.model_fields["type"].annotation)[0])
        for side, union in (("client", frames.AnyClientFrame), ("server", frames.ServerFrame))
        for frame in get_args(union)
    }


@pytest.mark.parametrize("side", ["client", "server"])
def test_the_examples_show_every_field(side: str) -> None:
    union = frames.AnyClientFrame if side == "client" else frames.ServerFrame
    fields = {field for frame in get_args(union) for field in frame.model_fields}
    shown = {field for of, example in EXAMPLES if of == side for field in json.loads(example)}
    assert shown == fields


@pytest.mark.parametrize(
    "model",
    [frames.Hello, frames.CustomerMessage, frames.ContactFrame, frames.Welcome, frames.MessageView],
)
def test_every_field_of_the_large_frames_is_described(model: type[BaseModel]) -> None:
    for field in set(model.model_fields) - {"type"}:
        assert re.search(rf"^\|[^|]*`{field}`[^|]*\|", PAGE, re.MULTILINE), field


def test_every_node_of_markup_is_described() -> None:
    for union in (markdown.Block, markdown.Inline):
        for node in get_args(get_args(union)[0]):
            for name, field in node.model_fields.items():
                assert f"`{field.default if name == 'type' else name}`" in PAGE


def test_every_code_is_described() -> None:
    for code in get_args(frames.ErrorCode):
        assert f"`{code}`" in PAGE
    for name, code in vars(CloseCode).items():
        if not name.startswith("_"):
            assert f"\n| {code} |" in PAGE, name
    for status in Status:
        assert f"\n| `{status}` |" in PAGE


def test_every_quick_reply_of_the_gateway_is_described() -> None:
    for offered in out_of_order("en").quick_replies:
        assert f"\n| `{offered.payload}` |" in PAGE
    assert f"`{RETURN_TO_ASSISTANT}`" in PAGE


def test_the_sizes_are_as_described() -> None:
    for words in (
        f"| a frame | {frames.LONGEST_FRAME:,} bytes |",
        f"| a message | {frames.LONGEST_TEXT:,} characters |",
        f"| files in one message | {frames.MOST_FILES} |",
        f"| a comment | {frames.LONGEST_COMMENT:,} characters |",
        f"at most {frames.LONGEST_TEXT:,} characters (Unicode",
        f"at most {frames.MOST_FILES} files",
        f"| 1 to {frames.LONGEST_TEXT:,} characters |",
        f"{frames.LONGEST_COMMENT:,} characters, or `null`",
        f"| 1009 | a frame of more than {frames.LONGEST_FRAME:,} bytes |",
        f"never more than the newest {MESSAGES} |",
        f"When more than {MESSAGES} messages were missed",
        f"at most {MESSAGES} messages",
    ):
        assert words in PAGE


def test_the_limits_are_as_described() -> None:
    limits = Limits()
    rate = {
        field.name: in_words(value)
        for field in dataclasses.fields(limits)
        if isinstance(value := getattr(limits, field.name), str)
    }
    rows = {
        "sockets": f"| connections to one conversation | {limits.sockets} |",
        "hello": f"Within {limits.hello:g} seconds",
        "queue": f"more than {limits.queue} frames wait",
        "frames": f"| frames on one connection | {limits.frames} at once, ",
        "frames_per_second": f" at once, {limits.frames_per_second:g} a second in the long run |",
        "messages": f"| messages in one conversation | {rate['messages']}, ",
        "bytes": f", {rate['bytes'].replace(' ', ' bytes ', 1)} |",
        "uploads": f"| files sent in one conversation | {rate['uploads']}, ",
        "upload_bytes": f", {rate['upload_bytes'].replace(' ', ' bytes ', 1)} |",
        "sockets_per_address": f"| connections | {limits.sockets_per_address:,} open, ",
        "connections": f" open, {rate['connections'].replace(' ', ' new ones ', 1)} |",
        "messages_per_address": f"| messages | {rate['messages_per_address']}, ",
        "bytes_per_address": f", {rate['bytes_per_address'].replace(' ', ' bytes ', 1)} |",
        "uploads_per_address": f"| files | {rate['uploads_per_address']}, ",
        "upload_bytes_per_address": (
            f", {rate['upload_bytes_per_address'].replace(' ', ' bytes ', 1)} |"
        ),
        "requests": f"| HTTP requests | {rate['requests']} |",
    }
    assert set(rows) == {field.name for field in dataclasses.fields(limits)}
    assert [row for row in rows.values() if row not in PAGE] == []


def test_the_times_are_as_described() -> None:
    rotation = Rotation()
    assert f"After {sum(RETRY_DELAYS[: TELL_AFTER - 1]):g} seconds" in PAGE
    assert rotation.after.total_seconds() == 3_600
    assert "in use for an hour" in PAGE
    assert f"for {rotation.grace.total_seconds() / 60:g} minutes after that" in PAGE


def test_what_is_linked_to_is_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)", PAGE):
        assert (ROOT / "docs" / target).exists(), target


def in_words(rate: str) -> str:
    """``20/20 seconds`` as "20 in 20 seconds", ``1200/minute`` as "1,200 a minute"."""
    count, _, time = rate.partition("/")
    return f"{int(count):,} {'in' if time[0].isdigit() else 'a'} {time}"
