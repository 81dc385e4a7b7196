"""The whole system as `shopdesk run` starts it, with a state of its own, beside the benchmark."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import psutil

from shopdesk.settings import ROOT, load_settings

START_SECONDS = 240.0


class SystemFailed(Exception):  # noqa: N818 - reads as what it says
    """A process did not do what it was started for."""


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def new_state(state: Path) -> None:
    """A state folder with this installation's models and index, and without conversations.

    Raises:
        SystemFailed: they have not been made yet.
    """
    state.mkdir(parents=True, exist_ok=True)
    made = load_settings().state_dir
    for name in ("models", "index"):
        if not (made / name).is_dir():
            raise SystemFailed(f"{made / name} is missing. Remedy: run `shopdesk prepare`.")
        (state / name).symlink_to(made / name)


class System:
    """`shopdesk run` as a child, with free ports.

    Args:
        state: a folder for its state, empty or made by :func:`new_state`.
        toml: the settings file's text.
        variables: ``SHOPDESK_*`` variables; they win over the file.
    """

    def __init__(self, state: Path, toml: str = "", **variables: str) -> None:
        self.state = state
        if not (state / "models").exists():
            new_state(state)
        settings = state / "settings.toml"
        settings.write_text(toml)
        ports = [free_port() for _ in range(3)]
        self.url = f"http://127.0.0.1:{ports[0]}"
        self.chat = f"ws://127.0.0.1:{ports[0]}/v1/chat"
        self.rasa = f"http://127.0.0.1:{ports[1]}"
        self._environment = {
            **os.environ,
            "SHOPDESK_SETTINGS": str(settings),
            "SHOPDESK_STATE_DIR": str(state),
            "SHOPDESK_PORT": str(ports[0]),
            "SHOPDESK_RASA_PORT": str(ports[1]),
            "SHOPDESK_ACTIONS_PORT": str(ports[2]),
            "PYTHONPATH": str(ROOT),
            **variables,
        }
        self._output = state / "output.txt"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and return when it is ready.

        Raises:
            SystemFailed: it ended, or was not ready in time.
        """
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "shopdesk", "run"],
                cwd=self.state,
                env=self._environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + START_SECONDS
        while self.url not in self._output.read_text():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise SystemFailed(f"Shopdesk did not start:\n{self._output.read_text()}")
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop as Ctrl-C does, and whatever still runs by force."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(60)
        for process in self._processes():
            with contextlib.suppress(psutil.Error):
                process.kill()

    def kill(self, name: str) -> int:
        """SIGKILL what serves ``name``; its process id, 0 when it was not running."""
        with contextlib.suppress(psutil.Error, SystemFailed):
            process = self.process(name)
            process.kill()
            return process.pid
        return 0

    def process(self, name: str) -> psutil.Process:
        """The process that serves ``name``.

        Raises:
            SystemFailed: it is not running.
        """
        # Rasa has taken the place of the process that was to serve it.
        command = "rasa run" if name == "rasa" else f"serve {name}"
        for process in self._processes():
            with contextlib.suppress(psutil.Error):
                if command in " ".join(process.cmdline()):
                    return process
        raise SystemFailed(f"{name} is not running; its log is {self.log_of(name)}")

    def ready(self) -> bool:
        """Whether every part answers."""
        try:
            answer = httpx.get(f"{self.url}/readyz", timeout=5, trust_env=False)
        except httpx.HTTPError:
            return False
        return answer.status_code == httpx.codes.OK

    def log_of(self, name: str) -> Path:
        """Where ``name`` writes its log."""
        return self.state / "log" / f"{name}.log"

    def _processes(self) -> Iterator[psutil.Process]:
        """Every process of this installation, told by the state that it was given."""
        mine: Mapping[str, str]
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                mine = process.environ()
                if mine.get("SHOPDESK_STATE_DIR") == str(self.state):
                    yield process
