"""``shopdesk index build``: bring the search index up to date, once or whenever a file changes."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from knowledge_base.errors import ContentError
from retriever.errors import RetrieverError
from shopdesk.settings import Settings, load_settings

if TYPE_CHECKING:
    from knowledge_base.passages import Language
    from retriever.dense import Choice
    from retriever.update import Options

_LOOK_SECONDS = 0.3
_SETTLED_SECONDS = 0.1
_TOLD_SECONDS = 30.0
"""Between two lines on how far it is, where there is no terminal to draw a bar on."""

Step = Callable[[str], AbstractContextManager[object]]
"""Shows a step's name while it runs; the command line passes rich's ``status``."""

_out = Console(highlight=False)


def index_build(
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on, and take up every change of a file.")
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Embed all texts anew; for a damaged index.")
    ] = False,
    engine: Annotated[
        str, typer.Option(help="Where texts are embedded: local, or ray on several machines.")
    ] = "local",
    address: Annotated[
        str, typer.Option(help="Ray's head, such as ray://host:10001; unset, Ray starts here.")
    ] = "",
) -> None:
    """Read the files of the knowledge base that have changed, and bring the index up to date.

    What is embedded is kept when this is interrupted, and taken up again. Running servers go on
    with the new index by themselves.
    """
    if engine not in ("local", "ray"):
        message = f"{engine!r} is not one of local, ray"
        raise typer.BadParameter(message)
    settings = load_settings()
    prepare_minilm(settings, _out.status)
    try:
        built = build(settings, fresh=fresh, ray=address if engine == "ray" else None)
        _out.print("The index was built." if built else "The index is up to date.")
        if watch:
            _watch(settings)
    except KeyboardInterrupt:
        if not watch:
            _out.print("Interrupted. What is embedded is kept: the next build goes on from there.")
            raise typer.Exit(130) from None


def prepare_minilm(settings: Settings, step: Step) -> None:
    """Check the packaged MiniLM weights and write them as ONNX."""
    from retriever.export import export_minilm

    with step("Checking the embedding model"):
        export_minilm(settings.encoder_dir)


def build(settings: Settings, *, fresh: bool = False, ray: str | None = None) -> bool:
    """Bring the index up to date; True when something had changed.

    Args:
        fresh: trust nothing of the index that is there.
        ray: the address of a Ray cluster to embed on, "" to start one here; None for neither.

    Raises:
        ContentError, RetrieverError: as `retriever.build.update_index`.
    """
    from retriever.build import update_index
    from retriever.content import ContentFolder
    from retriever.embedder import load_embedder

    embedder = load_embedder(settings.encoder_dir, threads=2)
    content = ContentFolder(settings.knowledge_base)
    with _Shown() as shown:
        options = replace(shown.options(settings), fresh=fresh)
        if ray is None:
            return update_index(embedder, content, settings.index_dir, options)
        from retriever.ray_engine import ray_engine

        with ray_engine(settings.encoder_dir, ray) as engine:
            options = replace(options, engine=engine)
            return update_index(embedder, content, settings.index_dir, options)


class _Shown:
    """Tells on the terminal how a build goes; a bar only when there is something to embed."""

    def __init__(self) -> None:
        self._bar = Progress(
            SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
            _Rate(), TimeRemainingColumn(), console=_out, transient=True,
            disable=not _out.is_terminal,
        )  # fmt: skip
        self._began = self._told = time.monotonic()

    def __enter__(self) -> "_Shown":
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def options(self, settings: Settings) -> "Options":
        """Those of the settings, with what tells of the build."""
        from retriever.update import Options

        kind = settings.index_kind
        return Options(
            kind=None if kind == "auto" else kind,
            progress=self._embedded,
            waiting=lambda: _out.print("Another build is running; waiting for it to end."),
            chosen=self._chosen,
        )

    def _embedded(self, done: int, total: int) -> None:
        if not self._bar.tasks or self._bar.finished:
            self._bar.add_task("Embedding", total=total)
            self._bar.start()
        self._bar.update(self._bar.tasks[-1].id, completed=done, total=total)
        now = time.monotonic()
        if not _out.is_terminal and now - self._told > _TOLD_SECONDS:
            self._told, rate = now, done / (now - self._began)
            left = (total - done) / rate / 60
            _out.print(f"{done:,} of {total:,} texts, {rate:,.0f}/s, {left:.0f} minutes left")

    def _chosen(self, language: "Language", texts: int, choice: "Choice") -> None:
        _out.print(f"[dim]{language}: {texts:,} texts, index {choice.kind}: {choice.reason}[/dim]")


class _Rate(TextColumn):
    """Texts a second."""

    def __init__(self) -> None:
        super().__init__("")

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f}/s" if task.speed else "", style="progress.data.speed")


def _watch(settings: Settings) -> None:
    """Bring the index up to date after every change, until Ctrl-C."""
    from retriever.build import update_index
    from retriever.content import ContentFolder
    from retriever.embedder import load_embedder
    from retriever.merge import is_due

    embedder = load_embedder(settings.encoder_dir, threads=2)
    content = ContentFolder(settings.knowledge_base)
    merging: subprocess.Popen[bytes] | None = None
    _out.print(f"Watching {settings.knowledge_base}. Stop: Ctrl-C", soft_wrap=True)
    for _ in changes(settings.knowledge_base):
        began = time.perf_counter()
        try:
            with _Shown() as shown:
                options = replace(shown.options(settings), merge=False)
                built = update_index(embedder, content, settings.index_dir, options)
        except (ContentError, RetrieverError, OSError) as error:
            _out.print(f"[red]error:[/red] {escape(str(error))}", soft_wrap=True)
            continue
        if built:
            seconds = time.perf_counter() - began
            _out.print(f"{datetime.now():%H:%M:%S}  up to date after {seconds:.1f} s")
        idle = merging is None or merging.poll() is not None
        if idle and is_due(settings.index_dir, embedder.fingerprint):
            # Beside this one, which goes on: where the index is large it takes minutes.
            merging = subprocess.Popen([sys.executable, "-m", "shopdesk", "index", "build"])


def changes(folder: Path, sleep: Callable[[float], None] = time.sleep) -> Iterator[None]:
    """One for each time that something below ``folder`` has changed, once that has settled.

    Looked for and not told by the system: that works on every file system, a network's or a
    container's too, and costs 10 ms for 2,000 files.
    """
    seen = _look(folder)
    while True:
        sleep(_LOOK_SECONDS)
        now = _look(folder)
        if now == seen:
            continue
        while now != seen:
            seen = now
            sleep(_SETTLED_SECONDS)
            now = _look(folder)
        yield


def _look(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Each file's inode, size and time."""
    found: dict[str, tuple[int, int, int]] = {}
    waiting = [str(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir():
                        waiting.append(entry.path)
                    else:
                        status = entry.stat()
                        found[entry.path] = (status.st_ino, status.st_size, status.st_mtime_ns)
        except OSError:  # it has just gone; the next look will not meet it
            continue
    return found
