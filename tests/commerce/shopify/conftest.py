"""A Shopify of the tests' own, and the adapter that asks it."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from commerce.shopify import Shopify
from tests.commerce.shopify.fake import TOKEN, FakeShopify


class Pauses(list[float]):
    """Those that were wanted. They are not waited for: nothing here has to recover."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)
        await asyncio.sleep(0)


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
async def fake() -> AsyncIterator[FakeShopify]:
    fake = FakeShopify()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
async def shop(fake: FakeShopify, pauses: Pauses) -> AsyncIterator[Shopify]:
    shop = Shopify(fake.url, token=TOKEN, sleep=pauses)
    yield shop
    await shop.close()


@pytest.fixture
async def hasty(fake: FakeShopify, pauses: Pauses) -> AsyncIterator[Shopify]:
    """Gives up after a fifth of a second."""
    shop = Shopify(fake.url, token=TOKEN, seconds=0.2, sleep=pauses)
    yield shop
    await shop.close()
