"""WooCommerce: a return becomes a note for the shop, once, and is counted."""

import json

import pytest

from commerce.commerce import Proof, Return, ReturnRequest
from commerce.errors import NotPossibleError, OutcomeUnknownError, ShopUnavailableError
from commerce.woocommerce import WooCommerce
from tests.commerce.shop_server import Fault, Reply
from tests.commerce.woocommerce.conftest import no_sleep
from tests.commerce.woocommerce.fake import ADA, KEY, SECRET, FakeWoo, found

ONE = ReturnRequest("TENT-1", 1, "refund", "Too small")
FIRST = Return("R727-1", approved=False)


async def back(
    shop: WooCommerce, key: str = "k1", wanted: ReturnRequest = ONE, proof: Proof = ADA
) -> Return:
    return await shop.request_return("727", proof, wanted, key=key)


async def refusal(shop: WooCommerce, key: str, wanted: ReturnRequest = ONE) -> str:
    with pytest.raises(NotPossibleError) as caught:
        await back(shop, key, wanted)
    return caught.value.reason


@pytest.fixture
def sent(woo: FakeWoo) -> FakeWoo:
    """With an order that has been sent."""
    woo.add(status="completed", date_completed="2026-03-25T10:00:00")
    return woo


async def test_a_return_is_noted_for_the_shop(sent: FakeWoo, shop: WooCommerce) -> None:
    assert await back(shop) == FIRST
    (note,) = sent.notes[727]
    first, second, third, _ = note.splitlines()
    assert first == "Shopdesk: return R727-1 (refund)"
    assert second == "1 x TENT-1 Ben &amp; Co Tent"
    assert third == "Reason: Too small"
    (entry,) = json.loads(sent.meta(727, "_shopdesk_returns"))
    assert (entry["number"], entry["sku"], entry["quantity"]) == ("R727-1", "TENT-1", 1)
    assert sent.orders[727]["status"] == "completed"


async def test_the_same_key_announces_once(sent: FakeWoo, shop: WooCommerce) -> None:
    assert [await back(shop) for _ in range(3)] == [FIRST] * 3
    assert len(sent.notes[727]) == 1
    assert len(sent.asked("PUT")) == 1


async def test_returns_are_counted(sent: FakeWoo, shop: WooCommerce) -> None:
    assert await refusal(shop, "k0", ReturnRequest("TENT-1", 3, "refund", "")) == "refused"
    assert await back(shop, "k1") == FIRST
    assert await refusal(shop, "k2", ReturnRequest("tent-1", 2, "refund", "")) == "refused"
    assert await back(shop, "k3", ReturnRequest("tent-1", 1, "exchange", "", "XL")) == Return(
        "R727-2", approved=False
    )
    assert "Wanted instead: XL" in sent.notes[727][1]
    assert await refusal(shop, "k4") == "already"
    assert await refusal(shop, "k5", ReturnRequest("TENT-9", 1, "refund", "")) == "refused"


async def test_a_key_is_not_used_for_something_else(woo: FakeWoo, shop: WooCommerce) -> None:
    woo.add()
    await back(shop, "k1")
    assert await refusal(shop, "k1", ReturnRequest("TENT-1", 2, "refund", "")) == "refused"
    await shop.cancel_order("727", ADA, key="k2")
    woo.orders[727]["status"] = "completed"
    assert await refusal(shop, "k2") == "refused"
    assert len(woo.notes[727]) == 1


@pytest.mark.parametrize(("status", "reason"), [("cancelled", "refused"), ("refunded", "already")])
async def test_what_was_never_sent_or_is_paid_back_does_not_go_back(
    woo: FakeWoo, shop: WooCommerce, status: str, reason: str
) -> None:
    woo.add(status=status)
    assert await refusal(shop, "k1") == reason
    assert woo.notes == {}


async def test_without_a_proof_nothing_is_announced(sent: FakeWoo, shop: WooCommerce) -> None:
    for proof in (Proof(email="eve@example.com"), Proof(customer_id="0")):
        with pytest.raises(NotPossibleError, match="not_found"):
            await back(shop, proof=proof)
    assert sent.notes == {}


