"""``shopdesk evaluate retrieval``: how often the passage that answers comes first, on any data."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from shopdesk.settings import load_settings

if TYPE_CHECKING:
    from evaluation.rankings import Measures

_COLUMNS = {
    "R@1": "recall_at_1", "R@3": "recall_at_3", "R@5": "recall_at_5", "R@10": "recall_at_10",
    "MRR@10": "mrr_at_10", "nDCG@10": "ndcg_at_10", "ECE": "ece", "AUROC": "auroc",
}  # fmt: skip

_out = Console(highlight=False)


def evaluate_retrieval(
    passages: Annotated[
        Path,
        typer.Option(
            help='JSON Lines of {"id", "text", "question"?, "title"?, "language"?}; '
            "what stands before the last # in an id names its document.",
            exists=True,
            dir_okay=False,
        ),
    ],
    queries: Annotated[
        Path,
        typer.Option(
            help='JSON Lines of {"query", "relevant": [ids], "history"?: [newest first], '
            '"language"?}; an empty list: nothing answers it.',
            exists=True,
            dir_okay=False,
        ),
    ],
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the figures here.", dir_okay=False)
    ] = None,
) -> None:
    """Index passages of yours, ask queries whose answers are known, and measure.

    Where a query names a document, that is ranked by its best passage. Beside the shipped search,
    what it is made of is measured alone: vectors, words, and their reciprocal-rank fusion.
    """
    from evaluation.search_sets import load_passage_set, load_query_set
    from evaluation.search_stages import evaluate_search
    from retriever.embedder import load_embedder
    from shopdesk.prepare import prepare_minilm

    texts = load_passage_set(passages)
    asked = load_query_set(queries, texts)
    settings = load_settings()
    prepare_minilm(settings, lambda what: _out.status(what))
    with _progress() as progress:
        embedding = progress.add_task("Embedding the passages", total=None)
        asking = progress.add_task("Asking", total=len(asked), start=False)

        def searched(done: int, total: int) -> None:
            if done == 1:
                progress.start_task(asking)
            progress.update(asking, completed=done, total=total)

        measures, stages = evaluate_search(
            texts,
            asked,
            load_embedder(settings.encoder_dir),
            lambda done, total: progress.update(embedding, completed=done, total=total),
            searched,
        )
    _show({"shipped": measures, **stages})
    if json_file:
        figures = {
            **asdict(measures),
            "stages": {name: asdict(found) for name, found in stages.items()},
        }
        json_file.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
        _out.print(f"[dim]Written to {json_file}[/dim]")


def _show(found: "dict[str, Measures]") -> None:
    table = Table(box=None)
    for title in ("", *_COLUMNS, "p50", "p95"):
        table.add_column(title, justify="right" if title else "left")
    for name, measures in found.items():
        numbers = (getattr(measures, field) for field in _COLUMNS.values())
        table.add_row(
            name,
            *("-" if number is None else f"{number:.3f}" for number in numbers),
            *(f"{number:.1f} ms" for number in (measures.p50_ms, measures.p95_ms)),
        )
    _out.print(table)
    first = found["shipped"]
    _out.print(
        f"[dim]{first.queries} queries, {first.unanswerable} of them without an answer[/dim]"
    )


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        TimeRemainingColumn(), console=_out, transient=True,
    )  # fmt: skip
