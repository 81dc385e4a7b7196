"""Open widgets in which nobody writes, in a process of their own.

    python -m benchmarks.load.idle ws://127.0.0.1:8000/v1/chat 500

Says ``open`` when all are; at the end of its input it says how many were lost, and ends.
"""

import asyncio
import json
import resource
import sys

from websockets.asyncio.client import ClientConnection, connect

_AT_ONCE = 50


def raise_open_files() -> int:
    """Let this process, and those it starts, have as many files open as the machine allows."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


async def hold(url: str, count: int) -> None:
    """Open ``count`` sockets and hold them until the input ends."""
    places = asyncio.Semaphore(_AT_ONCE)

    async def enter() -> ClientConnection:
        async with places:
            socket = await connect(url, proxy=None, ping_interval=None, compression=None)
            hello = {"type": "hello", "protocol": 1, "session": None, "last_seq": 0}
            await socket.send(json.dumps(hello))
            await socket.recv()
            return socket

    sockets = await asyncio.gather(*(enter() for _ in range(count)))
    print("open", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    lost = sum(socket.close_code is not None for socket in sockets)
    print(f"lost {lost}", flush=True)
    for socket in sockets:
        socket.transport.abort()


class Idle:
    """The sockets, from the outside; a context manager.

    Raises:
        RuntimeError: not all could be opened, or not all stayed open.
    """

    def __init__(self, url: str, count: int) -> None:
        self._url = url
        self._count = count

    async def __aenter__(self) -> None:
        arguments = ("-m", "benchmarks.load.idle", self._url, str(self._count))
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, stdin=pipe, stdout=pipe
        )
        assert self._process.stdout
        async with asyncio.timeout(120):
            said = await self._process.stdout.readline()
        if said != b"open\n":
            raise RuntimeError(f"{self._count} sockets could not be opened: {said!r}")

    async def __aexit__(self, *error: object) -> None:
        lost, _ = await self._process.communicate(b"")  # ends its input
        if lost != b"lost 0\n":
            raise RuntimeError(f"of {self._count} idle sockets: {lost.decode()!r}")


if __name__ == "__main__":
    raise_open_files()
    asyncio.run(hold(sys.argv[1], int(sys.argv[2])))
