"""What must stand before anything starts: encoders, index, Rasa model, database schema.

Each is made again only when what it is made from has changed, so a second start is quick.
"""

import hashlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from shopdesk.errors import StartError
from shopdesk.indexing import Step, build, prepare_minilm
from shopdesk.keys import load_keys
from shopdesk.processes import rasa_environment, rasa_executable
from shopdesk.settings import ROOT, Settings

MODEL_NAME = "bot.tar.gz"


def prepare(settings: Settings, step: Step) -> None:
    """Make everything that is missing or out of date.

    Raises:
        ShopdeskError, and the rooms' own errors: each says what was found and what to do.
    """
    settings.state_dir.mkdir(parents=True, exist_ok=True)
    prepare_index(settings, step)
    train_bot(settings, step)
    migrate_database(settings, step)


def prepare_encoder(settings: Settings, step: Step) -> None:
    """Write what the bot reads messages with as ONNX: ``bot_encoder``, or else MiniLM.

    Raises:
        EncoderError: the model cannot be had, or not be used.
    """
    if not settings.bot_encoder:
        prepare_minilm(settings, step)
        return
    from retriever.export_hub import export_encoder

    with step(f"Checking the bot's embedding model, {settings.bot_encoder}"):
        export_encoder(
            settings.bot_encoder,
            settings.bot_encoder_dir,
            settings.bot_encoder_revision or None,
        )


def prepare_index(settings: Settings, step: Step) -> bool:
    """Bring the index up to date with the knowledge base; True when something had changed."""
    prepare_minilm(settings, step)
    with step("Indexing the knowledge base"):
        return build(settings)


def migrate_database(settings: Settings, step: Step) -> None:
    """Bring the database to the newest schema."""
    from store.migrate import migrate

    with step("Migrating the database"):
        migrate(settings.database)


def train_bot(settings: Settings, step: Step) -> bool:
    """Train the Rasa model when ``bot/``, Rasa or the encoder changed; True when it was trained.

    Raises:
        EncoderError: the encoder cannot be had, or not be used.
        StartError: Rasa could not train; the end of what it said is in the message.
    """
    prepare_encoder(settings, step)
    model, mark = settings.bot_dir / MODEL_NAME, settings.bot_dir / "made-from"
    fingerprint = _fingerprint(settings)
    if model.exists() and mark.exists() and mark.read_text() == fingerprint:
        return False
    settings.bot_dir.mkdir(parents=True, exist_ok=True)
    reading = f", which reads through {settings.bot_encoder}" if settings.bot_encoder else ""
    with (
        step(f"Training the dialogue model{reading} (two to four minutes)"),
        tempfile.TemporaryDirectory(dir=settings.bot_dir) as draft,
    ):
        log = settings.bot_dir / "train.log"
        command = [
            rasa_executable(settings), "train",
            "--config", str(ROOT / "bot/config.yml"),
            "--domain", str(ROOT / "bot/domain"),
            "--data", str(ROOT / "bot/data"),
            "--out", draft,
            "--fixed-model-name", MODEL_NAME.removesuffix(".tar.gz"),
            "--force",
        ]  # fmt: skip
        with log.open("wb") as output:
            finished = subprocess.run(  # noqa: S603 - the command is ours, without a shell
                command,
                # Rasa writes a cache where it runs; in the draft it goes with the draft.
                cwd=draft,
                env=rasa_environment(settings, load_keys(settings)),
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
        trained = Path(draft) / MODEL_NAME
        if finished.returncode != 0 or not trained.exists():
            raise StartError(
                f"Rasa could not train the dialogue model ({finished.returncode}):\n{tail(log)}",
                f"correct what it names; the whole log is {log}",
            )
        os.replace(trained, model)
        mark.write_text(fingerprint)
    return True


def tail(log: Path, lines: int = 15) -> str:
    """The last ``lines`` lines of a log, indented, for an error message."""
    if not log.exists():
        return "  (no log)"
    text = log.read_text(errors="replace").strip().splitlines()[-lines:]
    return "\n".join(f"  | {line}" for line in text) or "  (the log is empty)"


def _fingerprint(settings: Settings) -> str:
    digest = hashlib.sha256()
    for path in _made_from(settings):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _made_from(settings: Settings) -> Iterator[Path]:
    """The files that the trained model depends on. endpoints and credentials are read at start."""
    yield ROOT / "bot/config.yml"
    for folder in ("domain", "data", "components"):
        for path in sorted((ROOT / "bot" / folder).rglob("*")):
            if path.suffix in (".yml", ".py"):
                yield path
    yield ROOT / "requirements/rasa.lock"
    yield settings.bot_encoder_dir / "manifest.json"
