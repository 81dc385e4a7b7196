"""Stands between the gateway and Rasa, and writes down when each question passed.

Bytes are handed on as they come. A connection carries one request at a time, so whatever comes
from the gateway after an answer begins the next question; it names its message, and the last bytes
before the one after it end the answer.
"""

import asyncio
import re
import time
from dataclasses import dataclass, field

_MESSAGE_ID = re.compile(rb'"message_id": ?"([^"]+)"')


@dataclass(frozen=True, slots=True)
class Passage:
    """When a question passed towards Rasa and its answer came back; of ``time.perf_counter``."""

    asked: float
    answered: float


@dataclass(slots=True)
class Proxy:
    """Listens on a port and hands on to Rasa's.

    Attributes:
        passages: by message id. Asked again, a message has its last passage here.
    """

    port: int
    rasa_port: int
    passages: dict[str, Passage] = field(default_factory=dict)
    _server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Near(self), "127.0.0.1", self.port)

    def stop(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()


class _Near(asyncio.Protocol):
    """The gateway's side of a connection."""

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy
        self._far: asyncio.Transport | None = None
        self._waiting: list[bytes] = []
        self._question = b""
        self._asked = 0.0
        self._message_id: str | None = None
        self._answered = True
        self.transport: asyncio.Transport | None = None
        self._connecting: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._connecting = asyncio.create_task(self._connect())

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            self._far, _ = await loop.create_connection(
                lambda: _Far(self), "127.0.0.1", self._proxy.rasa_port
            )
        except OSError:
            self.close()
            return
        self._far.writelines(self._waiting)

    def data_received(self, data: bytes) -> None:
        if self._answered:
            self._answered, self._question, self._message_id = False, b"", None
            self._asked = time.perf_counter()
        self._question += data
        if self._message_id is None and (found := _MESSAGE_ID.search(self._question)):
            self._message_id = found[1].decode()
        if self._far is None:
            self._waiting.append(data)
        else:
            self._far.write(data)

    def answer(self, data: bytes) -> None:
        """Bytes from Rasa."""
        self._answered = True
        if self._message_id is not None:
            now = time.perf_counter()
            self._proxy.passages[self._message_id] = Passage(self._asked, now)
        if self.transport is not None:
            self.transport.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._far is not None:
            self._far.close()

    def close(self) -> None:
        """Rasa's side is gone."""
        if self.transport is not None:
            self.transport.close()


class _Far(asyncio.Protocol):
    """Rasa's side of a connection."""

    def __init__(self, near: _Near) -> None:
        self._near = near

    def data_received(self, data: bytes) -> None:
        self._near.answer(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._near.close()
