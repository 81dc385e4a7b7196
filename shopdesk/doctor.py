"""Looks an installation over and says how to mend what is wrong."""

import importlib.metadata
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx

from shopdesk.errors import ShopdeskError
from shopdesk.keys import load_keys
from shopdesk.ports import check_free
from shopdesk.prepare import MODEL_NAME
from shopdesk.processes import rasa_environment, rasa_executable, servers
from shopdesk.settings import ROOT, Settings


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    Attributes:
        name: what was looked at.
        ok: whether it is as it should be.
        detail: what was found; where it is not ok, also how to mend it.
    """

    name: str
    ok: bool
    detail: str


def examine(settings: Settings) -> Iterator[Finding]:
    """Run every check, one after the other; a check that fails does not stop the others."""
    checks: dict[str, Callable[[Settings], str]] = {
        "environment": _environment,
        "rasa environment": _rasa_environment,
        "embedding model": _embedding_model,
        "knowledge base": _knowledge_base,
        "index": _index,
        "dialogue model": _dialogue_model,
        "database": _database,
        "processes": _processes,
    }
    for name, check in checks.items():
        try:
            yield Finding(name, True, check(settings))
        except Exception as error:  # each room has its own errors; a doctor must survive them all
            yield Finding(name, False, str(error) or type(error).__name__)


def _environment(settings: Settings) -> str:
    locked = dict(
        line.strip().split("==")
        for line in (ROOT / "requirements/app.lock").read_text().splitlines()
        if "==" in line and not line.startswith("#")
    )
    wrong = [
        f"{name} (locked {version})" for name, version in locked.items() if not _has(name, version)
    ]
    if wrong:
        found = f"packages that differ from requirements/app.lock: {', '.join(wrong[:5])}"
        raise ShopdeskError(found, "run `make setup`.")
    return f"Python {sys.version.split()[0]}, {len(locked)} packages as locked"


def _has(name: str, version: str) -> bool:
    try:
        return importlib.metadata.version(name.split("[")[0]) == version.split(" ")[0]
    except importlib.metadata.PackageNotFoundError:
        return False


def _rasa_environment(settings: Settings) -> str:
    command = [rasa_executable(settings), "--version"]
    answer = subprocess.run(  # noqa: S603 - the command is ours, without a shell
        command,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=rasa_environment(settings, load_keys(settings)),
    )
    for line in answer.stdout.splitlines():
        if line.startswith("Rasa Version"):
            return line.split(":", 1)[1].strip()
    found = f"`{command[0]} --version` told no version: {answer.stderr.strip()[-300:]}"
    raise ShopdeskError(found, "remove .venv-rasa and run `make setup`.")


def _embedding_model(settings: Settings) -> str:
    from retriever.export import WEIGHTS_SHA256, check_weights, packaged_weights

    check_weights(packaged_weights())
    return f"sha256 {WEIGHTS_SHA256[:16]}… is the published one"


def _knowledge_base(settings: Settings) -> str:
    from knowledge_base.load import load_passages

    passages = load_passages(settings.knowledge_base)
    counts = {
        f"{kind}/{language}": sum(p.kind == kind and p.language == language for p in passages)
        for kind in ("faq", "policy", "product")
        for language in ("en", "zh")
    }
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def _index(settings: Settings) -> str:
    """All files of the index are read and compared with their hashes, which a start does not."""
    from retriever.content import ContentFolder
    from retriever.embedder import load_embedder
    from retriever.load import check_index
    from retriever.manifest import content_sha256
    from shopdesk.knowledge import require_index

    require_index(settings)
    manifest = check_index(settings.index_dir, load_embedder(settings.encoder_dir).fingerprint)
    content = ContentFolder(settings.knowledge_base)
    found = {name: stamp.sha256 for name, stamp in content.stamps({}).items()}
    if content.rules != manifest.rules or manifest.content_sha256 != content_sha256(found):
        message = "the knowledge base has changed since the index was built"
        raise ShopdeskError(message, "run `make index`; what runs takes it up by itself.")
    count = len(manifest.segments)
    return f"whole and up to date, version {manifest.version} of {count} segments"


def _dialogue_model(settings: Settings) -> str:
    model = settings.bot_dir / MODEL_NAME
    if not model.exists():
        raise ShopdeskError(f"there is none at {model}", "run `make train`.")
    return f"{model.stat().st_size / 1e6:.1f} MB"


def _database(settings: Settings) -> str:
    from store.migrate import check_schema

    check_schema(settings.database)
    return "reachable, schema up to date"


def _processes(settings: Settings) -> str:
    """Running: all must be well. Not running: the ports must be free."""
    running = servers(settings, load_keys(settings))
    answers = {server.name: _answers(server.health, server.headers) for server in running}
    if not any(answers.values()):
        for server in running:
            check_free(server.host, server.port, server.name)
        return "not running; the ports are free"
    silent = [name for name, answered in answers.items() if not answered]
    if silent:
        raise ShopdeskError(
            f"{', '.join(silent)} does not answer",
            f"look into {settings.state_dir / 'log'}, then stop Shopdesk and start it again.",
        )
    return f"all three answer; the chat is at http://{settings.host}:{settings.port}"


def _answers(url: str, headers: dict[str, str]) -> bool:
    try:
        return (
            httpx.get(url, headers=headers, timeout=3, trust_env=False).status_code
            == httpx.codes.OK
        )
    except httpx.HTTPError:
        return False
