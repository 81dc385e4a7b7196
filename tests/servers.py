"""A server of raw connections that can be ended at any moment, and leaves nothing behind."""

import asyncio
from abc import ABC, abstractmethod
from contextlib import suppress


class RawServer(ABC):
    """Listens on loopback and serves each connection in a task of its own.

    Args:
        port: 0 for any; then known once started, and kept for the next start.
    """

    def __init__(self, port: int = 0) -> None:
        self.port = port
        self._open = False
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @abstractmethod
    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection; it is closed afterwards."""

    async def start(self) -> None:
        self._open = True
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Break all connections off; from now on nobody is let in."""
        if self._server is None:
            return
        self._open = False
        self._server.close()
        for task, writer in tuple(self._connections.items()):
            writer.transport.abort()
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._open:
            # Whoever came in the moment of the end.
            writer.transport.abort()
            return
        task = asyncio.create_task(self._serve(reader, writer))
        self._connections[task] = writer
        # Not left to the task: one that is cancelled before its first step does nothing at all.
        task.add_done_callback(lambda done: self._connections.pop(done).close())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await self.serve(reader, writer)
