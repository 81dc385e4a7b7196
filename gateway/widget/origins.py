"""Which web pages may open a chat."""

from collections.abc import Collection
from urllib.parse import urlsplit

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
