"""Asking a shop system over HTTPS: retried where that is safe, bounded in time and size.

A request that only reads may be sent again. One that changes something may not, unless it surely
did not arrive: otherwise whether it was done is unknown, and is said so.
"""

import asyncio
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from commerce._http_parts import (
    Call,
    Clock,
    Deadline,
    Params,
    Sleep,
    parse_json,
    pause_after,
    retry_after,
    shop_address,
    tls,
)
from commerce.errors import CommerceError, OutcomeUnknownError, ShopUnavailableError

__all__ = ["Answer", "Deadline", "ShopHttp", "StillRunningError", "shop_address"]


_TRIES = 3
_CONNECT_SECONDS = 3.0
# Too many requests, and what a server says that is out of breath for the moment.
_PASSING = frozenset({429, 500, 502, 503, 504})
# Said by what stands before the server, which may be at work still.
_FROM_A_GATEWAY = frozenset({502, 504})
# The request was not sent: there was no connection to send it over.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class StillRunningError(OutcomeUnknownError):
    """There was no answer in time: what was asked for may yet be carried out."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the shop system answered.

    Attributes:
        status: 2xx, or one of those that the caller accepts.
        data: the body's JSON, with fractions as ``Decimal``; None for an empty body.
        headers: their names in lower case.
    """

    status: int
    data: Any
    headers: Mapping[str, str]


class _TryAgainError(Exception):
    """One try failed in a way that passes by itself.

    Attributes:
        error: what to raise when there is no further try.
        pause: seconds that the shop wants to be left alone; None where it does not say.
    """

    def __init__(self, error: CommerceError, pause: float | None = None) -> None:
        self.error = error
        self.pause = pause
        super().__init__()


