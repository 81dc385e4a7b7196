"""WooCommerce: a shop that cannot be asked says why, and nothing is changed."""

import asyncio

import pytest

from commerce.errors import CommerceError, NotPossibleError, ShopUnavailableError
from commerce.woocommerce import WooCommerce
from tests.commerce.shop_server import Fault, Reply, Request
from tests.commerce.woocommerce.fake import ADA, KEY, SECRET, FakeWoo, found, order


async def test_a_key_that_may_only_read_is_said_so(woo: FakeWoo, shop: WooCommerce) -> None:
    woo.add()
    woo.may_write = False
    with pytest.raises(ShopUnavailableError, match="Read/Write"):
        await shop.cancel_order("727", ADA, key="k1")


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        ([Fault(Reply(status=401, data={}))], "refuses the key .HTTP 401"),
        ([Fault(Reply(status=500))] * 3, "HTTP 500"),
        ([Fault(Reply(status=302, headers={"Location": "https://evil.example"}))], "302"),
        ([Fault(Reply(status=404, data={"code": "rest_no_route"}))], "no WooCommerce API"),
        ([Fault(Reply(status=404, data=[]))], "no WooCommerce API"),
        ([Fault(Reply(status=404, text="<html>"))], "not JSON"),
        ([Fault(Reply(data=[]))], "not an order"),
    ],
)
async def test_a_shop_that_cannot_be_asked_changes_nothing(
    woo: FakeWoo, shop: WooCommerce, faults: list[Fault], said: str
) -> None:
    woo.add()
    for ask in (shop.find_order("727", ADA), shop.cancel_order("727", ADA, key="k1")):
        woo.faults = list(faults)
        with pytest.raises(CommerceError, match=said) as caught:
            await ask
        assert type(caught.value) is ShopUnavailableError
        assert "cs_secret" not in str(caught.value)
    assert woo.asked("PUT") == []


async def test_a_shop_that_is_down_is_told_quickly(woo: FakeWoo) -> None:
    await woo.stop()
    shop = WooCommerce(woo.url, key=KEY, secret=SECRET, currency="EUR")
    async with asyncio.timeout(8.0):
        with pytest.raises(ShopUnavailableError, match="cannot be reached"):
            await shop.find_order("727", ADA)
    await shop.close()


# By WordPress's number; and then, or at once, by the search.
@pytest.mark.parametrize(("number", "path"), [("727", "/727"), ("728", ""), ("LK-1", "")])
async def test_a_shop_that_hangs_is_given_up_in_time(
    woo: FakeWoo, hasty: WooCommerce, number: str, path: str
) -> None:
    woo.add()
    woo.faults = [Fault(hangs=True, path=f"/orders{path}") for _ in range(3)]
    async with asyncio.timeout(2.0):
        with pytest.raises(ShopUnavailableError, match="in time"):
            await hasty.find_order(number, ADA)


async def test_all_that_an_order_takes_is_done_with_in_time(
    woo: FakeWoo, monkeypatch: pytest.MonkeyPatch
) -> None:
    woo.add()
    now = 0.0
    answer = woo.answer

    def answer_late(request: Request) -> Reply:
        nonlocal now
        now += 9.0
        return answer(request)

    monkeypatch.setattr(woo, "answer", answer_late)
    shop = WooCommerce(woo.url, key=KEY, secret=SECRET, currency="EUR", clock=lambda: now)
    # There is no time left for its categories,
    assert (await found(shop)).lines[0].category == ""
    # nor for a search for another number.
    with pytest.raises(ShopUnavailableError, match="no time is left"):
        await shop.find_order("728", ADA)
    assert len(woo.requests) == 2
    await shop.close()


async def test_a_shop_that_keeps_the_order_has_refused(woo: FakeWoo, shop: WooCommerce) -> None:
    woo.add()
    woo.faults = [Fault(Reply(data=order()), method="PUT")]
    with pytest.raises(NotPossibleError, match="refused"):
        await shop.cancel_order("727", ADA, key="k1")
