"""A customer in the widget: a client of ``docs/protocol.md``, which never gives up."""

import asyncio
import json
import random
import uuid
from contextlib import suppress
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from benchmarks.fault.journal import Journal, Sent, Shown
from benchmarks.fault.plan import Again
from benchmarks.fault.questions import first_source

ACKNOWLEDGED_WITHIN = 15.0
"""Seconds; a client that waits longer connects again."""
_LONGEST_PAUSE = 2.0


class WidgetCustomer:
    """Writes, is answered, loses its connection, resumes.

    Args:
        journal: where it writes down what it sent and saw.
        url: of the chat.
        choose: for its pauses.
    """

    def __init__(self, journal: Journal, url: str, choose: random.Random) -> None:
        self.journal = journal
        self._url = url
        self._choose = choose
        self._session: str | None = None
        self._next = 0  # the first message that this connection has still to send
        self._again: list[Sent] = []
        self._wake = asyncio.Event()
        self._tabs: set[asyncio.Task[None]] = set()

    def write(self, text: str, source: str, again: Again) -> None:
        """The customer sends a message, now or as soon as there is a connection."""
        sent = Sent(str(uuid.uuid4()), text, source)
        self.journal.sent.append(sent)
        self.journal.note(f"writes {sent.id[:12]} ({again}): {text!r}")
        if again is Again.AT_ONCE:
            self._again.append(sent)
        elif again is Again.ELSEWHERE:
            self._tabs.add(task := asyncio.create_task(self._send_elsewhere(sent)))
            task.add_done_callback(self._tabs.discard)
        self._wake.set()

    def repeat(self, sent: Sent) -> None:
        """A message that was sent long ago comes once more."""
        self.journal.note(f"repeats {sent.id[:12]}")
        self._again.append(sent)
        self._wake.set()

    async def run(self) -> None:
        """Stay connected until cancelled."""
        pause = 0.1
        while True:
            try:
                async with connect(self._url, proxy=None, ping_interval=None) as socket:
                    await self._greet(socket, self._last)
                    pause = 0.1
                    await self._talk(socket)
            except (OSError, WebSocketException, TimeoutError) as error:
                self.journal.note(f"disconnected: {error!r:.100}")
            await asyncio.sleep(pause * self._choose.uniform(0.5, 1.5))
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def read_all(self) -> None:
        """Put what a fresh client is given, page by page, into the journal."""
        async with connect(self._url, proxy=None) as socket:
            page = await self._hello(socket, 0)
            messages = page["messages"]
            while page["earlier"]:
                await socket.send(json.dumps({"type": "history", "before": messages[0]["seq"]}))
                page = await _receive(socket, "history")
                messages = page["messages"] + messages
        self.journal.stored = [_shown(message) for message in messages]

    @property
    def _last(self) -> int:
        return self.journal.shown[-1].seq if self.journal.shown else 0

    async def _hello(self, socket: ClientConnection, last_seq: int) -> dict[str, Any]:
        hello = {
            "type": "hello", "protocol": 1, "session": self._session, "last_seq": last_seq,
            "language": "en",
        }  # fmt: skip
        await socket.send(json.dumps(hello))
        return await _receive(socket, "welcome")

    async def _greet(self, socket: ClientConnection, last_seq: int) -> None:
        welcome = await self._hello(socket, last_seq)
        self.journal.note(f"connected, from {last_seq}")
        if self._session is not None and not welcome["resumed"]:
            self.journal.breach(f"the conversation did not go on from {last_seq}")
        self._session = welcome["session"]
        for message in welcome["messages"]:
            self._take(message)
        while self._next and self.journal.sent[self._next - 1].id not in self._acknowledged:
            self._next -= 1

    @property
    def _acknowledged(self) -> dict[str, list[int | None]]:
        return self.journal.acknowledged

    async def _talk(self, socket: ClientConnection) -> None:
        """Until the connection ends, or an acknowledgement is overdue."""
        jobs = [asyncio.create_task(job(socket)) for job in (self._send, self._read, self._watch)]
        try:
            done, _ = await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
            for job in done:
                job.result()
        finally:
            for job in jobs:
                job.cancel()
            await asyncio.gather(*jobs, return_exceptions=True)

    async def _send(self, socket: ClientConnection) -> None:
        while True:
            self._wake.clear()
            while self._next < len(self.journal.sent):
                sent = self.journal.sent[self._next]
                self._next += 1
                await socket.send(_frame(sent))
            while self._again:
                await socket.send(_frame(self._again.pop()))
            await self._wake.wait()

    async def _watch(self, _: ClientConnection) -> None:
        while True:
            waiting = self._unacknowledged()
            await asyncio.sleep(ACKNOWLEDGED_WITHIN)
            if waiting and waiting == self._unacknowledged():
                raise TimeoutError(f"{waiting} was not acknowledged")

    def _unacknowledged(self) -> str | None:
        sent = self.journal.sent[: self._next]
        return next((s.id for s in sent if s.id not in self._acknowledged), None)

    async def _read(self, socket: ClientConnection) -> None:
        async for raw in socket:
            frame = json.loads(raw)
            match frame["type"]:
                case "ack":
                    self._take(frame["message"], own=True)
                    self.journal.acknowledge(frame["id"], frame["message"]["seq"])
                case "message":
                    self._take(frame["message"], fresh=True)
                case "error":
                    await self._refused(frame)

    def _take(self, message: dict[str, Any], *, own: bool = False, fresh: bool = False) -> None:
        """Show a message, unless it is the known one of a repeated acknowledgement."""
        seq, last = message["seq"], self._last
        if seq <= last:
            if fresh:
                self.journal.breach(f"{seq} came although {last} was shown")
            if own:
                self.journal.repeats += 1
            return
        if seq > last + 1:
            self.journal.breach(f"{seq} came after {last}")
        self.journal.show(_shown(message))

    async def _refused(self, frame: dict[str, Any]) -> None:
        self.journal.note(f"error {frame['code']}: {frame['text']}")
        if frame["code"] not in ("internal", "too_many"):
            self.journal.breach(f"refused: {frame['code']} {frame['text']}")
        if frame["code"] == "too_many" and frame["id"]:
            # What came after it may have been stored: only a limit that the benchmark was not
            # meant to meet leads here.
            self.journal.breach("the benchmark's messages exceed the limits; raise them")

    async def _send_elsewhere(self, sent: Sent) -> None:
        """The same message over a connection of its own, as by a second tab.

        Not before those before it are acknowledged: the order of two connections is nobody's.
        """
        before = self.journal.sent[: self.journal.sent.index(sent)]
        while self._session is None or any(s.id not in self._acknowledged for s in before):  # noqa: ASYNC110 - twenty looks a second cost nothing
            await asyncio.sleep(0.05)
        with suppress(OSError, WebSocketException, TimeoutError):
            async with connect(self._url, proxy=None) as socket:
                await self._hello(socket, 0)
                await socket.send(_frame(sent))
                ack = await _receive(socket, "ack")
                self.journal.acknowledge(ack["id"], ack["message"]["seq"])


def _frame(sent: Sent) -> str:
    return json.dumps({"type": "message", "id": sent.id, "text": sent.text})


async def _receive(socket: ClientConnection, kind: str) -> dict[str, Any]:
    """The next frame of a kind; within ten seconds, or TimeoutError."""
    async with asyncio.timeout(10):
        while True:
            frame: dict[str, Any] = json.loads(await socket.recv())
            if frame["type"] == kind:
                return frame


def _shown(message: dict[str, Any]) -> Shown:
    return Shown(
        id=message["id"],
        seq=message["seq"],
        author=message["author"],
        text=message["text"],
        source=first_source(message),
        client_id=message["client_id"],
        reply_to=message["reply_to"],
    )
