"""The ``shopdesk`` command.

Heavy imports stand inside the commands: `shopdesk --help` and the gateway must not load models.
"""

import asyncio
import json
import os
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from commerce.errors import CommerceError
from evaluation.questions import QuestionsError
from gateway.errors import GatewayError
from generator.errors import GeneratorError
from knowledge_base.errors import ContentError
from knowledge_base.language import detect_language
from retriever.errors import RetrieverError
from shopdesk import deliveries, indexing, intents, orphans, retrieval
from shopdesk.errors import ShopdeskError, StartError
from shopdesk.settings import ROOT, load_settings
from store.errors import StoreError

if TYPE_CHECKING:
    from shopdesk.backup import State

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A self-hosted customer-service assistant for online shops.",
    rich_markup_mode=None,
)
index = typer.Typer(no_args_is_help=True, help="The search index over the knowledge base.")
train = typer.Typer(no_args_is_help=True, help="Train the models.")
evaluate = typer.Typer(no_args_is_help=True, help="Measure how good the assistant is.")
app.add_typer(index, name="index")
app.add_typer(train, name="train")
app.add_typer(evaluate, name="evaluate")
app.add_typer(deliveries.app, name="deliveries")
index.command("build")(indexing.index_build)
evaluate.command("intents")(intents.evaluate_intents)
evaluate.command("retrieval")(retrieval.evaluate_retrieval)

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

Question = Annotated[str, typer.Argument(help="The customer's words.")]


@app.command()
def run() -> None:
    """Prepare what is missing, start everything, and stop it all on Ctrl-C."""
    from shopdesk.keys import load_keys
    from shopdesk.prepare import prepare
    from shopdesk.supervise import Supervisor, interrupt_on_terminate

    settings = load_settings()
    interrupt_on_terminate()
    keys = load_keys(settings)
    supervisor = Supervisor(settings, keys)
    supervisor.check_ports()
    prepare(settings, _step)
    try:
        supervisor.start()
        with out.status("Starting") as status:
            supervisor.wait_ready(
                lambda waiting, seconds: status.update(
                    f"Starting: waiting for {', '.join(waiting)} ({seconds:.0f} s)"
                )
            )
        out.print(f"Shopdesk is ready: [bold]http://{_shown(settings.host)}:{settings.port}[/bold]")
        out.print(f"[dim]Logs: {settings.state_dir / 'log'}   Stop: Ctrl-C[/dim]")
        status_code = supervisor.wait_end()
        err.print(f"Shopdesk's supervisor ended by itself (exit {status_code}).")
        raise typer.Exit(1)
    except KeyboardInterrupt:
        out.print("Stopping")
    finally:
        supervisor.stop()


@app.command()
def prepare() -> None:
    """Make the encoder, the index, the dialogue model and the database, where out of date."""
    from shopdesk import prepare as steps

    steps.prepare(load_settings(), _step)


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    from shopdesk.prepare import migrate_database

    migrate_database(load_settings(), _step)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="A file to write, or a folder to write it to.")],
) -> None:
    """Back up database, files and keys (SQLite); the gateway may go on running."""
    from shopdesk.backup import back_up

    written = back_up(_state(), file)
    out.print(f"{written} ({written.stat().st_size / 1_000_000:.1f} MB)", soft_wrap=True)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What `shopdesk backup` wrote.")],
) -> None:
    """Put a backup in place (SQLite), while the gateway is stopped; nothing is deleted."""
    from shopdesk import restore as restoring

    restored = restoring.restore(_state(), file)
    counts = ", ".join(f"{count} {name}" for name, count in restored.manifest.counts.items())
    out.print(f"Restored as of {restored.manifest.made_at:%Y-%m-%d %H:%M} UTC: {counts}.")
    if restored.replaced:
        out.print(f"What was there before is in {restored.replaced}", soft_wrap=True)


@app.command()
def serve(
    name: Annotated[str, typer.Argument(help="gateway, actions or rasa.")],
) -> None:
    """Run one of the three processes in the foreground; `run` starts all of them."""
    from shopdesk import serve as processes

    if os.environ.get("SHOPDESK_SUPERVISED"):
        orphans.die_with(os.getppid())
    settings = load_settings()
    processes.configure_log(settings.log_level)
    serving = {
        "gateway": processes.serve_gateway,
        "actions": processes.serve_actions,
        "rasa": processes.serve_rasa,
    }
    if name not in serving:
        message = f"{name!r} is not one of {', '.join(serving)}"
        raise typer.BadParameter(message)
    serving[name](settings)


@app.command()
def chat(
    language: Annotated[str, typer.Option(help="The page's language: en or zh.")] = "en",
    url: Annotated[str, typer.Option(help="The gateway, when it is not the one here.")] = "",
) -> None:
    """Talk to the running assistant, over the same WebSocket as the widget."""
    from shopdesk.chat import Chat, chat_address

    settings = load_settings()
    address = chat_address(url or f"http://127.0.0.1:{settings.port}")
    asyncio.run(Chat(address, language, out).run())


