"""A WooCommerce of the tests' own, and the adapter that asks it."""

from collections.abc import AsyncIterator

import pytest

from commerce.woocommerce import WooCommerce
from tests.commerce.woocommerce.fake import KEY, SECRET, FakeWoo


async def no_sleep(seconds: float) -> None:
    """Pauses are for shops that have something to recover from."""


@pytest.fixture
async def woo() -> AsyncIterator[FakeWoo]:
    woo = FakeWoo()
    await woo.start()
    yield woo
    await woo.stop()


@pytest.fixture
async def shop(woo: FakeWoo) -> AsyncIterator[WooCommerce]:
    shop = WooCommerce(woo.url, key=KEY, secret=SECRET, currency="EUR", sleep=no_sleep)
    yield shop
    await shop.close()


@pytest.fixture
async def hasty(woo: FakeWoo) -> AsyncIterator[WooCommerce]:
    """Gives up soon; not so soon that a busy machine cannot answer."""
    shop = WooCommerce(woo.url, key=KEY, secret=SECRET, currency="EUR", seconds=0.4, sleep=no_sleep)
    yield shop
    await shop.close()
