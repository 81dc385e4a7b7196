"""One connection of a widget: the protocol as a state machine.

    GREETING --hello--> OPEN --(message | rating | ping)*--> CLOSED

A frame that is out of place, too large or not understood ends the connection with a code that
says why; a message that is merely unwelcome (empty, too long, too soon) is refused by an error.
"""

import asyncio
import logging
from contextlib import suppress
from enum import Enum, auto

from starlette.websockets import WebSocket, WebSocketDisconnect

from gateway.errors import BadSession
from gateway.events import Event, Opened
from gateway.exchange import Exchange
from gateway.hub import Hub
from gateway.sessions import Sessions
from gateway.texts import page_language
from gateway.transactions import Incoming
from gateway.widget.frames import (
    LONGEST_FRAME,
    LONGEST_TEXT,
    PROTOCOL,
    CustomerMessage,
    ErrorCode,
    ErrorFrame,
    FrameError,
    Hello,
    Ping,
    Pong,
    RatingFrame,
    ServerFrame,
    parse_frame,
    speaks_another_version,
)
from gateway.widget.limits import Bucket, Limits
from gateway.widget.origins import Origins
from gateway.widget.views import frame_of, welcome
from store.errors import UnknownMessage

_log = logging.getLogger(__name__)


class CloseCode:
    """Why the server ends a connection."""

    TOO_BIG = 1009
    INTERNAL = 1011
    TOO_SLOW = 1013
    BAD_FRAME = 4400
    BAD_SESSION = 4401
    BAD_ORIGIN = 4403
    TOO_MANY = 4429


class State(Enum):
    """Where a connection stands."""

    GREETING = auto()
    OPEN = auto()
    CLOSED = auto()


class _Refused(Exception):  # noqa: N818
    """The connection is to be ended with ``close``, after an error frame."""

    def __init__(self, close: int, code: ErrorCode, text: str) -> None:
        super().__init__(text)
        self.close = close
        self.frame = ErrorFrame(code=code, text=text)


