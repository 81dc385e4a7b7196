"""Which web pages may open a chat."""

from collections.abc import Collection
from urllib.parse import SplitResult, urlsplit

from gateway.errors import GatewayError

_PORTS = {"http": 80, "https": 443}


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
        self._allowed = {_normal(origin) for origin in allowed if origin != "*"}

    def allow(self, origin: str | None, host: str | None) -> bool:
        """Whether a page of ``origin`` may connect to the server that it calls ``host``.

        A client that is not a browser sends no origin, and could send any.
        """
        if self._any or origin is None:
            return True
        try:
            scheme, name, port = _normal(origin)
        except GatewayError:
            return False
        if (scheme, name, port) in self._allowed:
            return True
        if host is None:
            return False
        # Behind a proxy that ends TLS the server cannot tell which scheme the page used.
        return _place(urlsplit(f"//{host}"), scheme) == (name, port)


def _normal(origin: str) -> tuple[str, str, int]:
    parts = urlsplit(origin)
    place = _place(parts, parts.scheme) if parts.scheme in _PORTS else None
    if place is None or parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        raise GatewayError(
            f"{origin!r} is not an origin; expected a scheme and a host, as https://shop.example"
        )
    return parts.scheme, *place


def _place(parts: SplitResult, scheme: str) -> tuple[str, int] | None:
    try:
        port = parts.port
    except ValueError:
        return None
    return (parts.hostname, port or _PORTS[scheme]) if parts.hostname else None
