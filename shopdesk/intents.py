"""``shopdesk evaluate intents``: how well messages are told apart, on any data or the bot's own."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from shopdesk.errors import ShopdeskError
from shopdesk.settings import ROOT, load_settings

if TYPE_CHECKING:
    from evaluation.intents import Report

OWN_TEST = ROOT / "evaluation/demo_shop/messages.jsonl"

_out = Console(highlight=False)
_File = Path | None


def evaluate_intents(
    train: Annotated[
        _File, typer.Option(help='JSON Lines of {"text", "intent"}.', exists=True)
    ] = None,
    test: Annotated[_File, typer.Option(help="As --train.", exists=True)] = None,
    out_of_scope: Annotated[
        _File, typer.Option(help='JSON Lines of {"text"}: fit no intent.', exists=True)
    ] = None,
    json_file: Annotated[_File, typer.Option("--json", help="Write the figures here.")] = None,
    curve: Annotated[
        bool, typer.Option("--learning-curve", help="Without --train: with fewer examples too.")
    ] = False,
    plot: Annotated[
        _File, typer.Option(help="Without --train: draw what each threshold costs, as PNG.")
    ] = None,
) -> None:
    """Train the shipped intent pipeline and measure it.

    With --train and --test on data of yours; without, the bot's own examples are cross-validated,
    and the messages that were written apart from them are told apart.
    """
    if (train is None) != (test is None):
        raise ShopdeskError("--train and --test belong together.", "give both, or neither.")
    figures = _on_files(train, test, out_of_scope) if train and test else _own(curve, plot)
    if json_file:
        json_file.write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")
        _out.print(f"[dim]Written to {json_file}[/dim]")


def _on_files(train: Path, test: Path, out_of_scope: _File) -> dict[str, Any]:
    from evaluation import intents

    messages = intents.load_messages(train), intents.load_messages(test)
    unknown = intents.load_messages(out_of_scope, labelled=False) if out_of_scope else []
    with _progress() as progress:
        task = progress.add_task("Loading the encoder", total=None)
        report, seconds, _ = intents.evaluate(
            *messages,
            unknown,
            _reader(),
            intents.shipped_threshold(),
            lambda what: progress.update(task, description=what),
        )
    _show({str(test.name): report})
    _out.print(f"[dim]Trained on {len(messages[0])} messages in {seconds:.0f} s[/dim]")
    return {**asdict(report), "train_seconds": round(seconds, 1)}


def _own(curve: bool, plot: _File) -> dict[str, Any]:
    from evaluation import intents
    from knowledge_base.passages import LANGUAGES

    reader, threshold = _reader(), intents.shipped_threshold()
    examples = [m for language in LANGUAGES for m in intents.own_examples(language)]
    apart = intents.load_messages(OWN_TEST)
    figures: dict[str, Any] = {}
    with _progress() as progress:
        task = progress.add_task("Cross-validating", total=None)

        def say(what: str) -> None:
            progress.update(task, description=what)

        folds = intents.cross_validate(examples, reader, progress=say)
        say("Training on all examples")
        _, seconds, predictions = intents.evaluate(examples, apart, [], reader, threshold, say)
        steps = intents.learning_curve(examples, apart, reader, say) if curve else {}
    reports: dict[str, Report] = {}
    for language in LANGUAGES:
        ours = [p for p in folds if p.message.language == language]
        theirs = [p for p in predictions if p.message.language == language]
        reports[f"{language} cross-validated"] = intents.report(ours, [], threshold)
        reports[f"{language} written apart"] = intents.report(theirs, [], threshold)
    _show(reports)
    _out.print(f"[dim]Trained on {len(examples)} examples in {seconds:.0f} s[/dim]")
    figures = {name: asdict(report) for name, report in reports.items()}
    if steps:
        _show_curve(steps)
        figures["learning_curve"] = steps
    if plot:
        from evaluation.intent_plot import draw

        draw(folds, threshold, plot)
        _out.print(f"[dim]Drawn to {plot}[/dim]")
    return {**figures, "train_seconds": round(seconds, 1)}


def _reader() -> Any:
    from bot.components.reader import Reader
    from shopdesk.prepare import prepare_encoder

    settings = load_settings()
    prepare_encoder(settings, lambda _: _out.status("Checking the embedding model"))
    return Reader(settings.encoder_dir)


def _show(reports: "dict[str, Report]") -> None:
    table = Table(box=None)
    for title in ("", "accuracy", "precision", "recall", "macro F1", "ECE", "AUROC", "unknown"):
        table.add_column(title, justify="left" if not title else "right")
    for name, found in reports.items():
        unknown = (found.out_of_scope_auroc, found.out_of_scope_recall)
        numbers = (
            *(found.accuracy, found.macro_precision, found.macro_recall, found.macro_f1),
            *(found.ece, *unknown),
        )
        table.add_row(name, *("-" if n is None else f"{n:.3f}" for n in numbers))
    _out.print(table)
    for name, found in reports.items():
        pairs = ", ".join(f"{meant} → {taken} {n}" for meant, taken, n in found.confusions[:5])
        _out.print(f"[dim]{name}: {pairs or 'no confusions'}[/dim]")


def _show_curve(steps: dict[str, list[dict[str, float]]]) -> None:
    for language, points in steps.items():
        line = ", ".join(f"{point['examples']:.0f}: {point['macro_f1']:.3f}" for point in points)
        _out.print(f"Learning curve, {language} (examples: macro F1 written apart): {line}")


def _progress() -> Progress:
    return Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=_out,
        transient=True,
    )  # fmt: skip
