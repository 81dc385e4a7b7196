"""The three processes: what each is started with, and how to ask whether it is ready."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx
from sqlalchemy import make_url

from shopdesk.errors import StartError
from shopdesk.keys import Keys
from shopdesk.settings import ROOT, Settings

RASA_ENVIRONMENT = {
    "RASA_TELEMETRY_ENABLED": "false",
    # Rasa and TensorFlow announce themselves at length; what matters still reaches the log.
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "SQLALCHEMY_WARN_20": "0",
    "PYTHONWARNINGS": "ignore",
    "LOG_LEVEL": "WARNING",
    # Each thread that ever freed something keeps it for itself: some 20 MB of Rasa's 750.
    "MALLOC_ARENA_MAX": "2",
    # Left to itself, glibc keeps ever larger blocks on the heap once one was freed, and they leave
    # holes; from 128 kB on each block shall go back to the system when it is free.
    "MALLOC_MMAP_THRESHOLD_": "131072",
}


@dataclass(frozen=True, slots=True)
class Server:
    """One of the three processes.

    Attributes:
        name: ``rasa``, ``actions`` or ``gateway``; also ``shopdesk serve``'s argument.
        host, port: what it listens on when it is started here.
        health: the URL that answers 200 once it can do its work.
        headers: what to send along to be let in.
    """

    name: str
    host: str
    port: int
    health: str
    headers: dict[str, str]

    async def is_ready(self, client: httpx.AsyncClient) -> bool:
        """Whether it answers 200 within the client's time-out."""
        try:
            response = await client.get(self.health, headers=self.headers)
        except httpx.HTTPError:
            return False
        return response.status_code == httpx.codes.OK


def servers(settings: Settings, keys: Keys) -> tuple[Server, ...]:
    """The processes of this installation, in the order a message meets them last to first."""
    s, token = settings, {"Authorization": f"Bearer {keys.internal}"}
    rasa = f"{s.rasa}/webhooks/shopdesk/ready"
    return (
        Server("rasa", s.rasa_host, s.rasa_port, rasa, token),
        Server("actions", s.actions_host, s.actions_port, f"{s.actions}/ready", token),
        Server("gateway", s.host, s.port, f"http://127.0.0.1:{s.port}/healthz", {}),
    )


def rasa_executable(settings: Settings) -> str:
    """The ``rasa`` command of Rasa's own environment.

    Raises:
        StartError: it is neither where the settings say, nor in ``.venv-rasa``, nor on PATH.
    """
    candidates = (settings.rasa_command, str(ROOT / ".venv-rasa/bin/rasa"), "rasa")
    for candidate in filter(None, candidates):
        if found := shutil.which(candidate):
            return found
    raise StartError(
        f"Rasa was not found; looked for {', '.join(filter(None, candidates))}.",
        "run `make setup`, or name the command in SHOPDESK_RASA_COMMAND.",
    )


def rasa_environment(settings: Settings, keys: Keys) -> dict[str, str]:
    """The variables that Rasa, its components and its endpoint files read."""
    return {
        **os.environ,
        **RASA_ENVIRONMENT,
        "PYTHONPATH": str(ROOT),
        "SHOPDESK_ENCODER_DIR": str(settings.bot_encoder_dir),
        "SHOPDESK_CATALOGUE": str(settings.knowledge_base / "products.csv"),
        "SHOPDESK_TRACKERS": trackers_url(settings),
        "RASA_TOKEN": keys.internal,
        "ACTION_TOKEN": keys.internal,
        "ACTION_ENDPOINT_URL": f"{settings.actions}/webhook",
    }


def trackers_url(settings: Settings) -> str:
    """Where Rasa keeps its side of the conversations.

    In the shop's database where that is PostgreSQL, through the driver that Rasa has. SQLite has
    one writer at a time, so there it is a file of Rasa's own.
    """
    url = make_url(settings.database)
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)
    return f"sqlite:///{settings.dialogues_file}"


def rasa_arguments(settings: Settings, model: Path) -> list[str]:
    """The command line that serves ``model``.

    Rasa's HTTP API stays off: the one way in is the bot's own channel, which wants the token (and
    so the token stands in no command line either).
    """
    return [
        rasa_executable(settings), "run",
        "--model", str(model),
        "--endpoints", str(ROOT / "bot/endpoints.yml"),
        "--credentials", str(ROOT / "bot/credentials.yml"),
        "--interface", settings.rasa_host,
        "--port", str(settings.rasa_port),
    ]  # fmt: skip


def serve_command(name: str) -> list[str]:
    """The command line that a supervisor runs for the process called ``name``."""
    return [sys.executable, "-m", "shopdesk", "serve", name]
