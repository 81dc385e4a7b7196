"""The two small programs inside the images: the health check and the start."""

import importlib.util
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def check(root: Path) -> Callable[[str], int]:
    spec = importlib.util.spec_from_file_location("healthcheck", root / "docker/healthcheck.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.main


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    """Answers 200 to /healthz, and to the others only with the token `secret`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            bearer = self.headers["Authorization"] == "Bearer secret"
            free = self.path == "/healthz"
            self.send_response(200 if free or (bearer and self.path == "/ready") else 401)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Keep the tests' output clean."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("path", "token", "code"),
    [
        ("/healthz", "", 0),
        ("/ready", "secret", 0),
        ("/ready", "wrong", 1),
    ],
)
def test_the_health_check_ends_with_what_the_process_says(
    check: Callable[[str], int],
    server: HTTPServer,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    token: str,
    code: int,
) -> None:
    monkeypatch.setenv("SHOPDESK_INTERNAL_TOKEN", token)
    assert check(f"http://127.0.0.1:{server.server_port}{path}") == code


def test_a_silent_process_is_unhealthy_and_the_token_is_not_told(
    check: Callable[[str], int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SHOPDESK_INTERNAL_TOKEN", "secret")
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as closed:
        port = closed.server_port

    assert check(f"http://127.0.0.1:{port}/status") == 1

    told = capsys.readouterr().err
    assert f"http://127.0.0.1:{port}/status: " in told
    assert "secret" not in told


@pytest.fixture
def start(root: Path, tmp_path: Path) -> Callable[..., list[str]]:
    """Runs start.sh among commands that note how they are called; gives back those calls."""
    calls = tmp_path / "calls"
    for folder in ("bin", "state", "app/docker"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("shopdesk", "python"):
        command = tmp_path / "bin" / name
        command.write_text(f'#!/bin/sh\necho "{name} $*" >> {calls}\n')
        command.chmod(0o755)
    script = shutil.copy(root / "docker/start.sh", tmp_path / "app/docker")
    environment = {
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "SHOPDESK_STATE_DIR": str(tmp_path / "state"),
    }

    def run(*arguments: str, **variables: str) -> list[str]:
        calls.unlink(missing_ok=True)
        subprocess.run(["sh", script, *arguments], env=environment | variables, check=True)
        return calls.read_text().splitlines()

    return run


def test_the_models_of_the_image_are_linked_into_the_state_folder(
    start: Callable[..., list[str]], tmp_path: Path
) -> None:
    models = tmp_path / "app/models"
    models.mkdir()
    for _ in "first start", "restart":
        assert start("shopdesk", "serve", "rasa") == ["shopdesk serve rasa"]
        assert (tmp_path / "state/models").readlink() == models


def test_an_image_without_models_links_none(
    start: Callable[..., list[str]], tmp_path: Path
) -> None:
    start("shopdesk", "serve", "rasa")
    assert list((tmp_path / "state").iterdir()) == []


def test_an_action_server_indexes_the_knowledge_base_first(
    start: Callable[..., list[str]],
) -> None:
    assert start("shopdesk", "serve", "actions") == [
        "shopdesk index build",
        "shopdesk serve actions",
    ]


def test_an_action_server_waits_for_a_shared_index_and_builds_none(
    start: Callable[..., list[str]], tmp_path: Path
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    built = threading.Timer(0.5, (shared / "manifest.json").touch)
    built.start()
    assert start("shopdesk", "serve", "actions", SHOPDESK_INDEX_FOLDER=str(shared)) == [
        "shopdesk serve actions"
    ]
    assert (shared / "manifest.json").exists()


def test_an_action_server_starts_from_the_index_of_the_image(
    start: Callable[..., list[str]], tmp_path: Path
) -> None:
    (tmp_path / "app/index").mkdir()
    (tmp_path / "app/index/manifest.json").write_text("of the image")
    manifest = tmp_path / "state/index/manifest.json"

    start("shopdesk", "serve", "actions")
    assert manifest.read_text() == "of the image"

    manifest.write_text("brought up to date")
    start("shopdesk", "serve", "actions")
    assert manifest.read_text() == "brought up to date"


def test_a_gateway_migrates_the_database_first(start: Callable[..., list[str]]) -> None:
    migration, serving = start("shopdesk", "serve", "gateway")
    assert migration == "shopdesk migrate"
    assert serving == "shopdesk serve gateway"


def test_other_commands_run_as_they_are(start: Callable[..., list[str]]) -> None:
    assert start("shopdesk", "search", "gift cards") == ["shopdesk search gift cards"]
