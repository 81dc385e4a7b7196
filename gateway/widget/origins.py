"""Which web pages may open a chat, and use what belongs to it over HTTP."""

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.errors import GatewayError
from gateway.problems import problem

_PORTS = {"http": 80, "https": 443}
_WIDGET_PATHS = ("/v1/files", "/v1/transcript")


class Origins:
    """The shop's own sites.

    Args:
        allowed: origins as browsers send them, ``https://shop.example``; ``*`` for any. The
            gateway's own pages need not be named.

    Raises:
        GatewayError: one of them is not an origin.
    """

    def __init__(self, allowed: Collection[str]) -> None:
        self._any = "*" in allowed
        self._allowed = {_required(origin) for origin in allowed if origin != "*"}

    def allow(self, origin: str | None, host: str | None) -> bool:
        """Whether a page of ``origin`` may connect to the server that it calls ``host``.

        A client that is not a browser sends no origin, and could send any.
        """
        if self._any or origin is None:
            return True
        found = _parse(origin)
        if found is None:
            return False
        if found in self._allowed:
            return True
        # Behind a proxy that ends TLS the server cannot tell which scheme the page used.
        scheme = found[0]
        return host is not None and _parse(f"{scheme}://{host}") == found


class CrossOrigin:
    """Middleware: the widget's HTTP requests from the shop's pages, and from no others.

    Another page's browser is not told that it may, and what it sends all the same is refused.

    Args:
        origins: the shop's sites.
    """

    def __init__(self, app: ASGIApp, origins: Origins) -> None:
        self._app = app
        self._origins = origins
        self._shared = _Shared(app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(_WIDGET_PATHS):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if self._origins.allow(origin, headers.get("host")):
            await self._shared(scope, receive, send)
            return
        text = f"pages of {origin!r} are not among the allowed origins"
        await problem(403, "bad_origin", text, Vary="Origin")(scope, receive, send)


class _Shared(CORSMiddleware):
    """Starlette's answers, to those whose origin was found to be allowed."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
            app,
            allow_methods=("GET", "POST"),
            allow_headers=("Authorization",),
            expose_headers=("Content-Disposition", "Retry-After"),
        )

    def is_allowed_origin(self, origin: str) -> bool:
        return True


def _required(origin: str) -> tuple[str, str, int]:
    found = _parse(origin)
    if found is None:
        raise GatewayError(
            f"{origin!r} is not an origin; expected a scheme and a host, as https://shop.example"
        )
    return found


def _parse(origin: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of an origin, None of anything else."""
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
        return None
    if parts.path or parts.query or parts.fragment:
        return None
    return parts.scheme, parts.hostname, port or _PORTS[parts.scheme]
