"""Shopify's GraphQL Admin API: requests, access tokens, and what its errors mean."""

import asyncio
import re
import time
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from commerce._http import Answer, Deadline, ShopHttp
from commerce._http_parts import Clock, Sleep
from commerce.errors import (
    CommerceError,
    NotPossibleError,
    OutcomeUnknownError,
    ShopUnavailableError,
)
from commerce.shopify._reply import Answered, Cost, Reply, Token

M = TypeVar("M", bound=Answered)

_TRIES = 3
# A page of products with a hundred variants each.
_MAX_BYTES = 8_000_000
# Before its token ends, a new one is asked for: clocks differ, and requests take their time.
_TOKEN_MARGIN_SECONDS = 300.0
_SHORTEST_PAUSE, _UNTOLD_PAUSE = 0.1, 1.0
_SCOPE = re.compile(r"\b(?:read|write)_[a-z_]+\b")
_SHOP = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")
_CODE = re.compile(r"[A-Za-z_]{1,50}")
_VERSION = re.compile(r"\d{4}-(?:01|04|07|10)")
# Codes of requests that Shopify did not begin to carry out.
_NOT_CARRIED_OUT = frozenset({"ACCESS_DENIED", "SHOP_INACTIVE", "MAX_COST_EXCEEDED"})
_REMEDY = (
    "Check the access token, or the app's client ID and secret, that the app is installed in "
    "this shop, and its scopes (docs/commerce/shopify.md)."
)


class QueryTooCostlyError(ShopUnavailableError):
    """The request asks for more than Shopify gives at once."""


class ShopifyApi:
    """A client of one shop. To be closed.

    No error holds the token, a variable or what was answered: those are secrets and customers'
    data.

    Args:
        shop: ``example``, ``example.myshopify.com`` or the whole address.
        token: an access token that does not end; or else
        client_id, client_secret: of an app, which are exchanged for tokens of a day each.
        version: of the API, such as ``2026-10``.
        seconds: the most that one request may take, all tries and pauses together.

    Raises:
        ValueError: if one of them is not as described. It does not say what it was.
    """

    def __init__(
        self,
        shop: str,
        *,
        token: str = "",
        client_id: str = "",
        client_secret: str = "",
        version: str,
        seconds: float,
        sleep: Sleep = asyncio.sleep,
        clock: Clock = time.monotonic,
    ) -> None:
        if bool(token) == bool(client_id and client_secret):
            raise ValueError("expected an access token, or a client ID and its secret: not both")
        if not all(part.isascii() and part.isprintable() for part in (token, client_secret)):
            raise ValueError("expected a token or a secret of ASCII characters in one line")
        if not _VERSION.fullmatch(version):
            raise ValueError(f"expected a version of the API such as 2026-10, not {version!r}")
        self._path = f"/admin/api/{version}/graphql.json"
        self._credentials = {"client_id": client_id, "client_secret": client_secret}
        self._token = token
        self._token_ends = None if token else 0.0
        self._renewing = asyncio.Lock()
        self._sleep = sleep
        self._clock = clock
        self._http = ShopHttp(
            _address(shop),
            remedy=_REMEDY,
            seconds=seconds,
            max_bytes=_MAX_BYTES,
            sleep=sleep,
            clock=clock,
        )

    async def close(self) -> None:
        await self._http.close()

    def deadline(self, seconds: float) -> Deadline:
        """For several requests that have to be done with together."""
        return self._http.deadline(seconds)

    async def read(
        self, query: str, variables: Mapping[str, Any], model: type[M], deadline: Deadline
    ) -> M:
        """What ``query`` finds.

        Raises:
            ShopUnavailableError: nothing usable was answered; ``QueryTooCostlyError`` among them.
        """
        reply = await self._ask(query, variables, deadline, changes=False)
        if reply.errors or reply.data is None:
            raise _refused(reply)
        return _checked(model, reply.data, ShopUnavailableError)

    async def change(
        self,
        mutation: str,
        variables: Mapping[str, Any],
        model: type[M],
        deadline: Deadline,
        *,
        idempotent: bool = False,
    ) -> M:
        """What ``mutation`` did. Its ``userErrors`` are for the caller to read.

        Args:
            idempotent: to carry it out twice comes to the same as once.

        Raises:
            ShopUnavailableError: nothing was changed.
            NotPossibleError: Shopify does not take such a value, a country for example.
            OutcomeUnknownError: it may have been changed.
        """
        reply = await self._ask(mutation, variables, deadline, changes=True, idempotent=idempotent)
        codes = {error.extensions.code for error in reply.errors}
        if codes == {"INVALID_VARIABLE"}:
            raise NotPossibleError("refused", "INVALID_VARIABLE")
        if codes and codes <= _NOT_CARRIED_OUT:
            raise _refused(reply)
        if codes or reply.data is None:
            raise OutcomeUnknownError(str(_refused(reply)))
        return _checked(model, reply.data, OutcomeUnknownError)

    async def _ask(
        self,
        document: str,
        variables: Mapping[str, Any],
        deadline: Deadline,
        *,
        changes: bool,
        idempotent: bool = False,
    ) -> Reply:
        body = {"query": document, "variables": dict(variables)}
        for attempt in range(1, _TRIES + 1):
            answer = await self._send(body, deadline, changes=changes, idempotent=idempotent)
            reply = _checked(
                Reply, answer.data, OutcomeUnknownError if changes else ShopUnavailableError
            )
            # Nothing of a throttled request is carried out, so that any may be asked again.
            if not any(error.extensions.code == "THROTTLED" for error in reply.errors):
                return reply
            pause = _pause(reply.extensions.cost)
            if attempt == _TRIES or pause is None or pause >= deadline.left():
                break
            await self._sleep(pause)
        raise ShopUnavailableError("Shopify is asked too much at a time (THROTTLED)")

    async def _send(
        self, body: object, deadline: Deadline, *, changes: bool, idempotent: bool
    ) -> Answer:
        async def send(accept: tuple[int, ...]) -> Answer:
            headers = {"X-Shopify-Access-Token": await self._access_token(deadline)}
            if not changes:
                return await self._http.read(
                    "POST", self._path, body=body, headers=headers, accept=accept, deadline=deadline
                )
            return await self._http.write(
                "POST",
                self._path,
                body=body,
                headers=headers,
                accept=accept,
                deadline=deadline,
                idempotent=idempotent,
            )

        if self._token_ends is None:
            return await send(())
        answer = await send((401,))
        if answer.status != 401:
            return answer
        # Ended before its time: the secret was changed, or the app installed anew.
        self._token_ends = 0.0
        return await send(())

    async def _access_token(self, deadline: Deadline) -> str:
        if self._token_ends is None:
            return self._token
        try:
            # Whoever asks for a new one may have more time than this caller.
            async with asyncio.timeout(deadline.left()):
                return await self._exchanged_token(deadline)
        except TimeoutError as error:
            raise ShopUnavailableError(
                "no access token: Shopify did not give one in time"
            ) from error

    async def _exchanged_token(self, deadline: Deadline) -> str:
        async with self._renewing:
            if self._token_ends is None or self._clock() < self._token_ends:
                return self._token
            body = {**self._credentials, "grant_type": "client_credentials"}
            try:
                answer = await self._http.read(
                    "POST", "/admin/oauth/access_token", body=body, deadline=deadline
                )
            except ShopUnavailableError as error:
                raise ShopUnavailableError(f"no access token: {error} {_REMEDY}") from error
            token = _checked(Token, answer.data, ShopUnavailableError)
            self._token = token.access_token
            self._token_ends = self._clock() + max(0.0, token.expires_in - _TOKEN_MARGIN_SECONDS)
            return self._token


