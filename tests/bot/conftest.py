"""The real Rasa with the trained bot, and a stand-in action server that records its calls."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from retriever.export import export_minilm

ROOT = Path(__file__).resolve().parents[2]
RASA = ROOT / ".venv-rasa" / "bin" / "rasa"
TOKEN = "the-token-of-this-test"
ACTION_TOKEN = "the-token-of-the-actions"
START_SECONDS = 180


@dataclass
class Actions:
    """What Rasa asked of the action server.

    ``answered``: whether the next answer helps; ``silent``: whether the server fails instead;
    ``delay``: seconds that it takes. ``asking``: what a form asks for next, None to end it;
    ``then``: the action that its next answer has Rasa go on with.
    """

    url: str
    calls: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    answered: bool = True
    silent: bool = False
    delay: float = 0.0
    asking: str | None = "order_number"
    then: str | None = None


@dataclass(frozen=True)
class Bot:
    """The running bot, as the gateway sees it."""

    url: str
    actions: Actions

    def post(self, body: Any, token: str | None = TOKEN, timeout: float = 30) -> httpx.Response:
        """Post ``body`` to the channel."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        address = f"{self.url}/webhooks/shopdesk/webhook"
        return httpx.post(address, json=body, headers=headers, timeout=timeout)

    def say(self, text: str, conversation: str, page: str = "en") -> dict[str, Any]:
        """Say ``text`` as a customer on a page in ``page``; the bot's one reply."""
        body = {"sender": conversation, "message": text, "metadata": {"language": page}}
        replies = self.post(body).raise_for_status().json()
        assert len(replies) == 1, replies
        reply: dict[str, Any] = replies[0]
        return reply


@pytest.fixture(scope="session")
def action_server() -> Iterator[Actions]:
    """An HTTP server that speaks Rasa's action protocol and says what it was asked."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            actions.calls.append(call)
            actions.paths.append(self.path)
            time.sleep(actions.delay)
            if actions.silent:
                self.send_error(500)
                return
            latest = call["tracker"]["latest_message"]
            said = {
                "action": call["next_action"],
                "intent": latest["intent"]["name"],
                "language": call["tracker"]["slots"]["language"],
            }
            slot = {"event": "slot", "name": "offered_human", "value": not actions.answered}
            answers = call["next_action"] == "action_answer_question"
            events = [slot] if answers else []
            if call["next_action"].startswith("validate_"):
                # As the forms do: what is asked next, or nothing, which ends the form.
                asked = {"event": "slot", "name": "requested_slot", "value": actions.asking}
                # Rasa takes a form that sets nothing but this for one that rejects the message.
                events = [{"event": "slot", "name": "details", "value": {}}, asked]
                if actions.then:
                    events.append({"event": "followup", "name": actions.then})
                    actions.then = None
            reply = {"events": events, "responses": [{"custom": said}]}
            body = json.dumps(reply).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Keep the test's output clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        actions = Actions(f"http://127.0.0.1:{server.server_port}/webhook")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield actions
        server.shutdown()


@pytest.fixture(scope="session")
def encoder_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exported MiniLM; exported here where nobody has yet."""
    directory = ROOT / "var" / "models" / "minilm"
    if not (directory / "model.onnx").is_file():
        directory = tmp_path_factory.mktemp("minilm")
        export_minilm(directory)
    return directory


