"""The whole system, started as a shop owner starts it, with a state folder of the tests' own.

The models and the index are taken from the checkout's ``var/``, where `make test` has put them.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from websockets.sync.client import ClientConnection, connect

from shopdesk.settings import ROOT

PREPARED = ROOT / "var"


@dataclass
class Customer:
    """A customer's chat over the WebSocket."""

    socket: ClientConnection
    session: str = ""
    status: str = "bot"
    messages: list[dict[str, Any]] = field(default_factory=list)

    def ask(self, text: str, payload: str | None = None) -> list[dict[str, Any]]:
        """Send ``text``; the assistant's messages up to the end of its turn."""
        frame = {"type": "message", "id": str(uuid.uuid4()), "text": text}
        if payload:
            frame["payload"] = payload
        self.socket.send(json.dumps(frame))
        said = []
        while True:
            received = self.receive()
            if received["type"] == "message" and received["message"]["author"] != "customer":
                said.append(received["message"])
            elif received["type"] == "status":
                self.status = received["status"]
            elif received["type"] == "typing" and not received["on"] and said:
                return said
            assert received["type"] != "error", received

    def answer(self, text: str) -> dict[str, Any]:
        """The assistant's one answer to ``text``."""
        (message,) = self.ask(text)
        return message

    def receive(self) -> dict[str, Any]:
        return json.loads(self.socket.recv(timeout=60))


class System:
    """`shopdesk run` as a child, with free ports."""

    def __init__(self, state: Path, ports: tuple[int, int, int], **settings: str) -> None:
        self.state, self.port = state, ports[0]
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ,
            "SHOPDESK_SETTINGS": str(state / "settings.toml"),
            "SHOPDESK_STATE_DIR": str(state),
            "SHOPDESK_PORT": str(ports[0]),
            "SHOPDESK_RASA_PORT": str(ports[1]),
            "SHOPDESK_ACTIONS_PORT": str(ports[2]),
            **settings,
        }
        self.output = state / "output.txt"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and return when the address has been printed."""
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "shopdesk", "run"],
                cwd=self.state,
                env=self.environment | {"PYTHONPATH": str(ROOT)},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + 240
        while self.url not in self.output.read_text():
            assert self.process.poll() is None, self.output.read_text()
            assert time.monotonic() < deadline, self.output.read_text()
            time.sleep(0.1)

    def stop(self, by: signal.Signals = signal.SIGINT) -> int:
        """Stop as Ctrl-C does, or by another signal; the exit status."""
        assert self.process
        self.process.send_signal(by)
        return self.process.wait(60)

    def processes(self, name: str = "") -> list[psutil.Process]:
        """Every process of this installation, or those serving ``name``; told by the ports."""
        ours = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.environ().get("SHOPDESK_STATE_DIR") == str(self.state):
                    command = " ".join(process.cmdline())
                    # Rasa has taken its serving process' place.
                    serves = f"serve {name}" if name != "rasa" else "rasa run"
                    if not name or serves in command:
                        ours.append(process)
        return ours

    @contextlib.contextmanager
    def customer(
        self, language: str = "en", session: str | None = None, identity: str | None = None
    ) -> Iterator[Customer]:
        """A customer with an open chat; ``identity`` is a token that the shop has signed."""
        address = self.url.replace("http", "ws") + "/v1/chat"
        with connect(address, open_timeout=20) as socket:
            hello = {
                "type": "hello", "protocol": 1, "session": session, "identity": identity,
                "last_seq": 0, "language": language,
            }  # fmt: skip
            socket.send(json.dumps(hello))
            customer = Customer(socket)
            welcome = customer.receive()
            assert welcome["type"] == "welcome", welcome
            customer.session = welcome["session"]
            customer.messages = welcome["messages"]
            yield customer

    def ready(self) -> bool:
        try:
            return httpx.get(self.url + "/readyz", trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False


@pytest.fixture(scope="session")
def eventually() -> Callable[..., bool]:
    """Whether a condition comes true within some seconds."""

    def wait(condition: Callable[[], object], seconds: float = 60) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if condition():
                return True
            time.sleep(0.1)
        return False

    return wait


@pytest.fixture(params=["en", "zh"])
def language(request) -> str:
    """Each test is run in both."""
    return str(request.param)


@pytest.fixture(scope="session")
def new_system(tmp_path_factory, free_port) -> Iterator[Callable[..., System]]:
    """Makes systems, not started, each with a state of its own; whatever still runs is killed."""
    assert (PREPARED / "index").is_dir(), "run `shopdesk prepare` first, as `make test` does"
    made: list[System] = []

    def make(**settings: str) -> System:
        state = tmp_path_factory.mktemp("state")
        for name in ("models", "index"):
            (state / name).symlink_to(PREPARED / name)
        made.append(System(state, (free_port(), free_port(), free_port()), **settings))
        return made[-1]

    yield make
    for system in made:
        for process in system.processes():
            with contextlib.suppress(psutil.Error):
                process.kill()


@pytest.fixture(scope="session")
def system(new_system: Callable[..., System]) -> Iterator[System]:
    """One running system that the tests share; a test that breaks it must leave it running."""
    running = new_system()
    running.start()
    yield running
    running.stop()
