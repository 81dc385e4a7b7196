"""Several gateways count together in a real Redis, and serve customers when it is gone."""

from __future__ import annotations

import asyncio
import logging
import shutil
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from redis import Redis
from redis.backoff import ConstantBackoff
from redis.exceptions import ConnectionError as NotReached
from redis.retry import Retry

from gateway.errors import TooMany
from gateway.limits import Limiter, Limits

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from tests.gateway.conftest import MakeGateway

pytestmark = pytest.mark.integration


class RedisServer:
    """A Redis on a port of its own, which may be killed."""

    def __init__(self, port: int, folder: Path) -> None:
        self.url = f"redis://127.0.0.1:{port}"
        self._command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port)]
        self._command += ["--save", "", "--dir", str(folder)]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        patient = Retry(ConstantBackoff(0.05), 200, supported_errors=(NotReached,))
        with Redis.from_url(self.url, retry=patient) as client:
            assert client.ping()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@pytest.fixture
def redis(free_port: Callable[[], int], tmp_path: Path) -> Iterator[RedisServer]:
    assert shutil.which("redis-server"), "no redis-server on PATH; `make redis` installs it"
    server = RedisServer(free_port(), tmp_path)
    server.start()
    yield server
    server.kill()


@pytest.fixture
async def make_limiter(redis: RedisServer) -> AsyncIterator[Callable[[Limits], Limiter]]:
    """Limiters that count in Redis, closed in the end."""
    made: list[Limiter] = []

    def make(limits: Limits) -> Limiter:
        made.append(Limiter(limits, storage=redis.url))
        return made[-1]

    yield make
    for limiter in made:
        await limiter.close()


async def refused(limiter: Limiter, conversation: str = "a") -> bool:
    with await limiter.connect("192.0.2.7") as place:
        place.open(conversation)
        try:
            await place.message(10)
        except TooMany:
            return True
    return False


async def test_two_gateways_count_together(make_limiter: Callable[[Limits], Limiter]) -> None:
    limits = Limits(messages="3/minute")
    here, there = (make_limiter(limits) for _ in range(2))
    by_itself = Limiter(limits)
    asked = [here, there, here, there, here]
    assert [await refused(limiter) for limiter in asked] == [False, False, False, True, True]
    assert not await refused(there, "another conversation")
    assert not await refused(by_itself)


async def test_a_count_ends_with_its_time(
    redis: RedisServer, make_limiter: Callable[[Limits], Limiter]
) -> None:
    limiter = make_limiter(Limits(messages="1/1 second"))
    assert [await refused(limiter) for _ in range(2)] == [False, True]
    await asyncio.sleep(1.1)
    assert not await refused(limiter)
    with Redis.from_url(redis.url) as client:
        # Nothing is kept of those who have gone.
        assert all(client.ttl(key) > 0 for key in client.scan_iter())


async def test_redis_killed_and_back(
    redis: RedisServer,
    make_limiter: Callable[[Limits], Limiter],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    limiter = make_limiter(Limits(messages="1/minute"))
    assert [await refused(limiter) for _ in range(2)] == [False, True]
    redis.kill()
    with caplog.at_level(logging.ERROR):
        assert [await refused(limiter) for _ in range(3)] == [False] * 3
    assert caplog.text.count("limits cannot be counted, nothing is refused for 10 s") == 1
    redis.start()
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 11)
    assert [await refused(limiter) for _ in range(2)] == [False, True]


async def test_a_customer_is_refused_by_the_second_gateway_too(
    redis: RedisServer, make_gateway: MakeGateway, database_url: str
) -> None:
    if database_url.startswith("sqlite"):
        pytest.skip("SQLite has one gateway")
    limits = Limits(messages="2/minute")
    here, there = [await make_gateway(limits=limits, limits_storage=redis.url) for _ in range(2)]
    async with here.connect() as client:
        await client.hello()
        await client.say("one", id="1")
        await client.say("two", id="2")
    async with there.connect() as again:
        await again.hello(client.session)
        await again.send(type="message", id="3", text="three")
        error = await again.until("error")
    assert (error["code"], error["id"]) == ("too_many", "3")
