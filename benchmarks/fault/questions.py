"""Questions of which it is known how this system answers each, told apart by their answers."""

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
    """A question and its answer."""

    text: str
    answer: str


async def known_questions(chat: str, choose: random.Random) -> list[Known]:
    """The knowledge base's own questions, as far as each has an answer that no other has, and has
    it whatever was asked before.

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
    answers = Counter(alone.values())
    known = [
        Known(title, alone[title])
        for title in titles
        if alone[title] == among[title] and answers[alone[title]] == 1
    ]
    if len(known) < 10:
        raise SystemFailed(f"only {len(known)} questions have an answer of their own")
    return known


async def _ask_all(chat: str, questions: list[str], *, together: int) -> dict[str, str]:
    """The answers, in conversations of ``together`` questions; empty where one has no source."""
    answers = {}
    for begin in range(0, len(questions), together):
        async with connect(chat, proxy=None) as socket:
            hello = {"type": "hello", "protocol": 1, "session": None, "last_seq": 0}
            await socket.send(json.dumps(hello))
            for question in questions[begin : begin + together]:
                answers[question] = await _ask(socket, question)
    return answers


async def _ask(socket: ClientConnection, text: str) -> str:
    await socket.send(json.dumps({"type": "message", "id": str(uuid.uuid4()), "text": text}))
    async with asyncio.timeout(60):
        while True:
            frame: dict[str, Any] = json.loads(await socket.recv())
            if frame["type"] == "error":
                raise SystemFailed(f"asking {text!r}: {frame['text']}")
            if frame["type"] == "message" and frame["message"]["author"] != "customer":
                message = frame["message"]
                return str(message["text"]) if message["sources"] else ""
