"""A PostgreSQL of the benchmark's own, which may be killed."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.system import SystemFailed, free_port

_USER = "shopdesk"


class Postgres:
    """A cluster in a temporary folder, with the default, safe, settings.

    Raises:
        SystemFailed: there is no PostgreSQL server, or it does not start.
    """

    def __init__(self) -> None:
        self._binaries = _binaries()
        self._folder = Path(tempfile.mkdtemp(prefix="shopdesk-postgres-"))
        self._port = free_port()
        # It refuses to run as root.
        self._as: list[str] = []
        if os.geteuid() == 0:
            self._as = ["runuser", "-u", "postgres", "--"]
            shutil.chown(self._folder, "postgres")
        self._cluster = self._folder / "cluster"
        self._run(
            "initdb", "-D", str(self._cluster), "-U", _USER, "--auth=trust", "-E", "UTF8",
            "--locale=C",
        )  # fmt: skip
        self.start()
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self._port), "-U", _USER, _USER)

    @property
    def url(self) -> str:
        """The database's URL."""
        return f"postgresql://{_USER}@127.0.0.1:{self._port}/{_USER}"

    def start(self) -> None:
        """Start the server; after a kill as soon as its last children have gone."""
        options = (
            f"-p {self._port} -c listen_addresses=127.0.0.1 "
            f"-c unix_socket_directories={self._folder}"
        )
        log = self._folder / "log"
        for _ in range(20):
            try:
                self._run(
                    "pg_ctl", "-D", str(self._cluster), "-l", str(log), "-w", "-o", options, "start"
                )
                return
            except SystemFailed:
                time.sleep(0.5)
        raise SystemFailed(f"PostgreSQL does not start:\n{log.read_text()[-2000:]}")

    def kill(self) -> int:
        """SIGKILL the server; its process id."""
        pid = int((self._cluster / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        return pid

    def close(self) -> None:
        """Stop it and remove its data."""
        with contextlib.suppress(SystemFailed):  # it does not run
            self._run("pg_ctl", "-D", str(self._cluster), "-m", "immediate", "-w", "stop")
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, name: str, *arguments: str) -> None:
        done = subprocess.run(
            [*self._as, str(self._binaries / name), *arguments],
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemFailed(f"{name} failed: {done.stderr[-2000:]}")


def _binaries() -> Path:
    for folder in (
        *sorted(Path("/usr/lib/postgresql").glob("*/bin")),
        Path("/usr/local/pgsql/bin"),
    ):
        if (folder / "initdb").exists():
            return folder
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    raise SystemFailed(
        "No PostgreSQL server was found. Remedy: `apt-get install postgresql`, or "
        "`--database sqlite`."
    )
