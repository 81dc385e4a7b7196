"""The parts of ``commerce._http`` that send nothing: addresses, JSON, pauses, deadlines."""

import functools
import json
import random
import ssl
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]
Params = Mapping[str, str | int]

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_FIRST_PAUSE, _LONGEST_PAUSE = 0.3, 2.0


class Deadline:
    """A moment by which something of several requests has to be done with.

    Args:
        seconds: from now.
        clock: tells seconds, from any beginning.
    """

    def __init__(self, seconds: float, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._end = clock() + seconds

    def left(self) -> float:
        """Seconds, 0 when it is over."""
        return max(0.0, self._end - self._clock())

    def within(self, seconds: float) -> "Deadline":
        """One for a part of it: at most so many seconds from now."""
        return Deadline(min(seconds, self.left()), self._clock)


def shop_address(url: str) -> str:
    """``url`` as the address of a shop, without a slash at its end.

    Raises:
        ValueError: if it is not https (http to this machine), or holds more than host and path.
    """
    # What was found is not repeated: it may hold a password.
    complaint = "expected the shop's address such as https://shop.example, without a password"
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise ValueError(complaint) from None
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise ValueError(f"{complaint}; http only to this machine")
    if (
        " " in parts.netloc
        or not parts.hostname
        or port == 0
        or "@" in parts.netloc
        or parts.query
        or parts.fragment
    ):
        raise ValueError(complaint)
    address = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
    try:
        httpx.URL(address)
    except httpx.InvalidURL:
        raise ValueError(complaint) from None
    return address


def https_only(url: str | None) -> str | None:
    """``url`` if a customer may be sent there, else None."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    usable = parts.scheme == "https" and parts.hostname and "@" not in parts.netloc
    return url if usable and url and url.isprintable() and " " not in url else None


@functools.cache
def tls() -> ssl.SSLContext:
    """What certificates are checked by. To read them all takes a while: once for all clients."""
    return httpx.create_ssl_context(trust_env=False)


def parse_json(content: bytes) -> Any:
    """What ``content`` says, fractions as ``Decimal``: an amount written 4.95 is that exactly.

    None for an empty one.

    Raises:
        ValueError: it is not JSON, or nested too deeply.
    """
    if not content.strip():
        return None
    try:
        return json.loads(content, parse_float=Decimal, parse_constant=_no_constant)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def pause_after(attempt: int) -> float:
    """Seconds before the next try: twice as long each time, and never two clients in step."""
    longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** (attempt - 1))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311


def retry_after(value: str) -> float | None:
    """Seconds, from a Retry-After header's number or date; None where it holds neither."""
    value = value.strip()
    # Also fractions, which some shop systems send. Longer than this is no number of seconds.
    if len(value) <= 9 and value.isascii() and value.replace(".", "", 1).isdigit():
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    return max(0.0, (when.replace(tzinfo=when.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


@dataclass(frozen=True, slots=True)
class Call:
    """What is to be sent, and what may be made of its failure."""

    method: str
    path: str
    params: Params | None
    body: object
    headers: Mapping[str, str] | None
    accept: Collection[int]
    changes: bool
    repeatable: bool

    def __post_init__(self) -> None:
        # Anything else could name another host, and the key would go there.
        if not self.path.startswith("/") or self.path.startswith("//"):
            raise ValueError("a path begins with one /")

    def content(self) -> bytes | None:
        return None if self.body is None else json.dumps(self.body).encode()
