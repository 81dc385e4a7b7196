"""How much one client, and one address, may send."""

import logging
import time
from collections import Counter
from dataclasses import asdict, dataclass
from ipaddress import IPv6Address, ip_address
from types import TracebackType
from typing import Self

from limits import RateLimitItem, parse
from limits.aio.storage import Storage
from limits.aio.strategies import FixedWindowRateLimiter
from limits.errors import ConfigurationError, StorageError
from limits.storage import storage_from_string

from gateway.counters import Bucket, MemoryCounters
from gateway.errors import GatewayError, TooMany

_log = logging.getLogger(__name__)

_OPTIONS: dict[str, float | str | bool] = {
    # The library's first choice, coredis, cannot be used as it uses it since coredis 6.
    "implementation": "redispy",
    "socket_connect_timeout": 0.5,
    "socket_timeout": 0.5,
}

_AWAY = 10  # seconds
_OF_CONVERSATION = frozenset({"messages", "bytes", "uploads", "upload_bytes"})

MEMORY = "memory"
"""Counted in this process."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is allowed. The limits of an address are wide: a whole office, or all that one mobile
    carrier serves in a town, may stand behind it.

    Rates are written as ``limits`` writes them: ``20/20 seconds``, ``600/minute``.

    Attributes:
        sockets: open connections to one conversation: tabs, devices.
        sockets_per_address: open connections from one address.
        hello: seconds within which the first frame of a connection must come.
        queue: frames that wait for a slow reader before it is dropped.
        frames: frames of all kinds at once on one connection.
        frames_per_second: the same in the long run. More end the connection.
        connections: new connections from one address.
        messages: messages in one conversation; a client that was offline sends all it has kept.
            More are refused, to be sent again.
        messages_per_address: messages from one address.
        bytes: bytes of messages in one conversation.
        bytes_per_address: bytes of messages from one address.
        uploads: files in one conversation.
        uploads_per_address: files from one address.
        upload_bytes: bytes of files in one conversation.
        upload_bytes_per_address: bytes of files from one address.
        requests: HTTP requests under ``/v1/`` from one address.
    """

    sockets: int = 20
    sockets_per_address: int = 1_000
    hello: float = 10.0
    queue: int = 256
    frames: int = 60
    frames_per_second: float = 10.0
    connections: str = "600/minute"
    messages: str = "20/20 seconds"
    messages_per_address: str = "1200/minute"
    bytes: str = "1000000/minute"
    bytes_per_address: str = "20000000/minute"
    uploads: str = "20/10 minutes"
    uploads_per_address: str = "200/10 minutes"
    upload_bytes: str = "60000000/10 minutes"
    upload_bytes_per_address: str = "600000000/10 minutes"
    requests: str = "1200/minute"


class Limiter:
    """Counts, and refuses what is too much.

    Args:
        limits: what is allowed.
        storage: where rates are counted: :data:`MEMORY`, or, when several gateways are to count
            together, a URL of the library ``limits``, as ``redis://127.0.0.1:6379``. When that
            cannot be reached nothing is refused: customers are served, and the log tells.
            Open connections are counted by each gateway for itself.

    Raises:
        GatewayError: a rate cannot be read, or the storage cannot be used.
    """

    def __init__(self, limits: Limits | None = None, *, storage: str = MEMORY) -> None:
        self.limits = limits = limits or Limits()
        self._window = FixedWindowRateLimiter(_storage(storage))
        self._rates = _rates(limits)
        self._warnings = Bucket(3, 0.1)
        self._away_until = 0.0
        self._sockets: Counter[str] = Counter()

    async def connect(self, address: str) -> "Place":
        """A place for one more connection from ``address``; give it back by leaving it.

        Raises:
            TooMany: there is none.
        """
        key = network(address)
        most = self.limits.sockets_per_address
        if self._sockets[key] >= most:
            self._warn("open connections", key)
            raise TooMany(f"{most} connections from this address are open already")
        # Taken first, so that those who come while the rate is asked for find it taken.
        place = Place(self, key)
        try:
            await self._hit("connections", key)
        except TooMany:
            place.leave()
            raise
        return place

    async def upload(self, address: str, conversation_id: str, size: int) -> None:
        """Count a file of ``size`` bytes.

        Raises:
            TooMany: one more than is allowed.
        """
        key = network(address)
        await self._hit("uploads", conversation_id)
        await self._hit("upload_bytes", conversation_id, size)
        await self._hit("uploads_per_address", key)
        await self._hit("upload_bytes_per_address", key, size)

    async def request(self, address: str) -> None:
        """Count an HTTP request.

        Raises:
            TooMany: one more than is allowed.
        """
        await self._hit("requests", network(address))

    async def close(self) -> None:
        """Close the connections to Redis, if it counts there."""
        redis = getattr(getattr(self._window.storage, "bridge", None), "storage", None)
        if redis is not None:
            await redis.aclose()

    async def _message(self, key: str, conversation_id: str, size: int) -> None:
        await self._hit("messages", conversation_id)
        await self._hit("bytes", conversation_id, size)
        await self._hit("messages_per_address", key)
        await self._hit("bytes_per_address", key, size)

    async def _hit(self, name: str, key: str, cost: int = 1) -> None:
        """Count against the limit of this name."""
        if time.monotonic() < self._away_until:
            return
        rate, what = self._rates[name], name.replace("_", " ")
        try:
            if await self._window.hit(rate, name, key, cost=cost):
                return
            stats = await self._window.get_window_stats(rate, name, key)
        except StorageError as error:
            # Not asked again at once: each question may take as long as the network is patient.
            self._away_until = time.monotonic() + _AWAY
            _log.error("limits cannot be counted, nothing is refused for %d s: %s", _AWAY, error)
            return
        if name not in _OF_CONVERSATION:
            self._warn(what, key)
        raise TooMany(
            f"too many {what}, expected at most {rate}",
            retry_after=max(0.0, stats.reset_time - time.time()),
        )

    def _warn(self, what: str, key: str) -> None:
        """Write it down, but not every time: whoever hammers should not fill the log as well."""
        if self._warnings.take():
            _log.warning(
                "too many %s of %s; if that is your own proxy, set FORWARDED_ALLOW_IPS", what, key
            )


