"""How long one answered question takes, end to end over the WebSocket, and where the time goes.

Starts the whole system with a state of its own and one customer, who asks the demo shop's
answerable development questions in turn, each in three ways, one right after the other, so that
what else the machine does weighs on all three alike:

- over the WebSocket: what the customer waits for;
- to Rasa's channel: the same without the gateway and the database;
- inside that, what the action itself took: search and answer.

No question is asked twice in the same words: the retriever remembers what it has embedded.

    python -m benchmarks.answers [--json FILE]
"""

import argparse
import json
import socket
import statistics
import tempfile
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
from rich.console import Console
from rich.table import Table
from websockets.sync.client import connect
from websockets.sync.connection import Connection

from evaluation.questions import Question, load_questions, percentile
from shopdesk.keys import load_keys
from shopdesk.prepare import prepare
from shopdesk.settings import ROOT, Settings, load_settings
from shopdesk.supervise import Supervisor

console = Console()


@dataclass(frozen=True, slots=True)
class Timing:
    """One question, in milliseconds."""

    whole: float
    rasa: float
    action: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    questions = load_questions(ROOT / "evaluation/demo_shop/questions.jsonl", "dev")
    with tempfile.TemporaryDirectory() as state:
        figures = measure(Path(state), questions)
    show(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))


def measure(state: Path, questions: list[Question]) -> dict[str, Any]:
    """Start the system in ``state``, ask everything, and stop it."""
    made = load_settings().state_dir
    for name in ("models", "index"):
        (state / name).symlink_to(made / name)
    ports = [free_port() for _ in range(3)]
    settings = Settings(state_dir=state, port=ports[0], rasa_port=ports[1], actions_port=ports[2])
    keys = load_keys(settings)
    prepare(settings, console.status)
    supervisor = Supervisor(settings, keys)
    began = time.perf_counter()
    environment(settings)
    supervisor.start()
    try:
        supervisor.wait_ready(lambda *_: None)
        ready = time.perf_counter() - began
        # What has no answer warms up.
        ask_all(settings, keys.internal, [q for q in questions if not q.answerable][:60])
        timings = ask_all(settings, keys.internal, [q for q in questions if q.answerable])
        return {
            "asked": len(timings),
            "processors": psutil.cpu_count(),
            "other_load": round(psutil.getloadavg()[0], 2),
            "ready_s": round(ready, 1),
            "resident_mb": resident(settings),
            **{
                f"{stage}_{name}": round(percentile([getattr(t, stage) for t in timings], share), 1)
                for stage in ("whole", "rasa", "action")
                for name, share in (("p50_ms", 0.5), ("p95_ms", 0.95))
            },
            "gateway_share_p50_ms": round(statistics.median(t.whole - t.rasa for t in timings), 1),
        }
    finally:
        supervisor.stop()


def ask_all(settings: Settings, token: str, questions: list[Question]) -> list[Timing]:
    """Every question once, each in conversations of its own."""
    timings = []
    with httpx.Client(base_url=settings.rasa, trust_env=False, timeout=60) as rasa:
        for question in questions:
            with connect(f"ws://127.0.0.1:{settings.port}/v1/chat") as chat:
                hello = {"type": "hello", "protocol": 1, "session": None, "last_seq": 0}
                chat.send(json.dumps({**hello, "language": question.language}))
                whole = over_websocket(chat, question.text)
            other_words = question.text + (" thanks" if question.language == "en" else "谢谢")
            body = {"sender": str(uuid.uuid4()), "message": other_words, "metadata": {}}
            headers = {"Authorization": f"Bearer {token}"}
            began = time.perf_counter()
            (reply,) = rasa.post("/webhooks/shopdesk/webhook", json=body, headers=headers).json()
            alone = (time.perf_counter() - began) * 1000
            # Only answered questions: small talk and refusals say nothing here.
            if reply.get("custom", {}).get("answered"):
                timings.append(Timing(whole, alone, reply["custom"]["latency_ms"]))
    return timings


def over_websocket(chat: Connection, text: str) -> float:
    """Milliseconds from sending ``text`` to the assistant's message."""
    began = time.perf_counter()
    chat.send(json.dumps({"type": "message", "id": str(uuid.uuid4()), "text": text}))
    while True:
        frame = json.loads(chat.recv(timeout=60))
        if frame["type"] == "message" and frame["message"]["author"] != "customer":
            return (time.perf_counter() - began) * 1000
        assert frame["type"] != "error", frame


def environment(settings: Settings) -> None:
    """The children read their settings from variables."""
    import os

    os.environ |= {
        "SHOPDESK_STATE_DIR": str(settings.state_dir),
        "SHOPDESK_PORT": str(settings.port),
        "SHOPDESK_RASA_PORT": str(settings.rasa_port),
        "SHOPDESK_ACTIONS_PORT": str(settings.actions_port),
    }


def resident(settings: Settings) -> dict[str, int]:
    """Megabytes that each process holds, by the port that it listens on."""
    ports = {
        settings.port: "gateway",
        settings.rasa_port: "rasa",
        settings.actions_port: "actions",
    }
    return {
        ports[connection.laddr.port]: round(psutil.Process(connection.pid).memory_info().rss / 1e6)
        for connection in psutil.net_connections(kind="tcp")
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port in ports
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def show(figures: dict[str, Any]) -> None:
    table = Table("milliseconds a question", "p50", "p95")
    names = {"whole": "over the WebSocket", "rasa": "Rasa with the action", "action": "the action"}
    for stage, name in names.items():
        table.add_row(name, str(figures[f"{stage}_p50_ms"]), str(figures[f"{stage}_p95_ms"]))
    console.print(table)
    console.print_json(json.dumps(figures))


if __name__ == "__main__":
    main()
