"""The command: `python -m benchmarks.fault --help`."""

import argparse
import asyncio
import json
import random
import sys
import time
from pathlib import Path

from rich.console import Console

from benchmarks.fault.report import figures, show
from benchmarks.fault.run import POSTGRES, Result, Run, Size
from benchmarks.system import SystemFailed
from shopdesk.settings import ROOT

FULL = Size(rounds=10, conversations=50, messages=20)
QUICK = Size(rounds=1, conversations=10, messages=6)


def main() -> int:
    """Exit status 0 when nothing was lost, doubled or out of order; else 1."""
    options = _options()
    base = QUICK if options.quick else FULL
    size = Size(
        options.rounds or base.rounds,
        options.conversations or base.conversations,
        options.messages or base.messages,
    )
    databases = ("sqlite", POSTGRES) if options.database == "both" else (options.database,)
    seed = random.randrange(1_000_000) if options.seed is None else options.seed
    console = Console(highlight=False)
    console.print(f"seed {seed}: {size}")
    results: list[Result] = []
    failed = ""
    for database in databases:
        began = time.monotonic()

        def progress(what: str, database: str = database, began: float = began) -> None:
            seconds = time.monotonic() - began
            console.print(f"[dim]{database} {seconds:4.0f} s: {what}[/dim]")

        run = Run(database, seed, size, progress)
        results.append(run.result)
        try:
            asyncio.run(run.run())
        except SystemFailed as error:
            failed = str(error)
            console.print(f"[red]{failed}[/red]")
        if run.result.failures or failed:
            console.print(f"The database and the logs are in {run.state.parent}")
    show(results, size, console)
    _write(options.json, [figures(result) for result in results])
    console.print(f"Play it again with --seed {seed}")
    return 1 if failed or any(result.failures for result in results) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.fault",
        description="Kill every process again and again, and see what the customers see of it.",
    )
    parser.add_argument("--seed", type=int, help="of all choices; a random one is printed")
    parser.add_argument("--rounds", type=int, help="in each, every process is killed once")
    parser.add_argument("--conversations", type=int)
    parser.add_argument("--messages", type=int, help="of each conversation's customer")
    parser.add_argument("--database", choices=("sqlite", POSTGRES, "both"), default="both")
    parser.add_argument("--quick", action="store_true", help="small: some three minutes")
    parser.add_argument("--json", type=Path, default=ROOT / "artefacts/fault.json")
    return parser.parse_args()


def _write(path: Path, rows: list[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
