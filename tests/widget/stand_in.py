"""A stand-in gateway that keeps protocol version 1, without a database or an assistant.

It does what the protocol promises and, where a test says so, what networks and servers do to it:
it drops sockets, holds back acks, sends twice, falls silent, restarts.
"""

import asyncio
import json
import mimetypes
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from gateway.files import small_files
from gateway.markdown import parse_markdown
from gateway.transactions import PAGE
from gateway.widget.bundle import bundle
from gateway.widget.frames import FrameError, parse_frame

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "gateway" / "widget" / "static"
DEMO_SHOP = ROOT / "gateway" / "demo_shop"
# The widget as customers get it: in one script, made small.
DELIVERED = small_files(STATIC, bundle)
STRICT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'"
)
Json = dict[str, Any]


def respond(body: bytes, kind: str, headers: dict[str, str] | None = None) -> Response:
    found = {"Content-Type": kind, "Content-Length": str(len(body)), "Connection": "close"}
    return Response(HTTPStatus.OK, "OK", Headers(found | (headers or {})), body)


@dataclass
class Talk:
    """One conversation as the store would hold it: it outlives restarts of the stand-in."""

    token: str
    messages: list[Json] = field(default_factory=list)
    status: str = "bot"
    seen_seq: int = 0
    customer: Json | None = None
    sockets: set[ServerConnection] = field(default_factory=set)


