"""A terminal chat over the same WebSocket as the widget's."""

import asyncio
import json
import uuid
from typing import Any

import websockets
from rich.console import Console
from rich.markup import escape
from websockets.asyncio.client import ClientConnection, connect

from shopdesk.errors import ShopdeskError, StartError

PROTOCOL = 1


def chat_address(url: str) -> str:
    """Where the chat of a gateway is: ``https://shop.example`` may stand for it.

    Raises:
        ShopdeskError: ``url`` is no address of the web.

    Example:
        >>> chat_address("http://127.0.0.1:8000")
        'ws://127.0.0.1:8000/v1/chat'
    """
    scheme, _, rest = url.partition("://")
    known = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}
    host, _, path = rest.partition("/")
    if scheme not in known or not host:
        raise ShopdeskError(
            f"{url!r} is no address of a chat; expected http://HOST:PORT or ws://HOST:PORT/v1/chat.",
            "correct --url.",
        )
    return f"{known[scheme]}://{host}/{path or 'v1/chat'}"


class Chat:
    """One conversation in the terminal.

    Args:
        url: the gateway's WebSocket, such as ``ws://127.0.0.1:8000/v1/chat``.
        language: the language of the "page", ``en`` or ``zh``.
    """

    def __init__(self, url: str, language: str, console: Console) -> None:
        self._url = url
        self._language = language
        self._console = console
        self._answered = asyncio.Event()
        self._quick_replies: list[dict[str, str]] = []
        self._rateable: str | None = None

    async def run(self) -> None:
        """Talk until the input ends.

        Raises:
            StartError: nothing answers at the address.
        """
        try:
            async with connect(self._url) as socket:
                await self._hello(socket)
                listener = asyncio.create_task(self._listen(socket))
                await self._talk(socket)
                listener.cancel()
        except (OSError, websockets.InvalidHandshake) as error:
            raise StartError(
                f"No chat at {self._url}: {error}", "start Shopdesk first with `make run`."
            ) from None
        except websockets.ConnectionClosed as error:
            raise StartError(
                f"The gateway closed the chat: {error.rcvd or error}", "start the chat again."
            ) from None

    async def _hello(self, socket: ClientConnection) -> None:
        hello = {
            "type": "hello", "protocol": PROTOCOL, "session": None,
            "last_seq": 0, "language": self._language,
        }  # fmt: skip
        await socket.send(json.dumps(hello))
        await socket.recv()
        self._console.print(
            "[dim]Write a message; a number presses a button, + or - rates the last answer, "
            "Ctrl-D ends.[/dim]"
        )

    async def _talk(self, socket: ClientConnection) -> None:
        while True:
            try:
                line = (await asyncio.to_thread(self._console.input, "[bold]you >[/bold] ")).strip()
            except EOFError:
                return
            if not line:
                continue
            frame = self._frame(line)
            self._answered.clear()
            await socket.send(json.dumps(frame))
            try:
                await asyncio.wait_for(self._answered.wait(), timeout=60)
            except TimeoutError:
                self._console.print("[yellow]no answer within 60 s[/yellow]")

    def _frame(self, line: str) -> dict[str, Any]:
        if line[0] in "+-" and self._rateable:
            value = 1 if line[0] == "+" else -1
            comment = line[1:].strip() or None
            return {"type": "rating", "message": self._rateable, "value": value, "comment": comment}
        frame: dict[str, Any] = {"type": "message", "id": str(uuid.uuid4()), "text": line}
        if line.isdigit() and 0 < int(line) <= len(self._quick_replies):
            reply = self._quick_replies[int(line) - 1]
            frame |= {"text": reply["title"], "payload": reply["payload"]}
        return frame

    async def _listen(self, socket: ClientConnection) -> None:
        async for raw in socket:
            frame = json.loads(raw)
            match frame["type"]:
                case "message" if frame["message"]["author"] != "customer":
                    self._show(frame["message"])
                case "typing" if not frame["on"]:
                    self._answered.set()
                case "status":
                    self._console.print(f"[dim]status: {frame['status']}[/dim]")
                case "rated":
                    self._console.print("[dim]rated, thank you[/dim]")
                    self._answered.set()
                case "error":
                    self._console.print(f"[red]{escape(frame['text'])}[/red]")
                    self._answered.set()

    def _show(self, message: dict[str, Any]) -> None:
        self._console.print(f"[bold cyan]{message['author']} >[/bold cyan] ", end="")
        self._console.print(escape(message["text"]))
        for source in message["sources"]:
            self._console.print(f"  [dim]- {escape(source['title'])} ({source['id']})[/dim]")
        self._quick_replies = message["quick_replies"]
        for number, reply in enumerate(self._quick_replies, 1):
            self._console.print(f"  [green]\\[{number}][/green] {escape(reply['title'])}")
        if message["rateable"]:
            self._rateable = message["id"]
