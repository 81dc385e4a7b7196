"""Puts questions to a running assistant over the widget's WebSocket and judges what comes back."""

import json
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from websockets.sync.client import connect
from websockets.sync.connection import Connection

from evaluation.questions import Question, holds_facts, percentile

PROTOCOL = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one question got.

    Attributes:
        question: what was asked.
        answer: the assistant's words.
        sources: the ids of the passages it cites.
        answered: whether it gave an answer; it did when it cites something, or tells the facts from
            the shop's own list.
        right: an answerable question answered with its facts, or an unanswerable one not answered.
        milliseconds: from sending the question to receiving the answer.
    """

    question: Question
    answer: str
    sources: tuple[str, ...]
    answered: bool
    right: bool
    milliseconds: float


def ask_all(
    url: str, questions: Sequence[Question], progress: Callable[[Outcome], None] = lambda _: None
) -> list[Outcome]:
    """Ask each question in a conversation of its own, one after the other.

    Args:
        url: ``ws://127.0.0.1:8000/v1/chat``.
        questions: what to ask.
        progress: told of each outcome as it comes.
    """
    outcomes = []
    for question in questions:
        outcomes.append(ask(url, question))
        progress(outcomes[-1])
    return outcomes


def ask(url: str, question: Question) -> Outcome:
    """Ask one question in a new conversation."""
    with connect(url) as socket:
        hello = {"type": "hello", "protocol": PROTOCOL, "session": None, "last_seq": 0}
        socket.send(json.dumps({**hello, "language": question.language}))
        _receive(socket, "welcome")
        began = time.perf_counter()
        frame = {"type": "message", "id": str(uuid.uuid4()), "text": question.text}
        socket.send(json.dumps(frame))
        message = _receive(socket, "message")["message"]
        milliseconds = (time.perf_counter() - began) * 1000
    sources = tuple(source["id"] for source in message["sources"])
    told = bool(question.facts) and holds_facts(message["text"], question)
    answered = bool(sources) or told
    right = told if question.answerable else not answered
    return Outcome(question, message["text"], sources, answered, right, milliseconds)


def summary(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Figures over ``outcomes``: counts, and latency in milliseconds."""
    answerable = [o for o in outcomes if o.question.answerable]
    unanswerable = [o for o in outcomes if not o.question.answerable]
    milliseconds = [o.milliseconds for o in outcomes]
    return {
        "answerable": len(answerable),
        "right": sum(o.right for o in answerable),
        "wrong": sum(o.answered and not o.right for o in answerable),
        "not_answered": sum(not o.answered for o in answerable),
        "unanswerable": len(unanswerable),
        "refused": sum(not o.answered for o in unanswerable),
        "p50_ms": round(percentile(milliseconds, 0.5), 1),
        "p95_ms": round(percentile(milliseconds, 0.95), 1),
    }


def as_rows(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """The outcomes as plain JSON objects."""
    return [asdict(outcome) for outcome in outcomes]


def _receive(socket: Connection, kind: str) -> dict[str, Any]:
    """The next frame of ``kind``; of the messages, the next one that is not the customer's."""
    while True:
        frame: dict[str, Any] = json.loads(socket.recv(timeout=60))
        if frame["type"] == "error":
            raise RuntimeError(f"the gateway answers: {frame}")
        if frame["type"] == kind and (kind != "message" or _is_reply(frame)):
            return frame


def _is_reply(frame: dict[str, Any]) -> bool:
    return bool(frame["message"]["author"] != "customer")