@train.command("bot")
def train_bot_command() -> None:
    """Train the Rasa model, if what it is made from has changed."""
    from shopdesk.prepare import train_bot

    trained = train_bot(load_settings(), _step)
    out.print("The dialogue model was trained." if trained else "The dialogue model is up to date.")


@app.command()
def search(
    question: Question,
    k: Annotated[int, typer.Option("-k", help="How many passages.", min=1, max=50)] = 5,
) -> None:
    """Show the passages that are found for a question, with their scores (0 to 1)."""
    from shopdesk.knowledge import load_search

    searcher = load_search(load_settings())
    for scored in searcher.search(question, detect_language(question), k=k):
        passage = scored.passage
        out.print(f"[bold]{scored.score:.3f}[/bold]  {escape(passage.title)}")
        out.print(f"       [dim]{passage.id}  {passage.source}:{passage.line}[/dim]")


@app.command()
def answer(question: Question) -> None:
    """Answer one question from the knowledge base, without the dialogue around it."""
    from shopdesk.knowledge import load_searcher_and_answerer

    settings = load_settings()
    searcher, answerer = load_searcher_and_answerer(settings)
    language = detect_language(question)
    evidence = searcher.search(question, language, k=settings.passages)
    found = answerer.answer(question, evidence, language)
    out.print(escape(found.text))
    for citation in found.citations:
        out.print(f"  [dim]- {escape(citation.title)} ({citation.passage_id})[/dim]")
    how = found.writer or "not answered"
    out.print(f"[dim]{how}, confidence {found.confidence:.2f}, {found.latency_ms:.0f} ms[/dim]")


@evaluate.command("chat")
def evaluate_chat(
    questions: Annotated[
        Path, typer.Option(help="JSON Lines: see evaluation/demo_shop/README.md.", exists=True)
    ] = ROOT / "evaluation/demo_shop/questions.jsonl",
    split: Annotated[str, typer.Option(help="Which of the questions.")] = "test",
    json_file: Annotated[Path | None, typer.Option("--json", help="Write all of it here.")] = None,
    url: Annotated[str, typer.Option(help="The chat, when it is not the one here.")] = "",
) -> None:
    """Put questions to the running assistant and count the right answers."""
    from evaluation import chat as evaluation
    from evaluation.questions import load_questions
    from shopdesk.chat import chat_address

    def show(outcome: evaluation.Outcome) -> None:
        mark = "[green]right[/green]" if outcome.right else "[red]wrong[/red]"
        out.print(f"{mark} [bold]{escape(outcome.question.text)}[/bold]")
        out.print(f"      {escape(outcome.answer)} [dim]{', '.join(outcome.sources)}[/dim]")

    address = chat_address(url or f"http://127.0.0.1:{load_settings().port}")
    try:
        outcomes = evaluation.ask_all(address, load_questions(questions, split), show)
    except OSError as error:
        raise StartError(f"No chat at {address}: {error}", "start it with `make run`.") from None
    figures = evaluation.summary(outcomes)
    out.print_json(json.dumps(figures))
    if json_file:
        rows = {**figures, "outcomes": evaluation.as_rows(outcomes)}
        json_file.write_text(json.dumps(rows, ensure_ascii=False, indent=1))


@app.command()
def doctor() -> None:
    """Check environments, models, knowledge base, index, database and processes."""
    from shopdesk.doctor import examine

    healthy = True
    for finding in examine(load_settings()):
        healthy &= finding.ok
        mark = "[green]ok[/green]  " if finding.ok else "[red]bad[/red] "
        out.print(f"{mark} [bold]{finding.name}[/bold]: {escape(finding.detail)}")
    if not healthy:
        raise typer.Exit(1)


def main() -> None:
    """Run the command; what the user can mend is one message, not a traceback."""
    expected = (
        ShopdeskError, ContentError, RetrieverError, GeneratorError, GatewayError, StoreError,
        QuestionsError, CommerceError,
    )  # fmt: skip
    try:
        app()
    except expected as error:
        err.print(f"[red]error:[/red] {escape(str(error))}", soft_wrap=True)
        sys.exit(1)


def _state() -> "State":
    from shopdesk.backup import State

    settings = load_settings()
    keys = settings.state_dir / "keys.json"
    return State(settings.database, settings.files_dir, keys, settings.dialogues_file)


def _step(name: str) -> AbstractContextManager[object]:
    return out.status(name) if out.is_terminal else _Line(name)


class _Line:
    """A step's name on a line of its own, where there is no terminal to animate it."""

    def __init__(self, name: str) -> None:
        out.print(name)

    def __enter__(self) -> "_Line":
        return self

    def __exit__(self, *_: object) -> None:
        return None


def _shown(host: str) -> str:
    """0.0.0.0 is no address to open; this machine's is."""
    return "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104
