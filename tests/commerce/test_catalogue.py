"""The products of a shop, kept for a while."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from decimal import Decimal

import pytest

from commerce._catalogue import Catalogue, Listing
from commerce.commerce import Money, Product, Text
from commerce.errors import ShopUnavailableError


def a_product(sku: str = "A-1", name: str = "Heron") -> Product:
    text, price = Text(name, name), Money(Decimal(1), "EUR")
    return Product(sku, text, "tents", "Lark", price, 1, None, (), (), text, None)


class Source:
    """A shop, and the time."""

    def __init__(self) -> None:
        self.now = 0.0
        self.readings = 0
        self.error: Exception | None = None
        self.listing: Listing | Sequence[Product] = [a_product()]
        self.open = asyncio.Event()
        self.open.set()

    async def fetch(self) -> Listing | Sequence[Product]:
        self.readings += 1
        await self.open.wait()
        if self.error:
            raise self.error
        return self.listing


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
async def catalogue(source: Source) -> AsyncIterator[Catalogue]:
    catalogue = Catalogue(source.fetch, patience_seconds=0.05, clock=lambda: source.now)
    yield catalogue
    await catalogue.close()


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def name_of(catalogue: Catalogue, sku: str = "a-1") -> str | None:
    product = await catalogue.product(sku)
    return product.name.en if product else None


async def test_products_are_read_once_while_they_are_fresh(
    source: Source, catalogue: Catalogue
) -> None:
    assert source.readings == 0
    await asyncio.gather(*(name_of(catalogue) for _ in range(5)))
    source.now = 599.0
    assert [p.sku for p in await catalogue.find("heron", 5)] == ["A-1"]
    assert source.readings == 1


async def test_old_products_are_told_while_new_ones_are_read(
    source: Source, catalogue: Catalogue
) -> None:
    await name_of(catalogue)
    source.open.clear()
    source.listing = [a_product(name="Egret")]
    source.now = 601.0
    assert [await name_of(catalogue) for _ in range(3)] == ["Heron"] * 3
    await settled()
    assert source.readings == 2
    source.open.set()
    await settled()
    assert await name_of(catalogue) == "Egret"


async def test_old_products_are_told_while_new_ones_cannot_be_read(
    source: Source, catalogue: Catalogue, caplog: pytest.LogCaptureFixture
) -> None:
    await name_of(catalogue)
    source.error = ShopUnavailableError("the shop is closed")
    for source.now, readings in ((601.0, 2), (620.0, 2), (632.0, 3)):
        assert await name_of(catalogue) == "Heron"
        await settled()
        assert source.readings == readings
    assert caplog.text.count("the shop is closed") == 2


async def test_products_that_are_too_old_are_not_told(source: Source, catalogue: Catalogue) -> None:
    await name_of(catalogue)
    source.open.clear()
    source.listing = [a_product(name="Egret")]
    source.now = 3600.0
    assert await name_of(catalogue) == "Heron"
    source.now = 3601.0
    with pytest.raises(ShopUnavailableError, match="still being read"):
        await name_of(catalogue)
    waiting = asyncio.create_task(name_of(catalogue))
    await settled()
    source.open.set()
    assert await waiting == "Egret"
    assert source.readings == 2


async def test_products_that_are_too_old_and_cannot_be_read_are_not_told(
    source: Source, catalogue: Catalogue
) -> None:
    await name_of(catalogue)
    source.error = ShopUnavailableError("the shop is closed")
    source.now = 3601.0
    for _ in range(2):
        with pytest.raises(ShopUnavailableError, match="closed"):
            await name_of(catalogue)
    source.error = None
    assert await name_of(catalogue) == "Heron"


async def test_what_is_old_is_counted_from_the_beginning_of_its_reading(
    source: Source, catalogue: Catalogue
) -> None:
    source.open.clear()
    waiting = asyncio.create_task(name_of(catalogue))
    await settled()
    source.now = 3000.0
    source.open.set()
    assert await waiting == "Heron"
    source.now = 3601.0
    await name_of(catalogue)
    assert source.readings == 2


async def test_products_that_were_never_read_are_asked_for_each_time(
    source: Source, catalogue: Catalogue
) -> None:
    source.error = ShopUnavailableError("the shop is closed")
    for _ in range(2):
        with pytest.raises(ShopUnavailableError, match="closed"):
            await name_of(catalogue)
    source.error = None
    assert await name_of(catalogue) == "Heron"
    assert source.readings == 3


async def test_nobody_waits_for_ever_for_the_first_reading(
    source: Source, catalogue: Catalogue
) -> None:
    source.open.clear()
    with pytest.raises(ShopUnavailableError, match="still being read"):
        await name_of(catalogue)
    source.open.set()
    assert await name_of(catalogue) == "Heron"
    assert source.readings == 1


async def test_what_an_unforeseen_error_quotes_is_not_logged(
    source: Source, catalogue: Catalogue, caplog: pytest.LogCaptureFixture
) -> None:
    source.error = ValueError("secret")
    with pytest.raises(ValueError, match="secret"):
        await name_of(catalogue)
    assert "ValueError" in caplog.text
    assert "secret" not in caplog.text


async def test_variants_are_known_too(source: Source, catalogue: Catalogue) -> None:
    source.listing = Listing([a_product(), a_product(name="Egret")], {"A-2": "A-1", "B": "none"})
    assert await name_of(catalogue, " A-2 ") == "Heron"
    assert await name_of(catalogue, "B") is None
    assert await name_of(catalogue, "") is None


async def test_a_reading_under_way_ends_with_the_catalogue(source: Source) -> None:
    catalogue = Catalogue(source.fetch, patience_seconds=0.01)
    source.open.clear()
    with pytest.raises(ShopUnavailableError):
        await catalogue.find("heron", 1)
    await catalogue.close()
    assert len(asyncio.all_tasks()) == 1
    await Catalogue(source.fetch).close()
