"""WooCommerce: a shop that cannot be asked says why, and nothing is changed."""

import pytest

from commerce.errors import CommerceError, NotPossibleError, ShopUnavailableError
from commerce.woocommerce import WooCommerce
from tests.commerce.shop_server import Fault, Reply
from tests.commerce.woocommerce.fake import ADA, FakeWoo, order


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


async def test_a_shop_that_keeps_the_order_has_refused(woo: FakeWoo, shop: WooCommerce) -> None:
    woo.add()
    woo.faults = [Fault(Reply(data=order()), method="PUT")]
    with pytest.raises(NotPossibleError, match="refused"):
        await shop.cancel_order("727", ADA, key="k1")
