"""The door of the widget's connections, before all other middleware and the router.

Thousands of them are open for hours, and each would hold a frame of every layer that it came by.
"""

from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

PATH = "/v1/chat"


class ChatDoor:
    """Middleware: serves WebSockets at :data:`PATH` itself; what is for HTTP does not concern them.

    Args:
        serve: serves one connection to its end.
    """

    def __init__(self, app: ASGIApp, serve: Callable[[WebSocket], Awaitable[None]]) -> None:
        self._app = app
        self._serve = serve

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" and scope["path"] == PATH:
            await self._serve(WebSocket(scope, receive, send))
        else:
            await self._app(scope, receive, send)
