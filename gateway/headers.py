"""The headers that keep a page from doing, and from being used for, what it is not meant to."""

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HOST = re.compile(r"[A-Za-z0-9.-]+(:\d+)?|\[[0-9A-Fa-f:]+\](:\d+)?")

_NO_PAGE = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
)
"""The policy of what is no page: if it is ever shown as one, nothing in it runs or loads."""

_UNUSED = (
    "accelerometer",
    "browsing-topics",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "hid",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "publickey-credentials-get",
    "serial",
    "usb",
    "xr-spatial-tracking",
)
_PERMISSIONS = ", ".join(f"{feature}=()" for feature in _UNUSED)
_ONE_YEAR = 365 * 86_400


class SecurityHeaders:
    """Middleware: a strict policy on everything that is served, and an open door to the widget.

    A route may set a policy or caching of its own; what it leaves open is set here.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _complete(MutableHeaders(scope=message), scope)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _complete(headers: MutableHeaders, scope: Scope) -> None:
    path = scope["path"]
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    headers["Permissions-Policy"] = _PERMISSIONS
    headers["X-Permitted-Cross-Domain-Policies"] = "none"
    if scope["scheme"] == "https":
        # Without subdomains: the shop may have some that are not ours to promise for.
        headers["Strict-Transport-Security"] = f"max-age={_ONE_YEAR}"
    if path.startswith("/v1/"):
        headers.setdefault("Content-Security-Policy", _NO_PAGE)
        headers.setdefault("Cache-Control", "no-store")
    else:
        host = Headers(scope=scope).get("host", "")
        headers.setdefault("Content-Security-Policy", content_security_policy(host))
    if path.startswith("/widget/"):
        # Any shop's page loads it; who may chat is decided when it connects.
        headers["Access-Control-Allow-Origin"] = "*"
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return
    headers["X-Frame-Options"] = "DENY"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    # A picture that a customer sent is shown on the shop's page; its address is a secret.
    anywhere = path.startswith("/v1/files/")
    headers["Cross-Origin-Resource-Policy"] = "cross-origin" if anywhere else "same-origin"


def content_security_policy(host: str) -> str:
    """Own files only, no inline script or style. ``host`` is what the client calls the server."""
    # Older browsers do not take 'self' to mean the same server's WebSocket.
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            f"connect-src 'self'{sockets}",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            # No text becomes markup or script by a slip: the widget makes its nodes one by one.
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )
