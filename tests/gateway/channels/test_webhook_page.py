"""``docs/webhook.md``: its events are read, its answers are what is sent, its example runs."""

import asyncio
import json
import os
import re
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.channels.channel import Outgoing
from gateway.channels.configure import AccountSettings, make_channels
from gateway.channels.webhook import WebhookChannel
from gateway.courier import Schedule
from store.records import Card, MessageRecord, QuickReply, Source
from store.status import Author, Status

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "webhook.md").read_text(encoding="utf-8")
_BLOCK = re.compile(r"^```(?P<kind>[^\n]+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks(kind: str) -> list[str]:
    return [block["text"] for block in _BLOCK.finditer(PAGE) if block["kind"] == kind]


@pytest.mark.parametrize("body", blocks("json in"))
def test_each_event_is_read(channel: WebhookChannel, sign: Any, body: str) -> None:
    request = sign(body.encode())
    assert len(channel.read(request.headers, request.body)) == 1


def test_all_events_are_there() -> None:
    kinds = [json.loads(body)["type"] for body in blocks("json in")]
    assert kinds == ["message", "rating", "seen", "end", "survey", "contact"]


async def test_what_is_sent_has_the_fields_that_are_described(
    channel: WebhookChannel, receiver: Any
) -> None:
    replies = (QuickReply("a", "/a"),)
    record = MessageRecord(
        id="m",
        conversation_id="c",
        seq=1,
        author=Author.ASSISTANT,
        text="x",
        language="en",
        at=datetime.now(UTC),
        client_id=None,
        command=None,
        state=None,
        reply_to=None,
        sources=(Source("s", "t", None, "q"),),
        quick_replies=replies,
        rateable=False,
        rating=None,
        cards=(Card("t"),),
    )
    await channel.send(Outgoing("1", "c", "anna", record))
    await channel.send(Outgoing("2", "c", "anna", status=Status.BOT))
    described = [json.loads(block) for block in blocks("json out")]
    for sent, block in zip((one.json for one in receiver.received), described, strict=True):
        assert sent.keys() == block.keys()
    message, described_message = receiver.received[0].json["message"], described[0]["message"]
    assert message.keys() == described_message.keys()
    for part in ("sources", "quick_replies", "cards"):
        assert message[part][0].keys() == described_message[part][0].keys()
    for field in described_message:
        assert f"`{field}`" in PAGE or field in ("id", "text", "language", "at")


def test_the_account_can_be_made(secrets: tuple[str, str]) -> None:
    (text,) = blocks("toml")
    accounts = tomllib.loads(text)["channels"]
    settings = {name: AccountSettings(**table) for name, table in accounts.items()}
    assert make_channels(settings, {"SHOP_WEBHOOK_SECRET": secrets[0]}).keys() == {"shop"}


def test_the_figures_are_those_of_the_schedule() -> None:
    schedule = Schedule()
    assert (schedule.first_pause, schedule.longest_pause) == (1, 600)
    assert (schedule.longest_wish, schedule.timeout) == (3600, 20)
    assert (schedule.give_up_after, schedule.least_attempts) == (24 * 3600, 12)
    assert schedule.keep == 30 * 24 * 3600


@pytest.mark.integration
async def test_the_example_runs(
    make_gateway: Any, free_port: Any, secrets: tuple[str, str], tmp_path: Path
) -> None:
    (code,) = blocks("python")
    (tmp_path / "shop.py").write_text(code, encoding="utf-8")
    port = free_port()
    channel = WebhookChannel("shop", url=f"http://127.0.0.1:{port}", secrets=[secrets[0]])
    gateway = await make_gateway(channels={"shop": channel})
    environment = {
        **os.environ,
        "SHOPDESK_WEBHOOK": f"{gateway.url}/v1/channels/shop",
        "SHOP_WEBHOOK_SECRET": secrets[0],
        "PORT": str(port),
    }
    example = await asyncio.create_subprocess_exec(
        sys.executable,
        str(tmp_path / "shop.py"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=environment,
    )
    assert example.stdin is not None
    assert example.stdout is not None
    try:
        for words in ("Hello", "How long?"):
            example.stdin.write(f"{words}\n".encode())
            line = await asyncio.wait_for(example.stdout.readline(), 20)
            assert line.decode() == f"assistant: You said: {words}\n"
    finally:
        example.kill()
        await example.wait()