class Place:
    """One connection's place at a :class:`Limiter`: a context manager, left when it ends."""

    def __init__(self, limiter: Limiter, key: str) -> None:
        self._limiter = limiter
        self._key = key
        self._conversation_id: str | None = None
        limits = limiter.limits
        self._frames = Bucket(limits.frames, limits.frames_per_second)
        limiter._sockets[key] += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.leave()

    def leave(self) -> None:
        """Give the place back."""
        for key in (self._key, self._conversation_id):
            if key is not None:
                self._limiter._sockets[key] -= 1
                if not self._limiter._sockets[key]:
                    del self._limiter._sockets[key]

    def open(self, conversation_id: str) -> None:
        """Count the connection to its conversation as well.

        Raises:
            TooMany: there are as many as are allowed.
        """
        most = self._limiter.limits.sockets
        if self._limiter._sockets[conversation_id] >= most:
            raise TooMany(f"{most} connections to this conversation are open already")
        self._limiter._sockets[conversation_id] += 1
        self._conversation_id = conversation_id

    def frame(self) -> None:
        """Count a frame of any kind.

        Raises:
            TooMany: the connection is to be ended.
        """
        if not self._frames.take():
            raise TooMany("too many frames; wait, then connect again", retry_after=10)

    async def message(self, size: int) -> None:
        """Count a message of ``size`` bytes in the conversation that was opened.

        Raises:
            TooMany: it is refused, and can be sent again later.
        """
        await self._limiter._message(self._key, self._conversation_id or "", size)


def network(address: str) -> str:
    """What is counted as one address: of IPv6 the first 64 bits, which one customer has whole.

    Example:
        >>> network("2001:db8:1:2:3:4:5:6"), network("::ffff:192.0.2.7"), network("192.0.2.7")
        ('2001:db8:1:2::/64', '192.0.2.7', '192.0.2.7')
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        # A socket of the file system has no address; all who come by it are one.
        return address[:64] or "unknown"
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return f"{IPv6Address(int(found) >> 64 << 64)}/64"


def _rates(limits: Limits) -> dict[str, RateLimitItem]:
    """Read all that are texts, and see that the others are numbers above 0."""
    rates = {}
    for name, value in asdict(limits).items():
        if isinstance(value, str):
            try:
                rates[name] = parse(value)
            except ValueError as error:
                raise GatewayError(
                    f"the limit {name} is {value!r}; expected a rate, as '20/20 seconds' or "
                    "'600/minute'"
                ) from error
        elif value <= 0:
            raise GatewayError(f"the limit {name} is {value!r}; expected a number above 0")
    return rates


def _storage(url: str) -> Storage:
    if url == MEMORY:
        return MemoryCounters()
    # The library's name for its asynchronous stores, which are the only ones of use here.
    asynchronous = f"async+{url.removeprefix('async+')}"
    try:
        storage = storage_from_string(asynchronous, wrap_exceptions=True, **_OPTIONS)
    except (ConfigurationError, ValueError) as error:
        # Of the URL no more: it may hold a password.
        scheme = url.partition(":")[0]
        raise GatewayError(
            f"limits cannot be counted in {scheme!r}; expected {MEMORY!r} or a URL as "
            f"redis://127.0.0.1:6379 ({error})"
        ) from error
    assert isinstance(storage, Storage)  # noqa: S101 - by its name; for the type alone
    return storage
