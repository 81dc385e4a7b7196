"""Rasa, the gateway and the action server, each started by itself: the benchmark stands between."""

import os
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil

from benchmarks.system import SystemFailed, free_port, new_state
from shopdesk.keys import load_keys
from shopdesk.prepare import MODEL_NAME
from shopdesk.processes import rasa_environment, rasa_executable
from shopdesk.settings import ROOT, Settings

START_SECONDS = 180.0

# One address is all customers here; each writes as fast as it is answered.
_WIDE_LIMITS = """\
[limits]
sockets_per_address = 10000
connections = "100000/minute"
messages = "10000/minute"
messages_per_address = "100000/minute"
"""


class Stack:
    """The processes over one state folder.

    Args:
        state: a new folder.
        empty_actions: whether the action server does nothing.
        proxied: whether the gateway reaches Rasa through ``proxy_port``.
    """

    def __init__(self, state: Path, *, empty_actions: bool) -> None:
        new_state(state)
        self._state = state
        self._empty_actions = empty_actions
        self.port, self.rasa_port, self._actions_port, self.proxy_port = (
            free_port() for _ in range(4)
        )
        self.rasa = f"http://127.0.0.1:{self.rasa_port}"
        self._bare_port = free_port()
        self.bare_rasa = f"http://127.0.0.1:{self._bare_port}"
        self.chat = f"ws://127.0.0.1:{self.port}/v1/chat"
        settings = state / "settings.toml"
        settings.write_text('log_level = "warning"\n' + _WIDE_LIMITS)
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "SHOPDESK_SETTINGS": str(settings),
            "SHOPDESK_STATE_DIR": str(state),
            "SHOPDESK_PORT": str(self.port),
            "SHOPDESK_RASA_PORT": str(self.rasa_port),
            "SHOPDESK_ACTIONS_PORT": str(self._actions_port),
        }
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def token(self) -> str:
        """What Rasa wants to see."""
        return load_keys(Settings(state_dir=self._state)).internal

    def start(self) -> None:
        """Start all, and return when all are ready.

        Raises:
            SystemFailed: one ended, or was not ready in time.
        """
        _ = self.token  # made once, before three processes would
        self._run("migrate", "-m", "shopdesk", "migrate")
        if self._processes.pop("migrate").wait():
            raise SystemFailed(self._log("migrate"))
        if self._empty_actions:
            self._run("actions", "-m", "benchmarks.load.empty_actions", str(self._actions_port))
        else:
            self._run("actions", "-m", "shopdesk", "serve", "actions")
        self._run("rasa", "-m", "shopdesk", "serve", "rasa")
        through = {"SHOPDESK_RASA_URL": f"http://127.0.0.1:{self.proxy_port}"}
        self._run("gateway", "-m", "shopdesk", "serve", "gateway", **through)
        headers = {"Authorization": f"Bearer {self.token}"}
        self._wait(f"{self.rasa}/webhooks/shopdesk/ready", headers)
        self._wait(f"http://127.0.0.1:{self._actions_port}/ready", headers)
        self._wait(f"http://127.0.0.1:{self.port}/healthz", {})

    def start_bare_rasa(self) -> None:
        """Start one more Rasa as it comes: the same model and actions behind its own REST channel,
        its own memory of conversations, and nothing else of ours. Returns when it is ready."""
        settings = Settings(state_dir=self._state, actions_port=self._actions_port)
        model = settings.bot_dir / MODEL_NAME
        credentials, endpoints = self._state / "bare-in.yml", self._state / "bare-out.yml"
        credentials.write_text("rest:\n")
        endpoints.write_text("action_endpoint:\n  url: ${ACTION_ENDPOINT_URL}\n")
        with (self._state / "bare.log").open("ab") as log:
            self._processes["bare"] = subprocess.Popen(
                [
                    rasa_executable(settings), "run",
                    "--model", str(model),
                    "--endpoints", str(endpoints),
                    "--credentials", str(credentials),
                    "--interface", "127.0.0.1",
                    "--port", str(self._bare_port),
                ],
                cwd=ROOT,
                env=rasa_environment(settings, load_keys(settings)),
                stdout=log,
                stderr=subprocess.STDOUT,
            )  # fmt: skip
        self._wait(f"{self.bare_rasa}/webhooks/rest/", {})

    def stop(self) -> None:
        """Stop all."""
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def resident(self, name: str) -> float:
        """Megabytes (10^6 bytes) that a process holds."""
        return float(psutil.Process(self._processes[name].pid).memory_info().rss / 1e6)

    def _run(self, name: str, *arguments: str, **variables: str) -> None:
        with (self._state / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=self._environment | variables,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def _wait(self, url: str, headers: dict[str, str]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            for name, process in self._processes.items():
                if process.poll() is not None:
                    raise SystemFailed(f"{name} ended:\n{self._log(name)}")
            try:
                if httpx.get(url, headers=headers, timeout=2, trust_env=False).is_success:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.2)
        raise SystemFailed(f"{url} was not ready within {START_SECONDS:.0f} s")

    def _log(self, name: str) -> str:
        return (self._state / f"{name}.log").read_text(errors="replace")[-3000:]
