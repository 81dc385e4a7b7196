"""``shopdesk evaluate retrieval``: how often the passage that answers comes first, on any data."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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

from shopdesk.errors import ShopdeskError
from shopdesk.settings import ROOT, Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.rankings import Measures
    from evaluation.search_sets import Query
    from knowledge_base.passages import Passage

OWN_QUERIES = ROOT / "evaluation/demo_shop/retrieval.jsonl"

_File = Path | None

_COLUMNS = {
    "R@1": "recall_at_1", "R@3": "recall_at_3", "R@5": "recall_at_5", "R@10": "recall_at_10",
    "MRR@10": "mrr_at_10", "nDCG@10": "ndcg_at_10", "ECE": "ece", "AUROC": "auroc",
}  # fmt: skip

_out = Console(highlight=False)


def evaluate_retrieval(
    passages: Annotated[
        _File,
        typer.Option(
            help='JSON Lines of {"id", "text", "question"?, "title"?, "language"?}; '
            "what stands before the last # in an id names its document.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    queries: Annotated[
        _File,
        typer.Option(
            help='JSON Lines of {"query", "relevant": [ids], "history"?: [newest first], '
            '"language"?, "split"?}; an empty list: nothing answers it.',
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    split: Annotated[
        str | None, typer.Option(help="Which of the queries; without it, all.")
    ] = None,
    json_file: Annotated[_File, typer.Option("--json", help="Write the figures here.")] = None,
) -> None:
    """Index passages, ask queries whose answers are known, and measure.

    With --passages and --queries on data of yours; without, the shop's own content is asked what
    was written for the demo shop, each language by itself. Where a query names a document, that is
    ranked by its best passage. Beside the shipped search, what it is made of is measured alone:
    vectors, words, and their reciprocal-rank fusion.
    """
    from evaluation.search_sets import load_passage_set, load_query_set
    from knowledge_base.load import load_passages
    from knowledge_base.passages import LANGUAGES

    if (passages is None) != (queries is None):
        raise ShopdeskError("--passages and --queries belong together.", "give both, or neither.")
    settings = load_settings()
    if passages and queries:
        texts = load_passage_set(passages)
        figures = _figures(settings, texts, load_query_set(queries, texts, split))
    else:
        texts = load_passages(settings.knowledge_base)
        asked = load_query_set(OWN_QUERIES, texts, split)
        figures = {
            language: _figures(
                settings,
                [passage for passage in texts if passage.language == language],
                [query for query in asked if query.language == language],
            )
            for language in LANGUAGES
        }
    if json_file:
        json_file.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
        _out.print(f"[dim]Written to {json_file}[/dim]")


def _figures(
    settings: Settings, passages: "Sequence[Passage]", queries: "Sequence[Query]"
) -> dict[str, Any]:
    from evaluation.search_stages import evaluate_search
    from retriever.embedder import load_embedder
    from shopdesk.indexing import prepare_minilm

    prepare_minilm(settings, _out.status)
    with _progress() as progress:
        embedding = progress.add_task("Embedding the passages", total=None)
        asking = progress.add_task("Asking", total=len(queries), start=False)

        def searched(done: int, total: int) -> None:
            progress.start_task(asking)
            progress.update(asking, completed=done, total=total)

        measures, stages = evaluate_search(
            passages,
            queries,
            load_embedder(settings.encoder_dir),
            lambda done, total: progress.update(embedding, completed=done, total=total),
            searched,
        )
    _show({"shipped": measures, **stages})
    return {
        **asdict(measures),
        "stages": {name: asdict(found) for name, found in stages.items()},
    }


def _show(found: "dict[str, Measures]") -> None:
    table = Table(box=None, padding=(0, 1, 0, 0))
    for title in ("", *_COLUMNS, "p50 ms", "p95 ms"):
        table.add_column(title, justify="right" if title else "left", no_wrap=True)
    for name, measures in found.items():
        numbers = (getattr(measures, field) for field in _COLUMNS.values())
        table.add_row(
            name,
            *("-" if number is None else f"{number:.3f}" for number in numbers),
            *(f"{number:.1f}" for number in (measures.p50_ms, measures.p95_ms)),
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
