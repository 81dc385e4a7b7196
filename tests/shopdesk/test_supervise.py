"""The supervisor, with small servers of the test's own in place of the three processes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from shopdesk import supervise
from shopdesk.errors import StartError
from shopdesk.keys import Keys
from shopdesk.processes import Server
from shopdesk.supervise import Supervisor

KEYS = Keys("session", "internal")

pytestmark = pytest.mark.integration


@pytest.fixture
def commands(monkeypatch, free_port, tmp_path) -> dict[str, list[str]]:
    """Two servers instead of ours; a test may give one of them another command."""
    ports = {"one": free_port(), "two": free_port()}
    scripts = {}
    for name, port in ports.items():
        path = tmp_path / f"{name}.py"
        path.write_text(
            "import http.server\n"
            "class Ok(http.server.BaseHTTPRequestHandler):\n"
            "    def do_GET(self):\n"
            "        self.send_response(200); self.end_headers()\n"
            f"http.server.HTTPServer(('127.0.0.1', {port}), Ok).serve_forever()\n"
        )
        scripts[name] = [sys.executable, str(path)]
    servers = tuple(
        Server(name, "127.0.0.1", port, f"http://127.0.0.1:{port}/", {})
        for name, port in ports.items()
    )
    monkeypatch.setattr(supervise, "servers", lambda *_: servers)
    monkeypatch.setattr(supervise, "serve_command", scripts.__getitem__)
    return scripts


def children(script: str) -> list[psutil.Process]:
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if script in " ".join(process.info["cmdline"] or [])
    ]


def eventually(condition, seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_starts_all_tells_progress_and_stops_all(settings_with, commands):
    supervisor = Supervisor(settings_with(), KEYS)
    told: list[list[str]] = []
    supervisor.start()
    try:
        supervisor.wait_ready(lambda waiting, _: told.append(waiting))
        assert told[0] == ["one", "two"]
        assert children(commands["one"][1])
    finally:
        supervisor.stop()
    assert not children(commands["one"][1])
    assert not children(commands["two"][1])
    supervisor.stop()


def test_one_that_dies_later_comes_back(settings_with, commands):
    supervisor = Supervisor(settings_with(), KEYS)
    supervisor.start()
    try:
        supervisor.wait_ready(lambda *_: None)
        (first,) = children(commands["one"][1])
        # supervisord forgives a death only after the process has been up for a second.
        time.sleep(1.2)
        first.kill()
        assert eventually(lambda: [p for p in children(commands["one"][1]) if p.pid != first.pid])
    finally:
        supervisor.stop()


def test_one_that_cannot_start_again_for_a_while_is_tried_on(settings_with, commands, tmp_path):
    script, tries = Path(commands["one"][1]), tmp_path / "tries"
    works = script.read_text()
    supervisor = Supervisor(settings_with(), KEYS)
    supervisor.start()
    try:
        supervisor.wait_ready(lambda *_: None)
        (first,) = children(str(script))
        # As a gateway whose database is away.
        script.write_text(f"open({str(tries)!r}, 'a').write('x'); raise SystemExit(1)")
        time.sleep(1.2)
        first.kill()
        # More often than supervisord tries by default.
        assert eventually(lambda: tries.exists() and len(tries.read_text()) >= 5, 30)
        script.write_text(works)
        assert eventually(lambda: children(str(script)), 30)
    finally:
        supervisor.stop()


def test_one_that_fails_at_the_start_takes_the_rest_with_it(settings_with, commands):
    broken = Path(commands["two"][1])
    broken.write_text("raise SystemExit('the knowledge base is unreadable')")
    settings = settings_with()
    supervisor = Supervisor(settings, KEYS)
    supervisor.start()
    try:
        with pytest.raises(
            StartError, match=r"(?s)two ended while starting.*is unreadable.*two\.log"
        ):
            supervisor.wait_ready(lambda *_: None)
    finally:
        supervisor.stop()
    assert not children(commands["one"][1])


def test_one_that_never_answers_is_named(settings_with, commands, monkeypatch):
    monkeypatch.setattr(supervise, "START_SECONDS", 1.5)
    Path(commands["two"][1]).write_text("import time; time.sleep(60)")
    supervisor = Supervisor(settings_with(), KEYS)
    supervisor.start()
    try:
        with pytest.raises(StartError, match=r"not ready after .* s: two"):
            supervisor.wait_ready(lambda *_: None)
    finally:
        supervisor.stop()


def test_a_taken_port_is_told_before_anything_starts(settings_with, commands):
    first = Supervisor(settings_with(), KEYS)
    first.start()
    try:
        first.wait_ready(lambda *_: None)
        with pytest.raises(StartError, match="one cannot listen on"):
            Supervisor(settings_with(), KEYS).check_ports()
    finally:
        first.stop()


def test_kill_9_leaves_nothing_running(tmp_path):
    """The chain run -> supervisor -> process, each asking to die with the one above it."""
    bound = "import os; from shopdesk import orphans; orphans.die_with(os.getppid());"
    grandchild = f"{bound} import time; time.sleep(60)"
    child = (
        f"{bound} import subprocess, sys;"
        f"p = subprocess.Popen([sys.executable, '-c', {grandchild!r}], start_new_session=True);"
        "print(os.getpid(), p.pid, flush=True); p.wait()"
    )
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True) as top:
        assert top.stdout
        pids = [int(pid) for pid in top.stdout.readline().split()]
        assert len(pids) == 2
        assert all(map(psutil.pid_exists, pids))
        time.sleep(0.5)
        os.kill(top.pid, signal.SIGKILL)
    assert eventually(lambda: not any(map(_alive, pids)))


def _alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
