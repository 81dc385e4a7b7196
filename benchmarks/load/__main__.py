"""The command: `python -m benchmarks.load --help`."""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import psutil
from rich.console import Console
from rich.table import Table

from benchmarks.load.figures import STAGES, summary
from benchmarks.load.idle import Idle, raise_open_files
from benchmarks.load.plot import plot
from benchmarks.load.proxy import Proxy
from benchmarks.load.stack import Stack
from benchmarks.load.talk import Talk, Turn, over_websocket, talk, with_rasa
from knowledge_base.load import load_passages
from shopdesk.settings import ROOT, load_settings

console = Console(highlight=False)

WAYS = ("rasa", "gateway", "whole")
OWN_MS = 10.0
"""The gateway's own share of a message, median, at most."""
IDLE_MB = 200.0
"""What the gateway may hold with all idle sockets open."""
Converse = Callable[[list[str]], Awaitable[list[Turn]]]


def main() -> int:
    """Exit status 0 when the goals are met: see :func:`verdicts`; else 1."""
    options = _options()
    raise_open_files()
    with tempfile.TemporaryDirectory(prefix="shopdesk-load-") as folder:
        figures = asyncio.run(measure(options, Path(folder)))
    show(figures)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "load.json").write_text(json.dumps(figures, indent=1) + "\n")
    plot(figures, options.out / "load.png")
    console.print(f"Written: {options.out / 'load.json'}, {options.out / 'load.png'}")
    return 0 if all(met for _, met in verdicts(figures)) else 1


async def measure(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Start two systems, one with empty and one with real actions, and let customers talk."""
    empty = Stack(folder / "empty", empty_actions=True)
    whole = Stack(folder / "whole", empty_actions=False)
    proxies = [Proxy(stack.proxy_port, stack.rasa_port) for stack in (empty, whole)]
    client = httpx.AsyncClient(base_url=empty.bare_rasa, timeout=60, trust_env=False)
    texts = _texts()
    talks: dict[str, list[Talk]] = {way: [] for way in WAYS}
    try:
        for proxy in proxies:
            await proxy.start()
        for stack in (empty, whole):
            console.print("[dim]starting[/dim]")
            await asyncio.to_thread(stack.start)
        await asyncio.to_thread(empty.start_bare_rasa)
        memory = await _memory(empty, options.open)
        ways: dict[str, tuple[Converse, Stack | None]] = {
            "rasa": (partial(with_rasa, client), None),
            "gateway": (partial(over_websocket, empty.chat), empty),
            "whole": (partial(over_websocket, whole.chat), whole),
        }
        for converse, _ in ways.values():
            await talk(_round(texts, options.talking, 3), converse)  # warms up
        for number in range(options.rounds):
            # There and back: what slows down or speeds up by the minute is nobody's gain.
            for way in WAYS if number % 2 == 0 else reversed(WAYS):
                converse, beside = ways[way]
                said = _round(texts, options.talking, options.messages)
                async with Idle(beside.chat, options.idle) if beside else nullcontext():
                    done = await talk(said, converse)
                talks[way].append(done)
                console.print(f"[dim]round {number + 1}: {way} {done.throughput:.1f}/s[/dim]")
        async with Idle(empty.chat, options.idle):
            alone = await talk(_round(texts, 1, 3 * options.messages), ways["gateway"][0])
        after = await _memory(empty, options.open)
    finally:
        await client.aclose()
        for proxy in proxies:
            proxy.stop()
        for stack in (empty, whole):
            await asyncio.to_thread(stack.stop)
    times = {"rasa": None, "gateway": proxies[0].passages, "whole": proxies[1].passages}
    return {
        "processors": psutil.cpu_count(),
        "talking": options.talking,
        "idle": options.idle,
        "rounds": options.rounds,
        # Nobody waits for anybody: what the gateway does for a message, and no queue.
        "alone": summary([alone], proxies[0].passages),
        "ways": {way: summary(talks[way], times[way]) for way in WAYS},
        "against_rasa": round(
            statistics.median(
                ours.throughput / rasa.throughput
                for ours, rasa in zip(talks["gateway"], talks["rasa"], strict=True)
            ),
            3,
        ),
        "open": options.open,
        "gateway_mb": {"idle": memory[0], "open": memory[1], "open_after_the_rounds": after[1]},
    }


async def _memory(stack: Stack, count: int) -> tuple[float, float]:
    """Megabytes of the gateway without and with ``count`` idle sockets."""
    before = stack.resident("gateway")
    async with Idle(stack.chat, count):
        return round(before, 1), round(stack.resident("gateway"), 1)


def _texts() -> "_Texts":
    passages = load_passages(load_settings().knowledge_base)
    return _Texts(sorted({passage.title for passage in passages if passage.kind == "faq"}))


class _Texts:
    """Questions without end, none twice in the same words: what was embedded is remembered."""

    def __init__(self, questions: list[str]) -> None:
        self._questions = questions
        self._number = 0

    def next(self) -> str:
        self._number += 1
        question = self._questions[self._number % len(self._questions)]
        return f"{question} ({self._number})"


def _round(texts: _Texts, conversations: int, messages: int) -> list[list[str]]:
    return [[texts.next() for _ in range(messages)] for _ in range(conversations)]


def verdicts(figures: dict[str, Any]) -> list[tuple[str, bool]]:
    """The goals in words, and whether each is met."""
    own = figures["ways"]["gateway"]["own_ms"]["p50"]
    alone = figures["alone"]["own_ms"]["p50"]
    held = max(figures["gateway_mb"].values())
    ratio = figures["against_rasa"]
    return [
        (f"throughput {ratio:.2f} of bare Rasa's, at least 1.0", ratio >= 1.0),
        (
            f"the gateway's own share {own} ms p50 with {figures['talking']} talking, at most "
            f"{OWN_MS:g}",
            own <= OWN_MS,
        ),
        (f"the same with one talking {alone} ms p50", alone <= OWN_MS),
        (f"{held} MB with {figures['open']} idle sockets, at most {IDLE_MB:g}", held <= IDLE_MB),
    ]


def show(figures: dict[str, Any]) -> None:
    """Print the table and the verdicts."""
    table = Table("", *WAYS, title="milliseconds a message: p50 / p95")
    ways = [figures["ways"][way] for way in WAYS]

    def row(name: str, pick: Callable[[dict[str, Any]], Any]) -> None:
        cells = [pick(way) for way in ways]
        shown = [f"{c['p50']} / {c['p95']}" if isinstance(c, dict) else str(c) for c in cells]
        table.add_row(name, *shown)

    row("messages a second", lambda way: way["per_second"])
    row("whole", lambda way: way["whole_ms"])
    for stage in STAGES:
        row(f"  {stage}", partial(_stage, stage))
    row("gateway's own", lambda way: way.get("own_ms", "-"))
    console.print(table)
    for what, met in verdicts(figures):
        console.print(f"{'[green]met[/green]' if met else '[red]not met[/red]'}: {what}")


def _stage(stage: str, way: dict[str, Any]) -> Any:
    return way.get("stages_ms", {}).get(stage, "-")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--talking", type=int, default=16, help="conversations at once")
    parser.add_argument("--messages", type=int, default=20, help="of each, in each round")
    parser.add_argument("--idle", type=int, default=500, help="open sockets beside them")
    parser.add_argument("--open", type=int, default=2000, help="open sockets, for the memory")
    parser.add_argument("--out", type=Path, default=ROOT / "artefacts")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
