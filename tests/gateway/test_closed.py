"""Another's conversation can be neither read nor written, whatever one sends."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import jwt
import pytest
from websockets.exceptions import ConnectionClosed

from gateway.limits import Limits
from gateway.sessions import Sessions, SessionToken
from store import messages

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from store.database import Database
    from tests.gateway.conftest import Client, Gateway, MakeGateway

pytestmark = pytest.mark.integration

SECRET = "a secret for tests, never for a shop"
SHOP = "the shop's secret, of 64 characters so that any HMAC would take it"
SHOP_PAGE = "https://shop.example"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c020000000b4944415478da6364f8"
    "0f00010501012718e3660000000049454e44ae426082"
)


def identity(sub: str, key: str = SHOP, algorithm: str = "HS256", **more: Any) -> str:
    return jwt.encode({"sub": sub, "exp": int(time.time()) + 600, **more}, key, algorithm)


def conversation_of(client: Client) -> str:
    return Sessions(SECRET).read(client.session).conversation_id


async def outcome(gateway: Gateway, **hello: Any) -> tuple[str, int | None]:
    """What a hello earns: a welcome, or an error and a close code."""
    async with gateway.connect() as client:
        await client.send(type="hello", protocol=1, **hello)
        frame = await client.receive()
        if frame["type"] == "error":
            return frame["code"], await client.closed()
        return frame["type"], None


@pytest.fixture
async def shop(make_gateway: MakeGateway) -> Gateway:
    """The gateway of a shop that signs who its customers are."""
    return await make_gateway(identity_secret=SHOP, allowed_origins=[SHOP_PAGE])


@pytest.fixture
async def http(shop: Gateway) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=shop.url, trust_env=False) as client:
        yield client


class TestGuessed:
    async def test_made_up_and_altered_tokens_open_nothing(self, shop: Gateway) -> None:
        async with shop.connect() as ann:
            await ann.hello()
            await ann.say("My order is 4711")
            conversation_id, token = conversation_of(ann), ann.session
            head, at, signature = token.split(".")
            other_head = Sessions(SECRET).issue(SessionToken(str(uuid4()))).split(".")[0]
            foreign = Sessions(SECRET[::-1]).issue(SessionToken(conversation_id))
            for forged in (
                conversation_id,
                f"{conversation_id}.{at}.{signature}",
                f"{other_head}.{at}.{signature}",
                f"{head}.AAAAAA.{signature}",
                f"{head}.{at}.",
                f"{head}.{at}",
                token[::-1],
                foreign,
                "",
            ):
                assert await outcome(shop, session=forged) == ("bad_session", 4401)

    async def test_a_client_cannot_name_a_conversation(self, shop: Gateway) -> None:
        for field in ("conversation", "conversation_id", "sender", "customer_id", "generation"):
            hello = {"session": None, field: str(uuid4())}
            assert await outcome(shop, **hello) == ("bad_hello", 4400)

    async def test_what_is_another_s_cannot_be_rated_or_sent(
        self, shop: Gateway, rasa: Any, answer: Any, http: httpx.AsyncClient
    ) -> None:
        rasa.enqueue(answer())
        async with shop.connect() as ann, shop.connect() as eve:
            await ann.hello()
            await ann.say("How long does delivery take?")
            answered = await ann.reply()
            sent = await http.post(
                "/v1/files?name=a.png",
                content=PNG,
                headers={"Authorization": f"Bearer {ann.session}"},
            )
            assert sent.status_code == 201, sent.text
            await eve.hello()
            await eve.say("Hello")
            await eve.send(type="rating", message=answered["id"], value=1)
            assert (await eve.until("error"))["code"] == "unknown_message"
            await eve.send(type="message", id="x", text="Mine?", files=[sent.json()["id"]])
            assert (await eve.until("error"))["code"] == "unknown_file"
            # Nothing of it reached anybody.
            await eve.send(type="history", before=1_000)
            page = await eve.until("history")
            assert answered["id"] not in [message["id"] for message in page["messages"]]


class TestStolen:
    async def test_signing_out_ends_all_connections_and_all_tokens(self, shop: Gateway) -> None:
        async with shop.connect() as one, shop.connect() as two:
            await one.hello()
            await one.say("Hello")
            await two.hello(one.session)
            await one.send(type="logout")
            assert await one.closed() == 4401
            assert await two.closed() == 4401
            for token in (one.session, two.session):
                assert await outcome(shop, session=token) == ("bad_session", 4401)

    async def test_http_is_closed_as_well(self, shop: Gateway, http: httpx.AsyncClient) -> None:
        async with shop.connect() as client:
            await client.hello()
            await client.say("Hello")
            bearer = {"Authorization": f"Bearer {client.session}"}
            upload = {"content": PNG, "headers": bearer}
            assert (await http.post("/v1/files?name=a.png", **upload)).status_code == 201
            await client.send(type="logout")
            await client.closed()
        refused = await http.post("/v1/files?name=a.png", **upload)
        assert refused.status_code == 401
        assert refused.json()["code"] == "bad_session"
        assert refused.headers["www-authenticate"] == "Bearer"

    async def test_signing_out_reaches_the_other_gateways(
        self, make_gateway: MakeGateway, database_url: str
    ) -> None:
        if database_url.startswith("sqlite"):
            pytest.skip("SQLite has one gateway")
        here, there = await make_gateway(), await make_gateway()
        async with here.connect() as one, there.connect() as two:
            await one.hello()
            await one.say("Hello")
            await two.hello(one.session)
            await one.send(type="logout")
            assert await asyncio.wait_for(two.closed(), 5) == 4401

    async def test_a_message_races_a_sign_out(self, shop: Gateway, database: Database) -> None:
        """Either it was stored before, or it is not acknowledged; and the tokens are dead."""
        for _ in range(8):
            async with shop.connect() as one, shop.connect() as two:
                await one.hello()
                await one.say("Hello")
                await two.hello(one.session)
                conversation_id = conversation_of(one)
                await asyncio.gather(
                    one.send(type="logout"),
                    two.send(type="message", id="late", text="And a last thing"),
                )
                assert await two.closed() == 4401
                acked = any(frame["type"] == "ack" for frame in two.seen)
                with database.snapshot() as session:
                    stored = [
                        m.client_id
                        for m in messages.page(session, conversation_id, before=99, limit=99)
                    ]
                assert not acked or "late" in stored
                assert await outcome(shop, session=two.session) == ("bad_session", 4401)

    async def test_a_hello_races_a_sign_out(self, shop: Gateway) -> None:
        """Whoever comes in the same moment is sent away, or never let in."""
        for _ in range(8):
            async with shop.connect() as one, shop.connect() as thief:
                await one.hello()
                await one.say("Hello")
                hello = {"type": "hello", "protocol": 1, "session": one.session}
                await asyncio.gather(one.send(type="logout"), thief.send(**hello))
                assert await one.closed() == 4401
                assert await asyncio.wait_for(thief.closed(), 5) == 4401

    async def test_a_flood_of_hellos_and_sign_outs_leaves_nothing_open(self, shop: Gateway) -> None:
        async with shop.connect() as one:
            await one.hello()
            await one.say("Hello")
            token = one.session

            async def come() -> int | None:
                async with shop.connect() as client:
                    with suppress(ConnectionClosed):
                        await client.send(type="hello", protocol=1, session=token)
                    return await asyncio.wait_for(client.closed(), 10)

            comers = [asyncio.create_task(come()) for _ in range(10)]
            await asyncio.sleep(0.01)
            await one.send(type="logout")
            assert await asyncio.gather(*comers) == [4401] * 10


class TestCustomers:
    async def test_a_customer_finds_the_conversation_on_another_device(self, shop: Gateway) -> None:
        async with shop.connect() as phone, shop.connect() as laptop:
            await phone.hello(identity=identity("7", name="Ann"))
            assert phone.welcome["customer"] == {"name": "Ann", "email": None}
            await phone.say("Hello")
            # What it has seen was another conversation.
            await laptop.hello(identity=identity("7"), last_seq=50)
            assert not laptop.welcome["resumed"]
            assert laptop.welcome["messages"][0]["text"] == "Hello"
            assert conversation_of(laptop) == conversation_of(phone)

    async def test_what_was_begun_anonymously_joins_by_proof_and_closes_behind_itself(
        self, shop: Gateway
    ) -> None:
        async with shop.connect() as before, shop.connect() as after:
            await before.hello()
            await before.say("Hello")
            stolen = before.session
            await after.hello(before.session, last_seq=1, identity=identity("7"))
            assert after.welcome["resumed"]
            assert conversation_of(after) == conversation_of(before)
            assert await before.closed() == 4401
            assert await outcome(shop, session=stolen) == ("bad_session", 4401)
            assert (await after.say("It is me"))["seq"] > 1

    @pytest.mark.parametrize(
        "forged",
        [
            jwt.encode({"sub": "7", "exp": int(time.time()) + 600}, "", "none"),
            identity("7", "another secret, of 32 characters!!"),
            identity("7", SHOP, "HS512"),
            identity("7", exp=int(time.time()) - 600),
            identity("7", exp=int(time.time()) + 7 * 86_400),
            identity("7", aud="crm"),
            "nonsense",
            "",
        ],
    )
    async def test_who_proves_nothing_is_told_and_stays_nobody(
        self, shop: Gateway, forged: str
    ) -> None:
        async with shop.connect() as ann, shop.connect() as eve:
            await ann.hello(identity=identity("7"))
            await ann.say("My order is 4711")
            await eve.hello(identity=forged)
            errors = [frame["code"] for frame in eve.seen if frame["type"] == "error"]
            assert errors == ["bad_identity"]
            assert eve.welcome["customer"] is None
            assert eve.welcome["messages"] == []
            assert conversation_of(eve) != conversation_of(ann)

    async def test_the_next_customer_at_the_same_browser_sees_nothing(self, shop: Gateway) -> None:
        async with shop.connect() as ann:
            await ann.hello(identity=identity("ann"))
            await ann.say("My order is 4711")
        async with shop.connect() as bob:
            await bob.hello(ann.session, identity=identity("bob"))
            assert bob.welcome["messages"] == []
            assert not bob.welcome["resumed"]
            assert conversation_of(bob) != conversation_of(ann)


class TestOrigins:
    async def test_a_foreign_page_is_refused_everywhere(
        self, shop: Gateway, http: httpx.AsyncClient
    ) -> None:
        async with shop.connect(origin=SHOP_PAGE) as client:
            await client.hello()
            await client.say("Hello")
        bearer = {"Authorization": f"Bearer {client.session}"}
        for origin in ("https://evil.example", "http://shop.example", "null", f"{SHOP_PAGE}.evil"):
            async with shop.connect(origin=origin) as foreign:
                assert await foreign.closed() == 4403
            headers = {**bearer, "Origin": origin}
            for method, path in (("POST", "/v1/files?name=a.png"), ("GET", "/v1/transcript")):
                response = await http.request(method, path, headers=headers, content=PNG)
                assert response.status_code == 403
                assert response.json()["code"] == "bad_origin"
                assert "access-control-allow-origin" not in response.headers
                asked = {"Origin": origin, "Access-Control-Request-Method": method}
                response = await http.request("OPTIONS", path, headers=asked)
                assert response.status_code == 403
                assert "access-control-allow-origin" not in response.headers

    async def test_the_shop_s_pages_may(self, shop: Gateway, http: httpx.AsyncClient) -> None:
        asked = {
            "Origin": SHOP_PAGE,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        }
        response = await http.request("OPTIONS", "/v1/files?name=a.png", headers=asked)
        assert response.status_code == 200
        assert response.headers["access-control-allow-origin"] == SHOP_PAGE
        assert "access-control-allow-credentials" not in response.headers
        refused = await http.post("/v1/files?name=a.png", headers={"Origin": SHOP_PAGE})
        # The page can read why.
        assert refused.status_code == 401
        assert refused.headers["access-control-allow-origin"] == SHOP_PAGE
        assert "Origin" in refused.headers["vary"]

    @pytest.mark.parametrize("path", ["/healthz", "/readyz", "/v1/openapi.json"])
    async def test_what_is_not_the_widget_s_is_not_shared(
        self, http: httpx.AsyncClient, path: str
    ) -> None:
        response = await http.get(path, headers={"Origin": SHOP_PAGE})
        assert "access-control-allow-origin" not in response.headers


class TestHeaders:
    async def test_nothing_of_the_api_is_kept_or_shown_as_a_page(
        self, http: httpx.AsyncClient
    ) -> None:
        response = await http.get("/v1/openapi.json")
        assert response.headers["cache-control"] == "no-store"
        assert "sandbox" in response.headers["content-security-policy"]
        assert "script-src" not in response.headers["content-security-policy"]
        assert "camera=()" in response.headers["permissions-policy"]
        assert response.headers["cross-origin-resource-policy"] == "same-origin"
        assert response.headers["cross-origin-opener-policy"] == "same-origin"
        assert response.headers["x-frame-options"] == "DENY"

    async def test_browsers_stay_with_https_once_they_came_by_it(
        self, http: httpx.AsyncClient
    ) -> None:
        assert "strict-transport-security" not in (await http.get("/healthz")).headers
        # From 127.0.0.1 the word of a proxy is taken.
        response = await http.get("/healthz", headers={"X-Forwarded-Proto": "https"})
        assert response.headers["strict-transport-security"] == "max-age=31536000"

    async def test_pages_take_no_text_for_markup(self, http: httpx.AsyncClient) -> None:
        policy = (await http.get("/nothing")).headers["content-security-policy"]
        assert "require-trusted-types-for 'script'" in policy
        assert "'unsafe" not in policy


class TestFloods:
    async def test_connections_from_one_address(self, make_gateway: MakeGateway) -> None:
        gateway = await make_gateway(limits=Limits(sockets_per_address=2))
        async with gateway.connect() as one, gateway.connect() as two:
            await one.hello()
            await two.hello()
            async with gateway.connect() as three:
                assert await three.closed() == 4429
                assert [frame["code"] for frame in three.seen] == ["too_many"]
            async with gateway.connect(
                additional_headers={"X-Forwarded-For": "192.0.2.7"}
            ) as elsewhere:
                await elsewhere.hello()
        async with gateway.connect() as four:
            await four.hello()

    async def test_a_browser_cannot_say_that_it_is_elsewhere(
        self, make_gateway: MakeGateway, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("FORWARDED_ALLOW_IPS", "192.0.2.1")
        gateway = await make_gateway(limits=Limits(connections="1/minute"))
        codes = []
        for n in range(2):
            forged = {"X-Forwarded-For": f"198.51.100.{n}"}
            async with gateway.connect(additional_headers=forged) as client:
                with suppress(ConnectionClosed):
                    await client.send(type="hello", protocol=1, session=None)
                codes.append((await client.receive())["type"])
        assert codes == ["welcome", "error"]

    async def test_messages_of_one_conversation_in_two_tabs(
        self, make_gateway: MakeGateway
    ) -> None:
        gateway = await make_gateway(limits=Limits(messages="2/minute"))
        async with gateway.connect() as one, gateway.connect() as two:
            await one.hello()
            await one.say("Hello")
            await two.hello(one.session)
            await two.say("Hello again")
            await two.send(type="message", id="x", text="And again")
            error = await two.until("error")
            assert (error["code"], error["id"]) == ("too_many", "x")

    async def test_requests_of_one_address(self, make_gateway: MakeGateway) -> None:
        gateway = await make_gateway(limits=Limits(requests="2/minute"))
        async with httpx.AsyncClient(base_url=gateway.url, trust_env=False) as http:
            codes = [(await http.get("/v1/openapi.json")).status_code for _ in range(3)]
            assert codes == [200, 200, 429]
            assert (await http.get("/healthz")).status_code == 200

    async def test_files_are_counted_by_their_bytes_however_they_are_declared(
        self, make_gateway: MakeGateway
    ) -> None:
        gateway = await make_gateway(limits=Limits(upload_bytes="25000000/minute"))

        async def without_length() -> AsyncIterator[bytes]:
            yield PNG

        async with (
            gateway.connect() as client,
            httpx.AsyncClient(base_url=gateway.url, trust_env=False) as http,
        ):
            await client.hello()
            bearer = {"Authorization": f"Bearer {client.session}"}
            codes = []
            for content in (without_length(), PNG, without_length(), without_length(), PNG):
                sent = await http.post("/v1/files?name=a.png", content=content, headers=bearer)
                codes.append(sent.status_code)
            assert codes == [201, 201, 201, 429, 429]

    async def test_a_hello_that_is_no_hello_costs_one_frame(self, shop: Gateway) -> None:
        async with shop.connect() as client:
            for _ in range(3):
                with suppress(ConnectionClosed):
                    await client.socket.send(json.dumps({"type": "hello", "protocol": "x"}))
            assert await client.closed() == 4400
            assert len(client.seen) == 1
