"""The door of the channels: what it lets in, and what it says to the rest."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.exc import OperationalError

from gateway.channels import routes
from gateway.channels.channel import InboundEvent
from gateway.channels.routes import LARGEST_BODY, make_channels_router
from gateway.channels.webhook import WebhookChannel
from store.errors import UnknownConversation, UnknownMessage

HELLO = {"type": "message", "customer": "anna", "text": "Hello"}


class Inbox:
    """Remembers what it took; fails as told."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, InboundEvent]] = []
        self.error: Exception | None = None

    async def take(self, account: str, event: InboundEvent) -> bool:
        if self.error is not None:
            raise self.error
        known = (account, event) in self.taken
        self.taken.append((account, event))
        return not known


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def app(channel: WebhookChannel, make_channel: Any, inbox: Inbox, secrets: Any) -> FastAPI:
    app = FastAPI()
    channels = {"shop": channel, "other": make_channel("other", secrets=secrets[1:])}
    app.include_router(make_channels_router(channels, inbox))
    return app


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        yield client


async def post(
    http: httpx.AsyncClient, request: Any, account: str = "shop", **headers: str
) -> httpx.Response:
    return await http.post(
        f"/v1/channels/{account}", content=request.body, headers={**request.headers, **headers}
    )


async def test_what_is_signed_is_taken(http: httpx.AsyncClient, inbox: Inbox, sign: Any) -> None:
    request = sign(HELLO)
    for duplicate in (False, True):
        response = await post(http, request)
        assert response.status_code == 200
        assert response.json() == {"stored": True, "duplicate": duplicate}
    assert inbox.taken[0][0] == "shop"


async def test_forged_old_and_foreign_ones_are_not(
    http: httpx.AsyncClient, inbox: Inbox, sign: Any, secrets: tuple[str, str]
) -> None:
    forged = sign(HELLO, secret=secrets[1])
    changed = sign(HELLO)
    changed.headers["webhook-signature"] = sign({**HELLO, "text": "x"}).headers["webhook-signature"]
    for request in (forged, changed, sign(HELLO, seconds_ago=600)):
        response = await post(http, request)
        assert response.status_code == 401
        assert response.json()["code"] == "bad_signature"
    assert (await post(http, sign(HELLO), account="other")).status_code == 401
    assert (await http.post("/v1/channels/shop", json=HELLO)).status_code == 401
    assert inbox.taken == []


async def test_an_unknown_account(http: httpx.AsyncClient, sign: Any) -> None:
    for account in ("nobody", "Shop", "shop%2F..", "widget"):
        assert (await post(http, sign(HELLO), account=account)).status_code == 404


async def test_the_signature_is_looked_at_before_the_content(
    http: httpx.AsyncClient, sign: Any, secrets: tuple[str, str]
) -> None:
    assert (await post(http, sign(b"{", secret=secrets[1]))).status_code == 401
    response = await post(http, sign(b"{"))
    assert (response.status_code, response.json()["code"]) == (400, "bad_event")
    response = await post(http, sign({"type": "order", "customer": "anna"}))
    assert response.status_code == 400
    assert "'message'" in response.json()["text"]


async def test_too_much(http: httpx.AsyncClient, inbox: Inbox, sign: Any) -> None:
    largest = json.dumps(HELLO).encode().ljust(LARGEST_BODY)
    assert (await post(http, sign(largest))).status_code == 200
    too_large = sign(largest + b" ")
    assert (await post(http, too_large)).status_code == 413

    async def in_pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(too_large.body), 1_000):
            yield too_large.body[start : start + 1_000]

    response = await http.post("/v1/channels/shop", content=in_pieces(), headers=too_large.headers)
    assert response.status_code == 413
    assert len(inbox.taken) == 1


async def test_an_endless_body_is_not_read_to_its_end(http: httpx.AsyncClient, sign: Any) -> None:
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        while given < 100 * LARGEST_BODY:
            given += 1_000
            yield b"x" * 1_000

    response = await http.post("/v1/channels/shop", content=endless(), headers=sign(HELLO).headers)
    assert response.status_code == 413
    assert given < 2 * LARGEST_BODY


async def test_a_body_that_comes_too_slowly(
    http: httpx.AsyncClient, sign: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "_READ_TIME", 0.1)

    async def slowly() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(5)

    response = await http.post("/v1/channels/shop", content=slowly(), headers=sign(HELLO).headers)
    assert response.status_code == 408


@pytest.mark.parametrize(
    ("error", "code"),
    [(UnknownConversation("none"), "nothing_yet"), (UnknownMessage("none"), "unknown_message")],
)
async def test_what_is_about_nothing(
    http: httpx.AsyncClient, inbox: Inbox, sign: Any, error: Exception, code: str
) -> None:
    inbox.error = error
    response = await post(http, sign(HELLO))
    assert (response.status_code, response.json()["code"]) == (422, code)


async def test_while_the_store_is_down_the_sender_is_to_come_again(
    http: httpx.AsyncClient, inbox: Inbox, sign: Any
) -> None:
    inbox.error = OperationalError("INSERT", {}, OSError("secret words"))
    response = await post(http, sign(HELLO))
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert "secret" not in response.text


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _words(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _words(inner)
    elif isinstance(value, str):
        yield value


async def test_it_is_described(http: httpx.AsyncClient) -> None:
    described = (await http.get("/openapi.json")).json()
    operation = described["paths"]["/v1/channels/{account}"]["post"]
    body = operation["requestBody"]["content"]["application/json"]["schema"]
    kinds = {event["properties"]["type"]["const"] for event in body["oneOf"]}
    assert kinds == {"message", "rating", "seen", "end", "survey", "contact"}
    assert not any(word.startswith("#/$defs") for word in _words(body))
    assert {"200", "400", "401", "404", "408", "413", "422", "503"} <= operation["responses"].keys()
    names = {parameter["name"] for parameter in operation["parameters"]}
    assert {"account", "webhook-id", "webhook-timestamp", "webhook-signature"} <= names
