"""What is told of a run: a table, and the story of the first failure."""

import statistics
from collections import Counter
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from benchmarks.fault.run import Result, Size
from benchmarks.fault.verdict import Kind, notices

_BEFORE, _AFTER = 20.0, 20.0  # seconds of the kills around a conversation


def figures(result: Result) -> dict[str, Any]:
    """The numbers of a run, for a file."""
    failures = Counter(failure.kind for failure in result.failures)
    journals = result.journals
    return {
        "database": result.database,
        "seed": result.seed,
        "seconds": round(result.seconds),
        "conversations": len(journals),
        "messages": sum(len(journal.sent) for journal in journals),
        "answers": sum(m.author == "assistant" for j in journals for m in j.shown),
        "told of an outage": sum(map(notices, journals)),
        "repetitions recognised": sum(journal.repeats for journal in journals),
        "kills": dict(Counter(what.split()[0] for _, what in result.kills if "killed" in what)),
        "recovery_s": {
            victim: round(statistics.median(seconds), 1)
            for victim, seconds in result.recovery.items()
        },
        **{str(kind): failures[kind] for kind in Kind},
    }


def show(results: list[Result], size: Size, console: Console) -> None:
    """Print the table and, where something went wrong, its story."""
    table = Table("seen by the customers", *(result.database for result in results))
    columns = [figures(result) for result in results]
    for name in columns[0]:
        if name not in ("database", "recovery_s", "kills"):
            table.add_row(name, *(str(column[name]) for column in columns))
    victims = {victim: None for column in columns for victim in column["kills"]}
    for victim in victims:
        cells = (
            f"{column['kills'].get(victim, 0)} ({column['recovery_s'].get(victim, '-')} s)"
            for column in columns
        )
        table.add_row(f"{victim} killed (ready again after, median)", *cells)
    console.print(table)
    for result in results:
        if result.failures:
            tell(result, console)


def tell(result: Result, console: Console) -> None:
    """The story of the first failure: what the customer saw, and who was killed meanwhile."""
    first = result.failures[0]
    for failure in result.failures[:20]:
        console.print(f"[red]{failure.kind}[/red] {failure.conversation}: {escape(failure.what)}")
    journal = next((j for j in result.journals if j.name == first.conversation), None)
    if journal is None or not journal.lines:
        return
    console.print(f"\nThe story of {journal.name}, in seconds:")
    begin, end = journal.lines[0][0], journal.lines[-1][0]
    kills = [k for k in result.kills if begin - _BEFORE < k[0] < end + _AFTER]
    for at, what in sorted([*journal.lines, *((at, f"-- {what}") for at, what in kills)]):
        console.print(f"{at - begin:8.2f}  {escape(what)}", soft_wrap=True)
