"""One connection of a widget: the protocol as a state machine.

    GREETING --hello--> OPEN --(message | rating | ... | ping)*--> CLOSED

A frame that is out of place, too large or not understood ends the connection with a code that
says why; a message that is merely unwelcome (empty, too long, too soon) is refused by an error.
"""

import asyncio
import logging
from contextlib import suppress
from enum import Enum, auto

from starlette.websockets import WebSocket, WebSocketDisconnect

from gateway.admission import Admission, Admitted
from gateway.errors import BadSession, TooMany
from gateway.events import Event, Opened, Revoked
from gateway.exchange import Exchange
from gateway.limits import Limiter, Place
from gateway.texts import page_language
from gateway.widget.frames import (
    LONGEST_FRAME,
    PROTOCOL,
    CustomerView,
    ErrorCode,
    ErrorFrame,
    FrameError,
    Hello,
    LogoutFrame,
    ServerFrame,
    Welcome,
    parse_frame,
    speaks_another_version,
)
from gateway.widget.guest import Guest
from gateway.widget.origins import Origins
from gateway.widget.views import FileUrl, frame_of, view

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
        admission: Admission,
        origins: Origins,
        limiter: Limiter,
        file_url: FileUrl,
    ) -> None:
        self._websocket = websocket
        self._exchange = exchange
        self._admission = admission
        self._origins = origins
        self._limiter = limiter
        self._file_url = file_url
        self._state = State.GREETING
        self._admitted: Admitted | None = None
        self._guest: Guest | None = None
        self._outgoing: asyncio.Queue[ServerFrame | int] = asyncio.Queue(limiter.limits.queue)
        self._patience = asyncio.timeout(None)
        self._listening = False

    async def run(self) -> None:
        """Serve until either side ends it."""
        await self._websocket.accept()
        headers, client = self._websocket.headers, self._websocket.client
        if not self._origins.allow(headers.get("origin"), headers.get("host")):
            # Refused after the handshake: before it, a browser would not show the code.
            await self._close(CloseCode.BAD_ORIGIN)
            return
        try:
            place = await self._limiter.connect(client.host if client else "")
        except TooMany as error:
            with suppress(WebSocketDisconnect):
                refusal = ErrorFrame(code="too_many", text=str(error))
                await self._websocket.send_text(refusal.model_dump_json())
            await self._close(CloseCode.TOO_MANY)
            return
        with place:
            await self._serve(place)

    async def _serve(self, place: Place) -> None:
        reader = asyncio.create_task(self._read(place))
        try:
            async with self._patience:
                await self._write()
        except TimeoutError:
            _log.info("a client that reads too slowly is dropped; it will resume")
            await self._close(CloseCode.TOO_SLOW)
        finally:
            self._state = State.CLOSED
            # A frame that is being handled is handled to its end: a message that was stored
            # must also be answered.
            if self._listening:
                reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)
            if self._guest is not None:
                self._exchange.leave(self._guest.conversation_id, self)

    def tell(self, event: Event) -> None:
        """Queue the frame for an event of the conversation."""
        if isinstance(event, Opened):
            self._welcome(event)
        elif isinstance(event, Revoked):
            text = "the session was ended; begin a new one"
            self._send(ErrorFrame(code="bad_session", text=text))
            self._send(CloseCode.BAD_SESSION)
        elif (frame := frame_of(event, self._file_url)) is not None:
            self._send(frame)

    def _welcome(self, event: Opened) -> None:
        assert self._admitted is not None  # noqa: S101 - only who was admitted is told anything
        customer = None
        if (known := self._admitted.customer) is not None:
            customer = CustomerView(name=known.name, email=known.email)
        self._send(
            Welcome(
                session=self._admitted.token,
                resumed=self._admitted.returning and event.continues,
                status=event.status.value,
                messages=[view(message, self._file_url) for message in event.messages],
                earlier=event.earlier,
                seen_seq=event.seen_seq,
                customer=customer,
            )
        )

    def _send(self, frame: ServerFrame | int) -> None:
        try:
            self._outgoing.put_nowait(frame)
        except asyncio.QueueFull:
            if self._state is not State.CLOSED:
                self._state = State.CLOSED
                # What is being sent, and what waits for that, is given up at once.
                self._patience.reschedule(0)

    async def _write(self) -> None:
        """Send what is queued, until a close code is."""
        with suppress(WebSocketDisconnect):
            while not isinstance(frame := await self._outgoing.get(), int):
                await self._websocket.send_text(frame.model_dump_json())
            if frame:
                await self._close(frame)

    async def _read(self, place: Place) -> None:
        """Take frames until the client leaves or is sent away."""
        code = 0
        try:
            while self._state is not State.CLOSED:
                text = await self._receive(place)
                if self._state is State.GREETING:
                    await self._greet(text, place)
                elif self._guest is not None:
                    await self._take(text, self._guest)
        except WebSocketDisconnect:
            pass
        except _Refused as refused:
            code = refused.close
            self._send(refused.frame)
        except Exception:
            conversation_id = self._guest.conversation_id if self._guest else "none yet"
            _log.exception("conversation %s: a frame could not be handled", conversation_id)
            code = CloseCode.INTERNAL
            self._send(ErrorFrame(code="internal", text="something failed here; connect again"))
        self._send(code)

    async def _receive(self, place: Place) -> str:
        self._listening = True
        greeting = self._state is State.GREETING
        try:
            async with asyncio.timeout(self._limiter.limits.hello if greeting else None):
                message = await self._websocket.receive()
        except TimeoutError:
            late = f"no hello within {self._limiter.limits.hello:g} s"
            raise _Refused(CloseCode.BAD_FRAME, "bad_hello", late) from None
        finally:
            self._listening = False
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code") or 1005)
        try:
            place.frame()
        except TooMany as error:
            raise _Refused(CloseCode.TOO_MANY, "too_many", str(error)) from error
        text = message.get("text")
        if text is None:
            raise _Refused(CloseCode.BAD_FRAME, "bad_frame", "a binary frame; expected JSON text")
        if len(text.encode()) > LONGEST_FRAME:
            raise _Refused(
                CloseCode.TOO_BIG, "bad_frame", f"a frame of more than {LONGEST_FRAME} bytes"
            )
        return str(text)

    async def _greet(self, text: str, place: Place) -> None:
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
        try:
            admitted = await self._admission.admit(hello.session, hello.identity)
            place.open(admitted.conversation_id)
        except BadSession as error:
            raise _Refused(CloseCode.BAD_SESSION, "bad_session", str(error)) from error
        except TooMany as error:
            raise _Refused(CloseCode.TOO_MANY, "too_many", str(error)) from error
        if admitted.closes is not None:
            await self._exchange.revoke(admitted.closes)
        if admitted.identity_error is not None:
            self._send(ErrorFrame(code="bad_identity", text=admitted.identity_error))
        self._admitted = admitted
        self._guest = Guest(
            conversation_id=admitted.conversation_id,
            language=page_language(hello.language),
            customer_id=admitted.customer.id if admitted.customer else None,
            exchange=self._exchange,
            follower=self,
            send=self._send,
            place=place,
            file_url=self._file_url,
        )
        self._state = State.OPEN
        last_seq = hello.last_seq if admitted.returning else 0
        await self._exchange.open(admitted.conversation_id, self, last_seq=last_seq)
        try:
            # From here on it hears of a sign-out; of one in the moment before it has not.
            await self._admission.check(admitted)
        except BadSession as error:
            raise _Refused(CloseCode.BAD_SESSION, "bad_session", str(error)) from error

    async def _take(self, text: str, guest: Guest) -> None:
        """A frame in OPEN."""
        try:
            frame = parse_frame(text)
        except FrameError as error:
            raise _Refused(CloseCode.BAD_FRAME, "bad_frame", str(error)) from error
        if isinstance(frame, Hello):
            raise _Refused(CloseCode.BAD_FRAME, "bad_frame", "a second hello")
        if isinstance(frame, LogoutFrame):
            await self._admission.revoke(guest.conversation_id)
            await self._exchange.revoke(guest.conversation_id)
        else:
            await guest.do(frame)

    async def _close(self, code: int) -> None:
        # A client that does not read does not take a farewell either.
        with suppress(TimeoutError, WebSocketDisconnect, RuntimeError):
            async with asyncio.timeout(1):
                await self._websocket.close(code)