def _address(shop: str) -> str:
    shop = shop.strip()
    if "://" in shop:
        return shop
    if not _SHOP.fullmatch(shop):
        raise ValueError("expected a shop's name at Shopify, such as example.myshopify.com")
    return f"https://{shop}" if "." in shop else f"https://{shop}.myshopify.com"


def _pause(cost: Cost | None) -> float | None:
    """Seconds until Shopify gives as much as was asked for; None if it never does."""
    if not cost or not cost.throttle_status or cost.requested_query_cost is None:
        return _UNTOLD_PAUSE
    status = cost.throttle_status
    if cost.requested_query_cost > status.maximum_available:
        return None
    missing = cost.requested_query_cost - status.currently_available
    return max(_SHORTEST_PAUSE, float(missing / status.restore_rate))


def _refused(reply: Reply) -> ShopUnavailableError:
    """The error that tells what to do about ``reply``, from its codes alone."""
    codes = {error.extensions.code or "no_code" for error in reply.errors}
    if "ACCESS_DENIED" in codes:
        told = " ".join(error.extensions.required_access or "" for error in reply.errors)
        missing = ", ".join(sorted(set(_SCOPE.findall(told))))
        what = f"the scope {missing}" if missing else "a scope, or access to customers' data"
        return ShopUnavailableError(
            f"Shopify does not let the app do this: {what} is missing (ACCESS_DENIED). Give it to "
            "the app and install it again (docs/commerce/shopify.md)."
        )
    if "MAX_COST_EXCEEDED" in codes:
        return QueryTooCostlyError("Shopify does not answer so much at once (MAX_COST_EXCEEDED)")
    found = ", ".join(sorted(code for code in codes if _CODE.fullmatch(code)))
    return ShopUnavailableError(f"Shopify did not answer the question ({found or 'no data'})")


def _checked(model: type[M], data: object, error: type[CommerceError]) -> M:
    try:
        return model.model_validate(data)
    except ValidationError as found:
        # Where it is wrong, never what stands there; and without its cause, which quotes it.
        place = ".".join(str(part) for part in found.errors(include_input=False)[0]["loc"])
        raise error(f"Shopify answered what it should not, at {place or 'the top'}") from None
