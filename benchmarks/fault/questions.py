"""Questions of which it is known what this system answers each from, no two from the same.

The words of an answer are no mark of it: they depend a little on what was asked before.
"""

import asyncio
import json
import random
import uuid
from collections import Counter
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from benchmarks.system import SystemFailed
from knowledge_base.load import load_passages
from shopdesk.settings import load_settings


@dataclass(frozen=True, slots=True)
class Known:
    """A question, and the id of the passage that its answer quotes first."""

    text: str
    source: str


async def known_questions(chat: str, choose: random.Random) -> list[Known]:
    """The knowledge base's own questions, as far as each is answered from a passage from which no
    other is, whatever was asked before.

    Raises:
        SystemFailed: fewer than ten are left.
    """
    passages = load_passages(load_settings().knowledge_base)
    titles = sorted({passage.title for passage in passages if passage.kind == "faq"})
    # By itself first: what brings in a person would silence the assistant for the rest.
    alone = await _ask_all(chat, titles, together=1)
    titles = [title for title in titles if alone[title]]
    choose.shuffle(titles)
    among = await _ask_all(chat, titles, together=10)
    sources = Counter(alone.values())
    known = [
        Known(title, alone[title])
        for title in titles
        if alone[title] == among[title] and sources[alone[title]] == 1
    ]
    if len(known) < 10:
        raise SystemFailed(f"only {len(known)} questions are answered from a passage of their own")
    return known


async def _ask_all(chat: str, questions: list[str], *, together: int) -> dict[str, str]:
    """The sources, asked in conversations of ``together`` questions; empty where there is none."""
    sources = {}
    for begin in range(0, len(questions), together):
        async with connect(chat, proxy=None) as socket:
            hello = {"type": "hello", "protocol": 1, "session": None, "last_seq": 0}
            await socket.send(json.dumps(hello))
            for question in questions[begin : begin + together]:
                sources[question] = await _ask(socket, question)
    return sources


async def _ask(socket: ClientConnection, text: str) -> str:
    await socket.send(json.dumps({"type": "message", "id": str(uuid.uuid4()), "text": text}))
    async with asyncio.timeout(60):
        while True:
            frame: dict[str, Any] = json.loads(await socket.recv())
            if frame["type"] == "error":
                raise SystemFailed(f"asking {text!r}: {frame['text']}")
            if frame["type"] == "message" and frame["message"]["author"] != "customer":
                return first_source(frame["message"]) or ""


def first_source(message: dict[str, Any]) -> str | None:
    """The id of the passage that a message quotes first, None where it quotes none."""
    return message["sources"][0]["id"] if message["sources"] else None
