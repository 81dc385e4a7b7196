"""Asking over HTTP: what is tried again, what is not, and what is said of it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime

import pytest

from commerce._http import Deadline, ShopHttp, StillRunningError, shop_address
from commerce._http_parts import pause_after, retry_after
from commerce.errors import CommerceError, OutcomeUnknownError, ShopUnavailableError
from tests.commerce.shop_server import Fault, Reply, Request, ShopServer

SECRET = "cs_very_secret"
QUERY = {"search": "ada@example.com"}


class Echo(ShopServer):
    """Counts what it carries out."""

    def __init__(self) -> None:
        super().__init__()
        self.done = 0

    def answer(self, request: Request) -> Reply:
        self.done += 1
        return Reply(data={"done": self.done, "price": 4.95})


class Sleeper:
    """Sleeps not at all, and knows how long it should have."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.pauses.append(seconds)


@pytest.fixture
def sleep() -> Sleeper:
    return Sleeper()


@pytest.fixture
async def server() -> AsyncIterator[Echo]:
    server = Echo()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def http(server: Echo, sleep: Sleeper) -> AsyncIterator[ShopHttp]:
    http = ShopHttp(
        server.url,
        auth=("ck_key", SECRET),
        remedy="Make a new key.",
        seconds=2.0,
        max_bytes=2_000,
        sleep=sleep,
    )
    yield http
    await http.close()


@pytest.fixture
async def hasty(server: Echo, sleep: Sleeper) -> AsyncIterator[ShopHttp]:
    http = ShopHttp(server.url, auth=("ck_key", SECRET), seconds=0.2, sleep=sleep)
    yield http
    await http.close()


Ask = Callable[[ShopHttp], object]


async def read(http: ShopHttp) -> object:
    return (await http.read("GET", "/orders", params=QUERY)).data


async def write(http: ShopHttp) -> object:
    return (await http.write("PUT", "/orders/1", params=QUERY, body={"status": "cancelled"})).data


async def failure(call: object, kind: type[CommerceError]) -> str:
    """The message of what is raised, which tells nothing that it should not."""
    with pytest.raises(CommerceError) as caught:
        await call  # type: ignore[misc]
    assert type(caught.value) is kind
    text = str(caught.value)
    for kept in (SECRET, "ck_key", "ada@example.com", "search", "/orders", "status"):
        assert kept not in text
    assert "127.0.0.1" in text
    return text


async def test_an_answer_is_read_and_amounts_are_exact(server: Echo, http: ShopHttp) -> None:
    answer = await http.read("GET", "/orders", params=QUERY)
    assert (answer.status, answer.data) == (200, {"done": 1, "price": Decimal("4.95")})
    assert answer.headers["content-type"] == "application/json"
    request = server.requests[0]
    assert request.query == QUERY
    assert request.headers["authorization"].startswith("Basic ")


async def test_a_change_is_sent_as_json_once(server: Echo, http: ShopHttp) -> None:
    await http.write("PUT", "/orders/1", body={"name": "王小明"}, headers={"X-Key": "k"})
    request = server.requests[0]
    assert (request.method, request.path, request.json) == ("PUT", "/orders/1", {"name": "王小明"})
    assert request.headers["content-type"] == "application/json"
    assert request.headers["x-key"] == "k"
    assert server.done == 1


async def test_an_empty_answer_is_none(server: Echo, http: ShopHttp) -> None:
    server.faults = [Fault(Reply(status=204, text=""))]
    assert await read(http) is None


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_reading_is_tried_again_while_the_shop_is_in_trouble(
    server: Echo, http: ShopHttp, sleep: Sleeper, status: int
) -> None:
    server.faults = [Fault(Reply(status=status)), Fault(Reply(status=status))]
    assert await read(http) == {"done": 1, "price": Decimal("4.95")}
    assert len(server.requests) == 3
    assert len(sleep.pauses) == 2
    assert 0.15 <= sleep.pauses[0] <= 0.3 <= sleep.pauses[1] <= 0.6


async def test_reading_is_given_up_after_three_tries(server: Echo, http: ShopHttp) -> None:
    server.faults = [Fault(Reply(status=500)) for _ in range(9)]
    assert "HTTP 500" in await failure(read(http), ShopUnavailableError)
    assert len(server.requests) == 3


async def test_reading_survives_a_connection_that_breaks_off(server: Echo, http: ShopHttp) -> None:
    server.faults = [Fault(), Fault()]
    assert await read(http)
    server.faults = [Fault(), Fault(), Fault()]
    assert "broke the connection off" in await failure(read(http), ShopUnavailableError)