async def test_the_customers_words_are_words(sent: FakeWoo, shop: WooCommerce) -> None:
    words = "<img src=x onerror=alert(1)>\n[shopdesk R727-999 0123456789abcdef] &amp;"
    await back(shop, wanted=ReturnRequest("TENT-1", 1, "refund", words))
    (note,) = sent.notes[727]
    assert "<" not in note
    assert note.count("[") == 1
    # Nor do they count as a return.
    assert await back(shop, "k2") == Return("R727-2", approved=False)


async def test_a_shop_may_have_a_status_for_it(sent: FakeWoo) -> None:
    shop = WooCommerce(
        sent.url,
        key=KEY,
        secret=SECRET,
        currency="EUR",
        return_status="wc-return-requested",
        sleep=no_sleep,
    )
    assert await back(shop) == FIRST
    assert sent.orders[727]["status"] == "return-requested"
    order = await found(shop)
    assert order.status == "shipped"
    assert order.shipped
    assert (await back(shop, "k2")).number == "R727-2"
    await shop.close()


@pytest.mark.parametrize("reply", [None, Reply(status=500), Reply(text="<html>")])
@pytest.mark.parametrize("carried_out", [True, False])
async def test_whether_the_note_was_written_is_found_out(
    sent: FakeWoo, shop: WooCommerce, reply: Reply | None, carried_out: bool
) -> None:
    sent.faults = [Fault(reply, carried_out=carried_out, method="POST")]
    if not carried_out:
        with pytest.raises(ShopUnavailableError, match="nothing was changed"):
            await back(shop)
        assert sent.notes == {}
        assert sent.meta(727, "_shopdesk_returns") is None
    assert await back(shop) == FIRST
    assert len(sent.notes[727]) == 1


async def test_a_note_that_may_yet_be_written_is_unknown(sent: FakeWoo, hasty: WooCommerce) -> None:
    sent.faults = [Fault(hangs=True, method="POST")]
    with pytest.raises(OutcomeUnknownError):
        await back(hasty)


async def test_a_note_that_cannot_be_looked_for_is_unknown(sent: FakeWoo) -> None:
    async def lose_the_shop(seconds: float) -> None:
        sent.faults = [Fault(Reply(status=503)) for _ in range(3)]

    shop = WooCommerce(sent.url, key=KEY, secret=SECRET, currency="EUR", sleep=lose_the_shop)
    sent.faults = [Fault(method="POST")]
    with pytest.raises(OutcomeUnknownError):
        await back(shop)
    await shop.close()


@pytest.mark.parametrize("faults", [1, 3])
async def test_a_note_is_a_return_though_it_is_not_counted(
    sent: FakeWoo, shop: WooCommerce, caplog: pytest.LogCaptureFixture, faults: int
) -> None:
    sent.faults = [Fault(Reply(status=503), method="PUT") for _ in range(faults)]
    assert await back(shop) == FIRST
    assert ("not counted" in caplog.text) == (faults == 3)
    # Asked again, it is counted, and not noted a second time.
    assert await back(shop) == FIRST
    assert len(sent.notes[727]) == 1
    assert len(json.loads(sent.meta(727, "_shopdesk_returns"))) == 1


@pytest.mark.parametrize("spoilt", ["", "{", "[1]", '[{"number": 1}]', 7, [{"number": "R1-1"}]])
async def test_entries_that_somebody_has_spoilt_are_passed_over(
    sent: FakeWoo, shop: WooCommerce, spoilt: object
) -> None:
    sent.orders[727]["meta_data"] = [{"id": 1, "key": "_shopdesk_returns", "value": spoilt}]
    assert await back(shop) == FIRST


async def test_a_number_with_brackets_is_no_trap(woo: FakeWoo, shop: WooCommerce) -> None:
    woo.add(number="[A] 727", status="completed")
    one = await shop.request_return("A727", ADA, ONE, key="k1")
    woo.orders[727]["meta_data"] = []
    assert await shop.request_return("A727", ADA, ONE, key="k1") == one
    assert len(woo.notes[727]) == 1
