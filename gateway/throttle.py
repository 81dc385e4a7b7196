"""HTTP requests are counted by address."""

from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.errors import TooMany
from gateway.limits import Limiter
from gateway.problems import too_many


class Throttle:
    """Middleware: refuses what is too much with 429.

    Only under ``/v1/``: the rest are files, and questions whether the gateway is well. What comes
    to a channel is not counted either: it is signed, and all of it comes from one address.
    """

    def __init__(self, app: ASGIApp, limiter: Limiter) -> None:
        self._app = app
        self._limiter = limiter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _counted(scope["path"]):
            try:
                await self._limiter.request(address_of(scope))
            except TooMany as error:
                await too_many(error)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def address_of(scope: Scope) -> str:
    """Where a connection comes from; behind a proxy, what the proxy says, if it is trusted.

    uvicorn has read the proxy's headers already: see ``FORWARDED_ALLOW_IPS``.
    """
    client = scope.get("client")
    return client[0] if client else ""


def _counted(path: str) -> bool:
    return path.startswith("/v1/") and not path.startswith("/v1/channels/")
