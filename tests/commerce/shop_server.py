"""A small HTTP server in the place of a shop system, which can fail in every way that one can."""

import asyncio
import json
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.servers import RawServer


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """``text`` is sent as it is, else ``data`` as JSON."""

    status: int = 200
    data: Any = None
    text: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Fault:
    """What happens to one request instead of its answer.

    Attributes:
        reply: said in the answer's place; None for none.
        carried_out: whether the shop does what was asked before it fails.
        hangs: no answer comes, and the connection stays open; else it breaks off.
        method: the fault waits for a request of this kind; empty for any.
        path: and for one whose path holds this.
    """

    reply: Reply | None = None
    carried_out: bool = False
    hangs: bool = False
    method: str = ""
    path: str = ""

    def fits(self, request: Request) -> bool:
        return self.method in ("", request.method) and self.path in request.path


class ShopServer(RawServer):
    """Answers by ``answer``, or by the first of its ``faults`` that fits, which is used up."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.requests: list[Request] = []
        self.faults: list[Fault] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @abstractmethod
    def answer(self, request: Request) -> Reply: ...

    def asked(self, method: str, path: str = "") -> list[Request]:
        return [r for r in self.requests if r.method == method and path in r.path]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await _read(reader):
            self.requests.append(request)
            fault = next((fault for fault in self.faults if fault.fits(request)), None)
            if fault is None:
                reply = self.answer(request)
            else:
                self.faults.remove(fault)
                if fault.carried_out:
                    self.answer(request)
                if fault.hangs:
                    await asyncio.sleep(60)
                if fault.reply is None:
                    writer.transport.abort()
                    return
                reply = fault.reply
            writer.write(_bytes(reply))
            await writer.drain()


async def _read(reader: asyncio.StreamReader) -> Request | None:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode().rstrip().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {k.strip().lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    url = urlsplit(target)
    query = dict(parse_qsl(url.query, keep_blank_values=True))
    return Request(method, unquote(url.path), query, headers, body)


def _bytes(reply: Reply) -> bytes:
    text = reply.text if reply.text is not None else json.dumps(reply.data)
    body = text.encode()
    headers = {
        "Content-Type": "application/json" if reply.text is None else "text/html",
        "Content-Length": str(len(body)),
        **reply.headers,
    }
    lines = [f"HTTP/1.1 {reply.status} X", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body
