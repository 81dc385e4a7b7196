"""Whether the ports are free, and who has them if not."""

import errno
import socket
from typing import Any

import psutil

from shopdesk.errors import StartError


def check_free(host: str, port: int, name: str) -> None:
    """Refuse to start ``name`` on a port that cannot be had.

    Raises:
        StartError: the port is taken (by whom, if that can be told) or may not be opened.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise StartError(
                f"The {name} cannot listen on {host}:{port}: {_reason(error, port)}.",
                f"stop what uses it, or choose another port with {_setting(name)}=...",
            ) from None


def _setting(name: str) -> str:
    return "SHOPDESK_PORT" if name == "gateway" else f"SHOPDESK_{name.upper()}_PORT"


def _reason(error: OSError, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"it is used by {_owner(port)}"
    if error.errno == errno.EACCES:
        return "ports below 1024 need special rights"
    return error.strerror or str(error)


def _owner(port: int) -> str:
    """The process that listens on ``port``, as well as this user may know it."""
    try:
        for connection in psutil.net_connections(kind="tcp"):
            address: Any = connection.laddr
            listens = connection.status == psutil.CONN_LISTEN and address
            if listens and address.port == port and connection.pid:
                process = psutil.Process(connection.pid)
                return f"process {process.pid} ({' '.join(process.cmdline())[:100]})"
    except psutil.Error:
        pass
    return "another process"