class StandIn:
    """Scripted from the test's thread, serving from its own."""

    def __init__(self) -> None:
        self.talks: dict[str, Talk] = {}
        self.answers: deque[Json] = deque()
        self.frames: list[Json] = []
        self.drop_before_store = 0
        self.drop_before_ack = 0
        self.withhold_acks = False
        self.send_twice = False
        self.silent = False
        self.mute = False  # no word of welcome
        self.page = PAGE
        # What the shop's tokens prove, {token: {"name": ..., "email": ...}}; others are refused.
        self.customers: dict[str, Json] = {}
        # The views of files by their ids, as the answer to an upload gives them.
        self.uploads: dict[str, Json] = {}
        # What the gateway itself would not have understood; fails the test.
        self.complaints: list[str] = []
        self._may_answer = asyncio.Event()
        self._may_answer.set()
        self.refuse_with: Json | None = None
        self.port = 0
        self.hellos: list[Json] = []
        self._server: Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.start()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def talk(self) -> Talk:
        """The one conversation that a test has."""
        (talk,) = self.talks.values()
        return talk

    def start(self) -> None:
        self._do(self._start())

    def stop(self) -> None:
        """As when the process is killed: sockets die without a goodbye, what was stored stays."""
        self._do(self._stop())

    def close(self) -> None:
        if self._server:
            self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def drop(self) -> None:
        """Cuts every socket at once."""
        self._do(self._drop())

    def close_all(self, code: int) -> None:
        """Closes every socket, with a goodbye."""

        async def close() -> None:
            for talk in self.talks.values():
                for socket in list(talk.sockets):
                    await socket.close(code)

        self._do(close())

    def say(self, text: str, **more: Any) -> Json:
        """A message of the assistant (or of `author=`) in the test's one conversation."""
        message: Json = self._do(self._say(self.talk, {"text": text, **more}))
        return message

    def tell(self, frame: Json) -> None:
        """Any frame, to every socket of the test's one conversation."""
        self._do(self._broadcast(self.talk, frame))

    def set_status(self, status: str) -> None:
        self.talk.status = status
        self.tell({"type": "status", "status": status})

    def hold_answers(self) -> None:
        self._loop.call_soon_threadsafe(self._may_answer.clear)

    def let_answer(self) -> None:
        self._loop.call_soon_threadsafe(self._may_answer.set)

    def received(self, kind: str) -> list[Json]:
        return [frame for frame in self.frames if frame["type"] == kind]

    def _do(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _start(self) -> None:
        self._server = await serve(
            self._talk,
            "127.0.0.1",
            self.port,
            process_request=self._file,
            ping_interval=None,
            # Browsers open sockets ahead of need; a server that stops waits for them this long.
            open_timeout=1,
            close_timeout=1,
            compression=None,
        )
        self.port = next(iter(self._server.sockets)).getsockname()[1]

    async def _stop(self) -> None:
        assert self._server
        await self._drop()
        self._server.close()
        await self._server.wait_closed()
        self._server = None

    async def _drop(self) -> None:
        for talk in self.talks.values():
            for socket in list(talk.sockets):
                socket.transport.abort()
            talk.sockets.clear()

    def _file(self, connection: ServerConnection, request: Request) -> Response | None:
        path = urlsplit(request.path).path
        if path == "/v1/chat":
            return None
        file = self._find(path)
        if file is None:
            return connection.respond(HTTPStatus.NOT_FOUND, "no such file\n")
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-store"}
        if not path.startswith("/widget/"):
            headers["Content-Security-Policy"] = STRICT_POLICY
        small = DELIVERED.get(file)
        body = small.plain if small else file.read_bytes()
        return respond(body, f"{kind}; charset=utf-8", headers)

    def _find(self, path: str) -> Path | None:
        """The widget's files, and the demo shop with its first page for what is no file."""
        if path.startswith("/widget/"):
            folder, names = STATIC, [path.removeprefix("/widget/")]
        else:
            name = path.removeprefix("/")
            folder, names = DEMO_SHOP, [name] if "." in name else [f"{name}.html", "index.html"]
        files = [(folder / name).resolve() for name in names]
        return next(
            (file for file in files if file.is_relative_to(folder) and file.is_file()), None
        )

    async def _talk(self, socket: ServerConnection) -> None:
        talk: Talk | None = None
        try:
            async for data in socket:
                frame = json.loads(data)
                try:
                    parse_frame(str(data))
                except FrameError as error:
                    self.complaints.append(f"{error}: {data!r}")
                    await socket.close(4400)
                    return
                self.frames.append(frame)
                if talk is None:
                    talk = await self._welcome(socket, frame)
                else:
                    await self._receive(socket, talk, frame)
        except ConnectionClosed:
            pass
        finally:
            if talk:
                talk.sockets.discard(socket)

    async def _welcome(self, socket: ServerConnection, hello: Json) -> Talk | None:
        self.hellos.append(hello)
        if self.mute:
            return None
        token = hello["session"]
        if token is not None and token not in self.talks:
            await socket.close(4401)
            return None
        talk = self.talks.get(token) or Talk(f"token-{uuid4()}")
        self.talks[talk.token] = talk
        talk.sockets.add(socket)
        if hello["identity"] is not None:
            if hello["identity"] in self.customers:
                talk.customer = self.customers[hello["identity"]]
            else:
                await self._refuse(socket, "bad_identity")
        missed = [message for message in talk.messages if message["seq"] > hello["last_seq"]]
        given = missed[-self.page :]
        welcome = {
            "type": "welcome",
            "protocol": 1,
            "session": talk.token,
            "resumed": token is not None,
            "status": talk.status,
            "messages": given,
            "earlier": bool(given) and given[0]["seq"] > 1,
            "seen_seq": talk.seen_seq,
            "customer": talk.customer,
        }
        await self._send(socket, welcome)
        return talk

    async def _receive(self, socket: ServerConnection, talk: Talk, frame: Json) -> None:
        kind = frame["type"]
        if kind in ("seen", "end", "survey") and not talk.messages:
            await self._refuse(socket, "nothing_yet")
            return
        match kind:
            case "ping":
                if not self.silent:
                    await self._send(socket, {"type": "pong"})
            case "rating":
                for message in talk.messages:
                    if message["id"] == frame["message"]:
                        message["rating"] = frame["value"]
                await self._broadcast(talk, {**frame, "type": "rated"})
            case "message":
                await self._take(socket, talk, frame)
            case "history":
                older = [one for one in talk.messages if one["seq"] < frame["before"]]
                given = older[-self.page :]
                earlier = len(older) > len(given)
                page = {"before": frame["before"], "messages": given, "earlier": earlier}
                await self._send(socket, {"type": "history", **page})
            case "seen":
                talk.seen_seq = max(talk.seen_seq, frame["seq"])
                for other in talk.sockets - {socket}:
                    await self._send(other, {"type": "seen", "seq": talk.seen_seq})
            case "end":
                talk.status = "closed"
                await self._broadcast(talk, {"type": "status", "status": "closed"})
            case "survey":
                await self._broadcast(talk, {"type": "surveyed", "score": frame["score"]})
            case "contact":
                await self._send(socket, {"type": "contacted", "id": frame["id"]})
            case "logout":
                del self.talks[talk.token]
                for one in list(talk.sockets):
                    await one.close(4401)

    async def _refuse(self, socket: ServerConnection, code: str) -> None:
        await self._send(socket, {"type": "error", "code": code, "text": "no", "id": None})

    async def _take(self, socket: ServerConnection, talk: Talk, frame: Json) -> None:
        if self.refuse_with:
            await self._send(socket, {"type": "error", "id": frame["id"], **self.refuse_with})
            return
        if self.drop_before_store:
            self.drop_before_store -= 1
            socket.transport.abort()
            return
        if talk.status == "closed":
            talk.status = "bot"
            await self._broadcast(talk, {"type": "status", "status": "bot"})
        known = [one for one in talk.messages if one["client_id"] == frame["id"]]
        message = known[0] if known else self._store(talk, {**frame, "author": "customer"})
        if self.drop_before_ack:
            self.drop_before_ack -= 1
            socket.transport.abort()
            return
        if not self.withhold_acks:
            await self._send(socket, {"type": "ack", "id": frame["id"], "message": message})
        for other in talk.sockets - {socket}:
            await self._send(other, {"type": "message", "message": message})
        if known:
            return
        await self._broadcast(talk, {"type": "typing", "author": "assistant", "on": True})
        await self._may_answer.wait()
        await self._broadcast(talk, {"type": "typing", "author": "assistant", "on": False})
        if self.answers:
            await self._say(talk, self.answers.popleft())

    def _store(self, talk: Talk, message: Json) -> Json:
        stored = {
            "id": str(uuid4()),
            "seq": len(talk.messages) + 1,
            "author": message.get("author", "assistant"),
            "text": message["text"],
            "language": message.get("language", "en"),
            "at": message.get("at", time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())),
            "client_id": message.get("id"),
            "sources": message.get("sources", []),
            "quick_replies": message.get("quick_replies", []),
            "cards": message.get("cards", []),
            "files": self._files(message.get("files", [])),
            "rich": message["rich"] if "rich" in message else self._rich(message),
            "reply_to": message.get("reply_to"),
            "rateable": message.get("rateable", False),
            "rating": None,
        }
        talk.messages.append(stored)
        return stored

    def _rich(self, message: Json) -> list[Json] | None:
        own = message.get("author") == "customer"
        tree = None if own else parse_markdown(message["text"])
        return tree and [block.model_dump() for block in tree]

    def _files(self, files: list[Any]) -> list[Json]:
        """What was uploaded under these ids; views, which a test gives, as they are."""
        return [self.uploads[file] if isinstance(file, str) else file for file in files]

    async def _say(self, talk: Talk, message: Json) -> Json:
        stored = self._store(talk, message)
        for _ in range(2 if self.send_twice else 1):
            await self._broadcast(talk, {"type": "message", "message": stored})
        return stored

    async def _broadcast(self, talk: Talk, frame: Json) -> None:
        for socket in list(talk.sockets):
            await self._send(socket, frame)

    async def _send(self, socket: ServerConnection, frame: Json) -> None:
        # To a socket that was cut just now: what a network does to the last words.
        with suppress(ConnectionClosed):
            await socket.send(json.dumps(frame))