class ShopHttp:
    """A client of one shop system. To be closed.

    What it raises names the shop's address and the status, never a path, a query, a header or a
    body: those hold secrets and customers' data.

    Args:
        base_url: https, or http to this machine; what every path is put after.
        auth: user and password of HTTP basic authentication.
        headers: sent with every request.
        remedy: what to do when the shop refuses the key, as a sentence for its error.
        seconds: for one call of ``read`` or ``write``, all tries and pauses together.
        max_bytes: the largest body that is read, decompressed.

    Raises:
        ValueError: if ``base_url`` is not such an address.
    """

    def __init__(
        self,
        base_url: str,
        *,
        auth: tuple[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        remedy: str = "Check the key and what it may do.",
        seconds: float = 8.0,
        max_bytes: int = 2_000_000,
        sleep: Sleep = asyncio.sleep,
        clock: Clock = time.monotonic,
    ) -> None:
        self.address = shop_address(base_url)
        self._remedy = remedy
        self._seconds = seconds
        self._max_bytes = max_bytes
        self._sleep = sleep
        self._clock = clock
        self._client = httpx.AsyncClient(
            base_url=self.address,
            auth=auth,
            headers={"User-Agent": "Shopdesk", "Accept": "application/json", **(headers or {})},
            # A redirect could lead the key anywhere, and so could a proxy of the environment.
            follow_redirects=False,
            trust_env=False,
            verify=tls(),
        )

    async def close(self) -> None:
        """Close the connections to the shop system."""
        await self._client.aclose()

    def deadline(self, seconds: float) -> Deadline:
        """For several calls that have to be done with together."""
        return Deadline(seconds, self._clock)

    async def read(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        accept: Collection[int] = (),
        deadline: Deadline | None = None,
    ) -> Answer:
        """Send a request that changes nothing; up to three tries.

        Args:
            path: begins with ``/``. Whatever is put into it has to be quoted.
            body: sent as JSON; None for none.
            accept: statuses below 500, beside 2xx, that are answers too. Their body has to be JSON
                as well: a page in HTML that says 404 does not come from the shop's API.
            deadline: ends the call where it comes before the client's own ``seconds``.

        Raises:
            ShopUnavailableError: there is no such answer.
        """
        call = Call(method, path, params, body, headers, accept, changes=False, repeatable=True)
        return await self._tries(call, deadline)

    async def write(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        accept: Collection[int] = (),
        deadline: Deadline | None = None,
        idempotent: bool = False,
    ) -> Answer:
        """Send a request that changes something; the arguments as for ``read``.

        It is tried again only where it surely was not carried out: no connection, or status 429.

        Args:
            idempotent: to carry it out twice comes to the same as once, by a key that the shop
                system knows again or by what it asks for: it may be tried again as if it read.

        Raises:
            ShopUnavailableError: nothing was changed.
            OutcomeUnknownError: it may have been changed; ``StillRunningError`` if it may yet be.
        """
        call = Call(
            method, path, params, body, headers, accept, changes=True, repeatable=idempotent
        )
        return await self._tries(call, deadline)

    async def _tries(self, call: Call, deadline: Deadline | None) -> Answer:
        end = deadline.within(self._seconds) if deadline else self.deadline(self._seconds)
        # Of several tries, one that may have been carried out is what counts.
        unknown: OutcomeUnknownError | None = None
        attempt = 0
        while True:
            attempt += 1
            try:
                return await self._once(call, end.left())
            except ShopUnavailableError as error:
                if unknown:
                    raise unknown from error
                raise
            except _TryAgainError as failure:
                if isinstance(failure.error, OutcomeUnknownError):
                    unknown = failure.error
                pause = failure.pause if failure.pause is not None else pause_after(attempt)
                if attempt == _TRIES or pause >= end.left():
                    raise unknown or failure.error from failure.__cause__
            await self._sleep(pause)

    async def _once(self, call: Call, seconds: float) -> Answer:
        if seconds <= 0:
            raise ShopUnavailableError(f"no time is left to ask the shop at {self.address}")
        # Half, so that it is never the whole that ends while there is no connection yet.
        limits = httpx.Timeout(seconds, connect=min(_CONNECT_SECONDS, seconds / 2))
        try:
            async with asyncio.timeout(seconds):
                response, content = await self._send(call, limits)
        except _NOT_SENT as error:
            what = f"the shop at {self.address} cannot be reached ({type(error).__name__})"
            raise _TryAgainError(ShopUnavailableError(what)) from error
        except (TimeoutError, httpx.TimeoutException) as error:
            raise self._lost(call, "did not answer in time", running=True) from error
        except httpx.HTTPError as error:
            what = f"broke the connection off ({type(error).__name__})"
            raise self._lost(call, what) from error

        status = response.status_code
        if status in _PASSING:
            pause = retry_after(response.headers.get("Retry-After", ""))
            if status == 429:
                what = f"the shop at {self.address} is asked too often (HTTP 429)"
                raise _TryAgainError(ShopUnavailableError(what), pause)
            what, running = f"is in trouble (HTTP {status})", status in _FROM_A_GATEWAY
            raise self._lost(call, what, pause, running=running)
        if status >= 500:
            raise self._failed(call, f"is in trouble (HTTP {status})")
        if not response.is_success and status not in call.accept:
            raise ShopUnavailableError(self._refusal(status))
        if content is None:
            what = f"answered with more than {self._max_bytes} bytes (HTTP {status})"
            raise self._failed(call, what)
        try:
            data = parse_json(content)
        except ValueError:
            # Without its cause, which quotes the body.
            raise self._failed(
                call,
                f"answered with something that is not JSON (HTTP {status}). Check that the "
                "address is the shop's own and that nothing stands before its API.",
            ) from None
        return Answer(status, data, {k.lower(): v for k, v in response.headers.items()})

    async def _send(self, call: Call, limits: httpx.Timeout) -> tuple[httpx.Response, bytes | None]:
        """The answer and its body; None for a body that is too large."""
        request = self._client.build_request(
            call.method,
            call.path,
            params=call.params,
            content=call.content(),
            headers=call.headers,
            timeout=limits,
        )
        if call.body is not None:
            request.headers["Content-Type"] = "application/json"
        response = await self._client.send(request, stream=True)
        try:
            content = bytearray()
            async for part in response.aiter_bytes():
                content += part
                if len(content) > self._max_bytes:
                    return response, None
            return response, bytes(content)
        finally:
            await response.aclose()

    def _failed(self, call: Call, what: str, *, running: bool = False) -> CommerceError:
        text = f"the shop at {self.address} {what}"
        if not call.changes:
            return ShopUnavailableError(text)
        return StillRunningError(text) if running else OutcomeUnknownError(text)

    def _lost(
        self, call: Call, what: str, pause: float | None = None, *, running: bool = False
    ) -> Exception:
        error = self._failed(call, what, running=running)
        return _TryAgainError(error, pause) if call.repeatable else error

    def _refusal(self, status: int) -> str:
        if status in (401, 403):
            return f"the shop at {self.address} refuses the key (HTTP {status}). {self._remedy}"
        if status < 400:
            return (
                f"the shop at {self.address} answers from another address (HTTP {status}). Enter "
                "the one that a browser shows in the end, with https and www as there."
            )
        return (
            f"the shop at {self.address} does not take the request (HTTP {status}). Check the "
            "address and that the shop's API is switched on."
        )
