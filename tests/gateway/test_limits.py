"""How much a client and an address may send, and that counting costs next to nothing."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from limits import parse
from limits.aio.storage import Storage
from limits.aio.strategies import FixedWindowRateLimiter

from gateway.counters import Bucket, MemoryCounters
from gateway.errors import GatewayError, TooMany
from gateway.limits import Limiter, Limits, Place, network
from gateway.throttle import Throttle

OFFICE = "192.0.2.7"


async def refusals(*deeds: Any) -> list[bool]:
    found = []
    for deed in deeds:
        try:
            await deed
        except TooMany:
            found.append(True)
        else:
            found.append(False)
    return found


async def connected(limiter: Limiter, address: str = OFFICE, conversation: str = "a") -> Place:
    place = await limiter.connect(address)
    place.open(conversation)
    return place


def test_a_bucket_empties_and_fills() -> None:
    now = 100.0
    bucket = Bucket(2, 0.5, lambda: now)
    assert [bucket.take() for _ in range(3)] == [True, True, False]
    now += 2
    assert [bucket.take() for _ in range(2)] == [True, False]
    now += 1_000
    assert [bucket.take() for _ in range(3)] == [True, True, False]


async def test_open_connections_of_an_address() -> None:
    limiter = Limiter(Limits(sockets_per_address=2))
    places = [await limiter.connect(OFFICE) for _ in range(2)]
    with pytest.raises(TooMany, match="2 connections from this address are open already"):
        await limiter.connect(OFFICE)
    with await limiter.connect("192.0.2.8"):
        pass
    places[0].leave()
    with await limiter.connect(OFFICE), pytest.raises(TooMany):
        await limiter.connect(OFFICE)
    places[1].leave()
    assert not limiter._sockets


async def test_open_connections_to_a_conversation() -> None:
    limiter = Limiter(Limits(sockets=2))
    one, two = [await connected(limiter, f"192.0.2.{n}") for n in range(2)]
    with await limiter.connect("192.0.2.9") as late, pytest.raises(TooMany, match="2 connections"):
        late.open("a")
    await connected(limiter, conversation="b")
    one.leave()
    (await connected(limiter)).leave()
    two.leave()
    assert limiter._sockets == {OFFICE: 1, "b": 1}


async def test_a_connection_that_is_refused_takes_no_place() -> None:
    limiter = Limiter(Limits(connections="1/minute"))
    (await limiter.connect(OFFICE)).leave()
    with pytest.raises(TooMany) as refused:
        await limiter.connect(OFFICE)
    assert 50 < refused.value.retry_after <= 60
    assert not limiter._sockets


async def test_an_error_gives_the_place_back() -> None:
    limiter = Limiter()
    with suppress(RuntimeError), await limiter.connect(OFFICE) as place:
        place.open("a")
        raise RuntimeError
    assert not limiter._sockets


async def test_frames_of_a_connection() -> None:
    place = await connected(Limiter(Limits(frames=3, frames_per_second=0.001)))
    for _ in range(3):
        place.frame()
    with pytest.raises(TooMany):
        place.frame()


async def test_messages_of_a_conversation_are_counted_over_all_its_connections() -> None:
    limiter = Limiter(Limits(messages="3/minute"))
    one, two = await connected(limiter, "192.0.2.1"), await connected(limiter, "192.0.2.2")
    other = await connected(limiter, "192.0.2.1", "b")
    deeds = [one.message(1), two.message(1), one.message(1), two.message(1), other.message(1)]
    assert await refusals(*deeds) == [False, False, False, True, False]


async def test_messages_of_an_address_are_counted_over_all_conversations() -> None:
    limiter = Limiter(Limits(messages_per_address="2/minute"))
    places = [await connected(limiter, conversation=name) for name in "abc"]
    assert await refusals(*(place.message(1) for place in places)) == [False, False, True]


async def test_bytes() -> None:
    limiter = Limiter(Limits(bytes="100/minute"))
    place = await connected(limiter)
    assert await refusals(place.message(60), place.message(40), place.message(1)) == [0, 0, 1]
    limiter = Limiter(Limits(bytes_per_address="100/minute"))
    one, two = await connected(limiter), await connected(limiter, conversation="b")
    assert await refusals(one.message(60), two.message(60)) == [False, True]


async def test_files() -> None:
    limiter = Limiter(Limits(uploads="2/minute", upload_bytes="1000/minute"))
    deeds = [limiter.upload(OFFICE, "a", size) for size in (10, 10, 10)]
    assert await refusals(*deeds) == [False, False, True]
    assert await refusals(limiter.upload(OFFICE, "b", 1_001)) == [True]
    limiter = Limiter(Limits(uploads_per_address="2/minute"))
    assert await refusals(*(limiter.upload(OFFICE, name, 1) for name in "abc")) == [0, 0, 1]


async def test_the_time_to_wait_is_told_and_then_one_may_again() -> None:
    limiter = Limiter(Limits(messages="1/1 second"))
    place = await connected(limiter)
    await place.message(1)
    with pytest.raises(TooMany, match="too many messages, expected at most 1 per 1 second") as no:
        await place.message(1)
    assert 0 < no.value.retry_after <= 1
    await asyncio.sleep(no.value.retry_after + 0.01)
    await place.message(1)


async def test_the_log_tells_and_is_not_flooded(caplog: pytest.LogCaptureFixture) -> None:
    limiter = Limiter(Limits(requests="1/minute"))
    with caplog.at_level(logging.WARNING):
        await refusals(*(limiter.request(OFFICE) for _ in range(50)))
    assert caplog.text.count("too many requests of 192.0.2.7") == 3
    assert "FORWARDED_ALLOW_IPS" in caplog.text


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        ("testclient", "testclient"),
        ("x" * 1_000, "x" * 64),
    ],
)
def test_what_one_address_is(address: str, counted: str) -> None:
    assert network(address) == counted


@given(st.text())
def test_any_text_is_some_address(address: str) -> None:
    assert 0 < len(network(address)) <= 64


@pytest.mark.parametrize(
    ("changes", "storage", "message"),
    [
        ({"messages": "often"}, "memory", "the limit messages is 'often'; expected a rate"),
        ({"requests": ""}, "memory", "the limit requests is ''; expected a rate"),
        ({"sockets": 0}, "memory", "the limit sockets is 0; expected a number above 0"),
        ({}, "nowhere://x:secret@y", "cannot be counted in 'nowhere'; expected 'memory' or a URL"),
        ({}, "", "cannot be counted in ''; expected 'memory'"),
    ],
)
def test_what_cannot_be_used_is_named_at_start(
    changes: dict[str, Any], storage: str, message: str
) -> None:
    with pytest.raises(GatewayError, match=message):
        Limiter(Limits(**changes), storage=storage)


async def test_when_the_common_store_is_away_customers_are_served(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from limits.errors import StorageError

    limiter = Limiter(Limits(messages="1/minute"))

    async def fail(*_: Any, **__: Any) -> int:
        raise StorageError(ConnectionError("nobody answers"))

    place = await connected(limiter)
    with monkeypatch.context() as patch:
        patch.setattr(limiter._window.storage, "incr", fail)
        assert await refusals(*(place.message(1) for _ in range(3))) == [False] * 3
    assert caplog.text.count("limits cannot be counted, nothing is refused for 10 s") == 1
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 11)
    assert await refusals(place.message(1), place.message(1)) == [False, True]


class TestCounters:
    async def test_a_counter_ends_at_its_time(self) -> None:
        now = 100.0
        counters = MemoryCounters(lambda: now)
        assert [await counters.incr("a", 10), await counters.incr("a", 10, 5)] == [1, 6]
        now += 5
        assert await counters.incr("b", 10) == 1
        assert await counters.get_expiry("a") == 110
        now += 5
        assert [await counters.get(key) for key in "abc"] == [0, 1, 0]
        assert await counters.get_expiry("a") == now
        assert await counters.check()

    async def test_counters_are_forgotten(self) -> None:
        counters = MemoryCounters()
        for n in range(20):
            await counters.incr(str(n), 60 - n)
        await counters.clear("7")
        await counters.clear("none")
        assert await counters.get("7") == 0
        assert await counters.reset() == 19
        assert await counters.incr("7", 60) == 1

    async def test_nothing_is_kept_of_those_who_left(self) -> None:
        now = 0.0
        counters = MemoryCounters(lambda: now)
        for n in range(1_000):
            now += 1
            await counters.incr(str(n), 10)
        assert len(counters._counts) == len(counters._ends) == len(counters._queue) == 10

    async def test_the_library_can_count_with_it(self) -> None:
        now = time.time()
        counters: Storage = MemoryCounters(lambda: now)
        window, rate = FixedWindowRateLimiter(counters), parse("2/minute")
        assert [await window.hit(rate, "a") for _ in range(3)] == [True, True, False]
        now += 60
        assert await window.hit(rate, "a")


class TestThrottle:
    @staticmethod
    async def get(limiter: Limiter, path: str) -> tuple[int, dict[bytes, bytes], bytes]:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"ok"})

        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "path": path, "client": (OFFICE, 1)}
        await Throttle(app, limiter)(scope, None, send)  # type: ignore[arg-type]
        return sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"]

    async def test_one_request_more_is_refused(self) -> None:
        limiter = Limiter(Limits(requests="1/minute"))
        assert (await self.get(limiter, "/v1/files"))[0] == 200
        status, headers, body = await self.get(limiter, "/v1/transcript")
        assert status == 429
        assert 1 <= int(headers[b"retry-after"]) <= 60
        assert b'"too_many"' in body

    @pytest.mark.parametrize("path", ["/healthz", "/widget/shopdesk.js", "/v1/channels/crm"])
    async def test_what_is_not_counted(self, path: str) -> None:
        limiter = Limiter(Limits(requests="1/minute"))
        assert [(await self.get(limiter, path))[0] for _ in range(3)] == [200] * 3