@pytest.fixture(scope="session")
def rasa_environment(
    encoder_dir: Path, action_server: Actions, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """What Rasa finds in its environment."""
    return {
        "RASA_CACHE_DIRECTORY": str(tmp_path_factory.mktemp("cache")),
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore",
        "RASA_TELEMETRY_ENABLED": "false",
        "SHOPDESK_ENCODER_DIR": str(encoder_dir),
        "SHOPDESK_CATALOGUE": str(ROOT / "knowledge_base" / "content" / "products.csv"),
        "SHOPDESK_TRACKERS": f"sqlite:///{tmp_path_factory.mktemp('trackers') / 'trackers.db'}",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "ACTION_ENDPOINT_URL": action_server.url,
        "ACTION_TOKEN": ACTION_TOKEN,
        "RASA_TOKEN": TOKEN,
    }


@pytest.fixture(scope="session")
def rasa_model(rasa_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The trained model; trained here where there is none, or where the bot is newer than it."""
    # What a running Rasa reads anew at its start does not make the model old: it holds what was
    # learnt, the domain, and the names of the components.
    read_at_start = {
        "endpoints.yml", "credentials.yml", "channel.py", "once.py", "action_results.py",
        "tracker_store.py", "tracker_rows.py", "language_tagger.py", "entities.py", "found.py",
        "patterns.py", "dates.py", "products.py", "catalogue_names.py",
    }  # fmt: skip
    parts = [
        part
        for ending in ("*.yml", "*.py", "*.tsv")
        for part in (ROOT / "bot").rglob(ending)
        if part.name not in read_at_start
    ]
    changed = max(part.stat().st_mtime for part in parts)
    for model in sorted((ROOT / "var" / "models" / "rasa").glob("*.tar.gz"), reverse=True):
        if model.stat().st_mtime > changed:
            return model
    directory = tmp_path_factory.mktemp("rasa")
    train = [
        *(str(RASA), "train", "--config", "bot/config.yml", "--domain", "bot/domain"),
        *("--data", "bot/data", "--out", str(directory), "--fixed-model-name", "shopdesk"),
    ]
    done = subprocess.run(train, cwd=ROOT, env=rasa_environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return directory / "shopdesk.tar.gz"


@pytest.fixture(scope="session")
def start_bot(
    rasa_model: Path,
    rasa_environment: dict[str, str],
    action_server: Actions,
    free_port: Callable[[], int],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[], AbstractContextManager[Bot]]:
    """Starts Rasa with the bot, on a free port; all of them share the conversations."""

    @contextmanager
    def start() -> Iterator[Bot]:
        url = f"http://127.0.0.1:{(port := free_port())}"
        run = [
            *(str(RASA), "run", "-i", "127.0.0.1", "-p", str(port), "--model", str(rasa_model)),
            *("--endpoints", "bot/endpoints.yml", "--credentials", "bot/credentials.yml"),
        ]
        log = tmp_path_factory.mktemp("log") / "rasa.log"
        with log.open("w") as out:
            process = subprocess.Popen(
                run, cwd=ROOT, env=rasa_environment, stdout=out, stderr=subprocess.STDOUT
            )
            try:
                _wait_until_ready(url, process, log)
                yield Bot(url, action_server)
            finally:
                process.terminate()
                process.wait(timeout=30)

    return start


@pytest.fixture(scope="session")
def bot(start_bot: Callable[[], AbstractContextManager[Bot]]) -> Iterator[Bot]:
    """Rasa with the bot, on a free port."""
    with start_bot() as started:
        yield started


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        try:
            headers = {"Authorization": f"Bearer {TOKEN}"}
            if httpx.get(f"{url}/webhooks/shopdesk/ready", headers=headers).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.3)
    pytest.fail(f"Rasa is not ready; its log ends:\n{log.read_text()[-3000:]}")


@pytest.fixture
def answering(bot: Bot) -> Iterator[Bot]:
    """The bot with a fresh record of what it asked of the action server."""
    bot.actions.calls.clear()
    bot.actions.paths.clear()
    bot.actions.answered = True
    bot.actions.asking, bot.actions.then = "order_number", None
    yield bot
    bot.actions.answered, bot.actions.silent, bot.actions.delay = True, False, 0.0


@pytest.fixture
def rest_statuses(bot: Bot) -> dict[str, int]:
    """How addresses answer somebody without a token."""
    return {
        "/webhooks/rest/webhook": httpx.post(f"{bot.url}/webhooks/rest/webhook").status_code,
        "/webhooks/shopdesk/ready": httpx.get(f"{bot.url}/webhooks/shopdesk/ready").status_code,
    }


@pytest.fixture
def action_token() -> str:
    """What Rasa shows the action server."""
    return ACTION_TOKEN


@pytest.fixture(scope="session")
def responses() -> dict[str, Any]:
    """What the bot says by itself."""
    text = (ROOT / "bot" / "domain" / "responses.yml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)["responses"]
    return found
