"""How Shopdesk shows Shopify who it is."""

import asyncio

import pytest

from commerce.errors import ShopUnavailableError
from commerce.shopify import Shopify
from tests.commerce.shop_server import Reply
from tests.commerce.shopify.changes import ADA, cancel
from tests.commerce.shopify.conftest import Pauses
from tests.commerce.shopify.fake import CLIENT, TOKEN, FakeShopify, Trouble

EXCHANGE = "/admin/oauth/access_token"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def an_app(fake: FakeShopify, pauses: Pauses, clock: Clock, secret: str = CLIENT[1]) -> Shopify:
    return Shopify(fake.url, client_id=CLIENT[0], client_secret=secret, sleep=pauses, clock=clock)


async def test_an_app_exchanges_its_secret_for_a_token_of_a_day(
    fake: FakeShopify, pauses: Pauses
) -> None:
    clock = Clock()
    shop = an_app(fake, pauses, clock)
    for now, exchanges in ((0.0, 1), (86_000.0, 1), (86_100.0, 2)):
        clock.now = now
        assert await shop.find_order("1001", ADA) is not None
        assert len(fake.asked("POST", EXCHANGE)) == exchanges
    await shop.close()


async def test_one_token_is_enough_for_all(fake: FakeShopify, pauses: Pauses) -> None:
    shop = an_app(fake, pauses, Clock())
    orders = await asyncio.gather(*(shop.find_order("1001", ADA) for _ in range(5)))
    assert None not in orders
    assert len(fake.asked("POST", EXCHANGE)) == 1
    await shop.close()


async def test_a_token_that_ended_before_its_time_is_renewed(
    fake: FakeShopify, pauses: Pauses
) -> None:
    shop = an_app(fake, pauses, Clock())
    await shop.find_order("1001", ADA)
    fake.tokens = []
    assert (await cancel(shop)).status == "cancelled"
    assert len(fake.asked("POST", EXCHANGE)) == 2
    fake.tokens = []
    fake.faults = [Trouble(Reply(data={"access_token": "old", "expires_in": 9}), path=EXCHANGE)]
    with pytest.raises(ShopUnavailableError, match="refuses the key"):
        await shop.find_order("1001", ADA)
    await shop.close()


async def test_a_secret_that_is_refused_is_said_without_it(
    fake: FakeShopify, pauses: Pauses
) -> None:
    shop = an_app(fake, pauses, Clock(), "shpss_wrong")
    with pytest.raises(ShopUnavailableError, match="client ID and secret") as caught:
        await shop.find_order("1001", ADA)
    assert "shpss_wrong" not in repr(caught.value)
    fake.faults = [Trouble(Reply(data={"access_token": ""}), path=EXCHANGE)]
    with pytest.raises(ShopUnavailableError, match="access_token"):
        await shop.find_order("1001", ADA)
    await shop.close()


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"token": TOKEN, "client_id": "a", "client_secret": "b"},
        {"client_id": "a"},
        {"client_secret": "b"},
        {"token": "shpat_\r\nHost: x"},
        {"token": "shpat_é"},
        {"token": TOKEN, "version": "latest"},
        {"token": TOKEN, "shop": ""},
        {"token": TOKEN, "shop": "http://shop.example"},
        {"token": TOKEN, "shop": "https://user:pass@shop.example"},
    ],
)
def test_settings_that_cannot_be_used_are_a_mistake(settings: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="expected") as caught:
        Shopify(**{"shop": "example", **settings})  # type: ignore[arg-type]
    assert "shpat_" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("example", "https://example.myshopify.com"),
        (" example.myshopify.com ", "https://example.myshopify.com"),
        ("https://example.myshopify.com/", "https://example.myshopify.com"),
    ],
)
async def test_a_shop_is_known_by_its_name_at_shopify(given: str, address: str) -> None:
    shop = Shopify(given, token=TOKEN)
    assert shop._api._http.address == address
    await shop.close()