class WidgetSocket:
    """Serves one connection from its beginning to its end: see :meth:`run`."""

    def __init__(
        self,
        websocket: WebSocket,
        *,
        exchange: Exchange,
        hub: Hub,
        sessions: Sessions,
        origins: Origins,
        limits: Limits,
    ) -> None:
        self._websocket = websocket
        self._exchange = exchange
        self._hub = hub
        self._sessions = sessions
        self._origins = origins
        self._limits = limits
        self._state = State.GREETING
        self._conversation_id = ""
        self._returning = False
        self._language = page_language("en")
        self._outgoing: asyncio.Queue[ServerFrame | int] = asyncio.Queue(limits.queue)
        self._too_slow = asyncio.Event()
        self._listening = False
        self._messages = Bucket(limits.messages, limits.messages_per_second)
        self._frames = Bucket(limits.frames, limits.frames_per_second)

    async def run(self) -> None:
        """Serve until either side ends it."""
        await self._websocket.accept()
        headers = self._websocket.headers
        if not self._origins.allow(headers.get("origin"), headers.get("host")):
            # Refused after the handshake: before it, a browser would not show the code.
            await self._close(CloseCode.BAD_ORIGIN)
            return
        reader = asyncio.create_task(self._read())
        others = [asyncio.create_task(self._write()), asyncio.create_task(self._too_slow.wait())]
        try:
            await asyncio.wait(others, return_when=asyncio.FIRST_COMPLETED)
            if self._too_slow.is_set():
                _log.info("a client that reads too slowly is dropped; it will resume")
                await self._close(CloseCode.TOO_SLOW)
        finally:
            self._state = State.CLOSED
            for task in others:
                task.cancel()
            # A frame that is being handled is handled to its end: a message that was stored
            # must also be answered.
            if self._listening:
                reader.cancel()
            await asyncio.gather(reader, *others, return_exceptions=True)
            self._exchange.leave(self._conversation_id, self)

    def tell(self, event: Event) -> None:
        """Queue the frame for an event of the conversation."""
        if isinstance(event, Opened):
            # Every welcome brings a fresh token, so that a customer who comes back is never late.
            session = self._sessions.issue(self._conversation_id)
            resumed = self._returning and event.continues
            self._send(welcome(event, session=session, resumed=resumed))
        else:
            self._send(frame_of(event))

    def _send(self, frame: ServerFrame | int) -> None:
        try:
            self._outgoing.put_nowait(frame)
        except asyncio.QueueFull:
            self._too_slow.set()

    async def _write(self) -> None:
        """Send what is queued, until a close code is."""
        with suppress(WebSocketDisconnect):
            while not isinstance(frame := await self._outgoing.get(), int):
                await self._websocket.send_text(frame.model_dump_json())
            if frame:
                await self._close(frame)

    async def _read(self) -> None:
        """Take frames until the client leaves or is sent away."""
        code = 0
        try:
            while self._state is not State.CLOSED:
                text = await self._receive()
                if self._state is State.GREETING:
                    await self._greet(text)
                elif self._state is State.OPEN:
                    await self._take(text)
        except WebSocketDisconnect:
            pass
        except _Refused as refused:
            code = refused.close
            self._send(refused.frame)
        except Exception:
            _log.exception("conversation %s: a frame could not be handled", self._conversation_id)
            code = CloseCode.INTERNAL
            self._send(ErrorFrame(code="internal", text="something failed here; connect again"))
        self._send(code)

    async def _receive(self) -> str:
        self._listening = True
        greeting = self._state is State.GREETING
        try:
            async with asyncio.timeout(self._limits.hello if greeting else None):
                message = await self._websocket.receive()
        except TimeoutError:
            late = f"no hello within {self._limits.hello:g} s"
            raise _Refused(CloseCode.BAD_FRAME, "bad_hello", late) from None
        finally:
            self._listening = False
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code") or 1005)
        if not self._frames.take():
            raise _Refused(CloseCode.TOO_MANY, "too_many", "too many frames; wait, then connect")
        text = message.get("text")
        if text is None:
            raise _Refused(CloseCode.BAD_FRAME, "bad_frame", "a binary frame; expected JSON text")
        if len(text.encode()) > LONGEST_FRAME:
            raise _Refused(
                CloseCode.TOO_BIG, "bad_frame", f"a frame of more than {LONGEST_FRAME} bytes"
            )
        return str(text)

    async def _greet(self, text: str) -> None:
        """GREETING -> OPEN."""
        if speaks_another_version(text):
            raise _Refused(
                CloseCode.BAD_FRAME, "unsupported_protocol", f"this server speaks {PROTOCOL}"
            )
        try:
            hello = parse_frame(text)
        except FrameError as error:
            raise _Refused(CloseCode.BAD_FRAME, "bad_hello", str(error)) from error
        if not isinstance(hello, Hello):
            raise _Refused(
                CloseCode.BAD_FRAME, "bad_hello", f"the first frame is {hello.type!r}, not 'hello'"
            )
        if hello.session is None:
            conversation_id = self._sessions.new_conversation()
        else:
            try:
                conversation_id = self._sessions.read(hello.session)
            except BadSession as error:
                raise _Refused(CloseCode.BAD_SESSION, "bad_session", str(error)) from error
        if self._hub.count(conversation_id) >= self._limits.sockets:
            raise _Refused(
                CloseCode.TOO_MANY,
                "too_many",
                f"{self._limits.sockets} connections to this conversation are open already",
            )
        self._conversation_id = conversation_id
        self._returning = hello.session is not None
        self._language = page_language(hello.language)
        self._state = State.OPEN
        await self._exchange.open(conversation_id, self, last_seq=hello.last_seq)

    async def _take(self, text: str) -> None:
        """A frame in OPEN."""
        try:
            frame = parse_frame(text)
        except FrameError as error:
            raise _Refused(CloseCode.BAD_FRAME, "bad_frame", str(error)) from error
        match frame:
            case CustomerMessage():
                await self._take_message(frame)
            case RatingFrame():
                await self._take_rating(frame)
            case Ping():
                self._send(Pong())
            case Hello():
                raise _Refused(CloseCode.BAD_FRAME, "bad_frame", "a second hello")

    async def _take_message(self, frame: CustomerMessage) -> None:
        length = len(frame.text)
        if length > LONGEST_TEXT:
            text = f"{length} characters, expected at most {LONGEST_TEXT}"
            self._send(ErrorFrame(code="message_too_long", text=text, id=frame.id))
        elif not frame.text.strip():
            self._send(ErrorFrame(code="message_empty", text="there is no text", id=frame.id))
        elif not self._messages.take():
            text = "too many messages; send this one again in a few seconds"
            self._send(ErrorFrame(code="too_many", text=text, id=frame.id))
        else:
            incoming = Incoming(frame.id, frame.text, frame.payload, self._language)
            await self._exchange.receive(self._conversation_id, incoming, self)

    async def _take_rating(self, frame: RatingFrame) -> None:
        message_id, comment = str(frame.message), frame.comment or None
        try:
            await self._exchange.rate(self._conversation_id, message_id, frame.value, comment)
        except UnknownMessage as error:
            self._send(ErrorFrame(code="unknown_message", text=str(error), id=message_id))

    async def _close(self, code: int) -> None:
        # A client that does not read does not take a farewell either.
        with suppress(TimeoutError, WebSocketDisconnect, RuntimeError):
            async with asyncio.timeout(1):
                await self._websocket.close(code)
