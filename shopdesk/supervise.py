"""Starts the three processes under supervisord, waits until all are ready, stops them together.

supervisord restarts a process that dies once the system is up. While it starts, a process that
dies takes the rest with it: half a system would only puzzle its owner.
"""

import asyncio
import os
import signal
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from types import FrameType
from typing import Any

import httpx
from supervisor.xmlrpc import SupervisorTransport

from shopdesk import orphans
from shopdesk.errors import StartError
from shopdesk.keys import Keys
from shopdesk.ports import check_free
from shopdesk.prepare import tail
from shopdesk.processes import Server, serve_command, servers
from shopdesk.settings import ROOT, Settings

START_SECONDS = 180.0
STOP_SECONDS = 20.0

Progress = Callable[[list[str], float], None]
"""Told the names that are not ready yet and the seconds since the start, a few times a second."""


class Supervisor:
    """supervisord as a child of this process.

    Example::

        supervisor = Supervisor(settings, keys)
        supervisor.start()
        try:
            supervisor.wait_ready(lambda waiting, seconds: print(waiting))
            supervisor.wait_end()
        finally:
            supervisor.stop()
    """

    def __init__(self, settings: Settings, keys: Keys) -> None:
        self._settings = settings
        self._servers = servers(settings, keys)
        self._logs = settings.state_dir / "log"
        # A socket's path may have 107 letters at most: a deep state folder would be too long.
        self._socket = Path(f"/tmp/shopdesk-{os.getpid()}.sock")  # noqa: S108 - mode 0700
        self._child: subprocess.Popen[bytes] | None = None
        self._pids: dict[str, int] = {}

    def check_ports(self) -> None:
        """Refuse to start where a port is taken.

        Raises:
            StartError: a port is not free.
        """
        for server in self._servers:
            check_free(server.host, server.port, server.name)

    def start(self) -> None:
        """Start all three.

        Raises:
            StartError: a port is not free.
        """
        self.check_ports()
        self._logs.mkdir(parents=True, exist_ok=True)
        configuration = self._settings.state_dir / "supervisord.conf"
        configuration.write_text(self._configuration())
        parent = os.getpid()
        with (self._logs / "supervisord.err").open("wb") as errors:
            self._child = subprocess.Popen(  # noqa: S603 - the command is ours, without a shell
                [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(configuration)],
                cwd=ROOT,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                # A Ctrl-C in the terminal is ours to handle, in order.
                start_new_session=True,
                preexec_fn=lambda: orphans.die_with(parent),
            )

    def wait_ready(self, progress: Progress) -> None:
        """Return when every process answers its health check.

        Raises:
            StartError: a process ended, or was not ready in time; the end of its log is in it.
        """
        asyncio.run(self._wait_ready(progress))

    def wait_end(self) -> int:
        """Wait until supervisord ends, by itself or by a signal; its exit status."""
        if self._child is None:
            return 0
        return self._child.wait()

    def stop(self) -> None:
        """Stop everything that was started; safe to call at any time, more than once."""
        if self._child is None:
            return
        if self._child.poll() is None:
            self._child.terminate()
            try:
                self._child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
        self._child = None
        self._socket.unlink(missing_ok=True)

    async def _wait_ready(self, progress: Progress) -> None:
        began = time.monotonic()
        waiting = list(self._servers)
        async with httpx.AsyncClient(timeout=2.0, trust_env=False) as client:
            while waiting:
                seconds = time.monotonic() - began
                progress([server.name for server in waiting], seconds)
                self._check_alive()
                if seconds > START_SECONDS:
                    names = ", ".join(server.name for server in waiting)
                    raise self._failed(waiting[0].name, f"not ready after {seconds:.0f} s: {names}")
                ready = await asyncio.gather(*(server.is_ready(client) for server in waiting))
                waiting = [s for s, is_ready in zip(waiting, ready, strict=True) if not is_ready]
                if waiting:
                    await asyncio.sleep(0.25)
        # One last look: a server of somebody else must not have answered in ours' place.
        self._check_alive()

    def _check_alive(self) -> None:
        if self._child is None or self._child.poll() is not None:
            raise self._failed("supervisord.err", "the supervisor ended while starting")
        try:
            transport = SupervisorTransport(None, None, f"unix://{self._socket}")
            proxy: Any
            with xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport) as proxy:
                states = proxy.supervisor.getAllProcessInfo()
        except (OSError, xmlrpc.client.Error):
            return  # it is only just starting
        for state in states:
            name, pid = state["name"], state["pid"]
            ended = state["statename"] in ("EXITED", "FATAL", "BACKOFF")
            # Restarted between two looks: another process goes by the name.
            if ended or (pid and self._pids.setdefault(name, pid) != pid):
                raise self._failed(name, f"{name} ended while starting")

    def _failed(self, name: str, what: str) -> StartError:
        log = self._logs / (name if "." in name else f"{name}.log")
        return StartError(
            f"Shopdesk did not start: {what}.\n{tail(log)}",
            f"correct what the log says, then start again; the whole log is {log}",
        )

    def _configuration(self) -> str:
        programs = "\n".join(self._program(server) for server in self._servers)
        head = dedent(f"""\
            [unix_http_server]
            file={self._socket}
            chmod=0700
            [rpcinterface:supervisor]
            supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
            [supervisord]
            nodaemon=true
            logfile={self._logs}/supervisord.log
            logfile_maxbytes=1MB
            logfile_backups=1
            pidfile={self._settings.state_dir}/supervisord.pid
            """)
        return (head + programs).replace("%", "%%")

    def _program(self, server: Server) -> str:
        # Tried again for hours, each time a second later than before: a database that is away for
        # longer than a few tries must not leave the shop without its gateway for good.
        return dedent(f"""\
            [program:{server.name}]
            command={" ".join(map(_quoted, serve_command(server.name)))}
            directory={ROOT}
            environment=SHOPDESK_SUPERVISED="1",PYTHONUNBUFFERED="1"
            stdout_logfile={self._logs}/{server.name}.log
            stdout_logfile_maxbytes=10MB
            stdout_logfile_backups=2
            redirect_stderr=true
            startsecs=1
            startretries=200
            autorestart=true
            stopasgroup=true
            killasgroup=true
            stopwaitsecs=8
            """)


def _quoted(argument: str) -> str:
    return f'"{argument}"' if " " in argument else argument


def interrupt_on_terminate() -> None:
    """Let SIGTERM end the command as Ctrl-C does, so that `finally` blocks run."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as under nohup
        signal.signal(signal.SIGHUP, interrupt)