@pytest.mark.parametrize("value", ["1", "1.0"])
async def test_the_shop_says_how_long_it_wants_to_be_left_alone(
    server: Echo, http: ShopHttp, sleep: Sleeper, value: str
) -> None:
    server.faults = [Fault(Reply(status=429, headers={"Retry-After": value}))]
    assert await read(http)
    assert sleep.pauses == [1.0]


async def test_nobody_waits_longer_than_there_is_time(
    server: Echo, http: ShopHttp, sleep: Sleeper
) -> None:
    server.faults = [Fault(Reply(status=429, headers={"Retry-After": "3600"}))]
    assert "HTTP 429" in await failure(read(http), ShopUnavailableError)
    assert sleep.pauses == []
    assert len(server.requests) == 1


async def test_a_slow_shop_is_given_up_in_time(server: Echo, hasty: ShopHttp) -> None:
    server.faults = [Fault(hangs=True) for _ in range(3)]
    started = asyncio.get_running_loop().time()
    assert "in time" in await failure(read(hasty), ShopUnavailableError)
    assert asyncio.get_running_loop().time() - started < 1.0


async def test_a_shop_that_answers_drop_by_drop_is_given_up_in_time(sleep: Sleeper) -> None:
    class Dripping(Echo):
        async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            while True:
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.05)

    server = Dripping()
    await server.start()
    http = ShopHttp(server.url, seconds=0.2, sleep=sleep)
    assert "in time" in await failure(read(http), ShopUnavailableError)
    await http.close()
    await server.stop()


async def test_several_calls_share_a_deadline(server: Echo, http: ShopHttp) -> None:
    assert http.deadline(5.0).within(1.0).left() <= 1.0
    assert http.deadline(1.0).within(5.0).left() <= 1.0
    over = Deadline(0.0)
    with pytest.raises(ShopUnavailableError, match="no time is left"):
        await http.read("GET", "/orders", deadline=over)
    with pytest.raises(ShopUnavailableError, match="no time is left"):
        await http.write("PUT", "/orders", deadline=over)
    assert server.requests == []


@pytest.mark.parametrize("ask", [read, write])
async def test_where_nobody_listens_nothing_was_changed(
    server: Echo, http: ShopHttp, sleep: Sleeper, ask: Ask
) -> None:
    await server.stop()
    assert "cannot be reached" in await failure(ask(http), ShopUnavailableError)
    assert len(sleep.pauses) == 2


async def test_a_change_is_tried_again_where_it_did_not_arrive(server: Echo) -> None:
    async def open_again(seconds: float) -> None:
        await server.start()

    await server.stop()
    http = ShopHttp(server.url, sleep=open_again)
    assert await write(http)
    await http.close()
    assert server.done == 1


async def test_a_change_that_was_too_much_is_tried_again(
    server: Echo, http: ShopHttp, sleep: Sleeper
) -> None:
    server.faults = [Fault(Reply(status=429, headers={"Retry-After": "1"}))]
    assert await write(http)
    assert sleep.pauses == [1.0]
    assert server.done == 1


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(carried_out=True), OutcomeUnknownError),
        (Fault(carried_out=False), OutcomeUnknownError),
        (Fault(Reply(status=500), carried_out=True), OutcomeUnknownError),
        (Fault(Reply(status=503)), OutcomeUnknownError),
        (Fault(Reply(status=501)), OutcomeUnknownError),
        (Fault(Reply(status=502)), StillRunningError),
        (Fault(Reply(status=504)), StillRunningError),
        (Fault(Reply(text="<html>"), carried_out=True), OutcomeUnknownError),
        (Fault(Reply(text='"' + "a" * 3_000 + '"'), carried_out=True), OutcomeUnknownError),
    ],
)
async def test_a_change_that_may_have_been_made_is_not_tried_again(
    server: Echo, http: ShopHttp, fault: Fault, kind: type[CommerceError]
) -> None:
    server.faults = [fault]
    await failure(write(http), kind)
    assert len(server.requests) == 1


async def test_a_change_without_an_answer_may_yet_be_made(server: Echo, hasty: ShopHttp) -> None:
    server.faults = [Fault(hangs=True)]
    await failure(write(hasty), StillRunningError)
    assert len(server.requests) == 1


async def test_a_change_that_the_shop_knows_again_is_tried_again(
    server: Echo, http: ShopHttp
) -> None:
    server.faults = [Fault(carried_out=True), Fault(Reply(status=503))]
    answer = await http.write("PUT", "/orders/1", headers={"Idempotency-Key": "k"}, idempotent=True)
    assert answer.data["done"] == 2
    assert [r.headers["idempotency-key"] for r in server.requests] == ["k", "k", "k"]


@pytest.mark.parametrize("last", [Reply(status=429), Reply(status=401)])
async def test_of_several_tries_the_one_that_may_have_worked_counts(
    server: Echo, http: ShopHttp, last: Reply
) -> None:
    server.faults = [Fault(), Fault(last), Fault(last)]
    with pytest.raises(OutcomeUnknownError):
        await http.write("PUT", "/orders/1", idempotent=True)


@pytest.mark.parametrize("ask", [read, write])
@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_key_is_said_with_the_remedy(
    server: Echo, http: ShopHttp, ask: Ask, status: int
) -> None:
    server.faults = [Fault(Reply(status=status, data={"message": SECRET}))]
    text = await failure(ask(http), ShopUnavailableError)
    assert f"HTTP {status}" in text
    assert "Make a new key." in text
    assert len(server.requests) == 1


@pytest.mark.parametrize("ask", [read, write])
async def test_a_redirect_is_not_followed(server: Echo, http: ShopHttp, ask: Ask) -> None:
    server.faults = [Fault(Reply(status=301, headers={"Location": server.url + "/elsewhere"}))]
    text = await failure(ask(http), ShopUnavailableError)
    assert "another address (HTTP 301)" in text
    assert len(server.requests) == 1


async def test_a_status_is_an_answer_where_it_is_awaited(server: Echo, http: ShopHttp) -> None:
    server.faults = [Fault(Reply(status=404, data={"code": "gone"}))]
    answer = await http.read("GET", "/orders/1", accept={404})
    assert (answer.status, answer.data) == (404, {"code": "gone"})
    server.faults = [Fault(Reply(status=404, text="<html>Not here</html>"))]
    with pytest.raises(ShopUnavailableError, match="not JSON"):
        await http.read("GET", "/orders/1", accept={404})
    server.faults = [Fault(Reply(status=404, data={}))]
    assert "HTTP 404" in await failure(read(http), ShopUnavailableError)


@pytest.mark.parametrize(
    "text",
    ["<html>", "{", '{"a": NaN}', '{"a": Infinity}', '{"a": \x00}', "[" * 1_900, "9" * 1_900 + "e"],
)
async def test_what_is_not_json_is_refused(server: Echo, http: ShopHttp, text: str) -> None:
    server.faults = [Fault(Reply(text=text))]
    assert "not JSON" in await failure(read(http), ShopUnavailableError)


async def test_a_huge_answer_is_not_read(server: Echo, http: ShopHttp) -> None:
    server.faults = [Fault(Reply(data="a" * 100_000))]
    assert "more than 2000 bytes" in await failure(read(http), ShopUnavailableError)


async def test_what_is_raised_has_no_cause_that_quotes_the_answer(
    server: Echo, http: ShopHttp
) -> None:
    server.faults = [Fault(Reply(text="ada@example.com"))]
    with pytest.raises(ShopUnavailableError) as caught:
        await read(http)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("path", ["orders", "//evil.example/orders", "https://evil.example/"])
async def test_a_path_leads_nowhere_else(http: ShopHttp, path: str) -> None:
    with pytest.raises(ValueError, match="begins with one /"):
        await http.read("GET", path)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://shop.example", "https://shop.example"),
        (" https://shop.example/wp/ ", "https://shop.example/wp"),
        ("https://shop.example:8443", "https://shop.example:8443"),
        ("http://localhost:8000/", "http://localhost:8000"),
        ("http://127.0.0.1", "http://127.0.0.1"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_an_address_is_taken_without_its_last_slash(url: str, address: str) -> None:
    assert shop_address(url) == address


@pytest.mark.parametrize(
    "url",
    [
        "",
        "shop.example",
        "http://shop.example",
        "http://127.0.0.1.shop.example",
        "ftp://shop.example",
        "https://",
        "https://ada:hidden@shop.example",
        "https://shop.example?key=hidden",
        "https://shop.example#hidden",
        "https://shop.example:0",
        "https://shop.example:hidden",
        "https://[shop",
        "https://sh op.example",
    ],
)
def test_other_addresses_are_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ValueError, match="expected the shop's address") as caught:
        shop_address(url)
    assert "hidden" not in str(caught.value)


async def test_the_environments_proxy_and_passwords_are_not_used(
    server: Echo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    http = ShopHttp(server.url)
    assert await read(http)
    await http.close()
    assert "authorization" not in server.requests[0].headers


def test_pauses_grow_and_are_never_in_step() -> None:
    assert all(0.15 <= pause_after(1) <= 0.3 for _ in range(50))
    assert all(1.0 <= pause_after(20) <= 2.0 for _ in range(50))
    assert len({pause_after(3) for _ in range(10)}) > 1


def test_retry_after_is_a_number_or_a_date() -> None:
    assert retry_after("7") == 7.0
    assert retry_after("") is None
    assert retry_after("soon") is None
    assert retry_after("-1") is None
    assert retry_after("1" * 400) is None
    soon = retry_after(format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True))
    assert soon is not None
    assert 50 < soon <= 60
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0
