"""WooCommerce: orders are read, and told to those only who prove them."""

import pytest

from commerce.commerce import Commerce, Customer, Proof
from commerce.woocommerce import WooCommerce
from tests.commerce.shop_server import Fault, Reply
from tests.commerce.woocommerce.fake import ADA, FakeWoo, found, order


def test_it_is_a_commerce() -> None:
    shop: type[Commerce] = WooCommerce
    assert shop


@pytest.mark.parametrize(
    "proof",
    [
        Proof(email=" ADA@Example.COM "),
        Proof(email="ａｄａ@example.com"),
        Proof(postcode="3011wn"),
        Proof(postcode="3011-WN"),
        Proof(customer_id="12"),
        Proof(email="eve@example.com", postcode="3011 WN"),
    ],
)
async def test_one_thing_that_fits_is_enough(woo: FakeWoo, shop: WooCommerce, proof: Proof) -> None:
    woo.add()
    assert await shop.find_order("727", proof)


@pytest.mark.parametrize(
    "proof",
    [
        Proof(email="eve@example.com"),
        Proof(email="ada@example.com.evil.example"),
        Proof(postcode="1012 JS"),
        Proof(postcode="3011"),
        Proof(customer_id="1"),
        Proof(customer_id="012"),
        Proof(email="12", postcode="12"),
        Proof(email="3011 WN"),
        Proof(postcode="-"),
    ],
)
async def test_a_wrong_proof_is_as_good_as_no_order(
    woo: FakeWoo, shop: WooCommerce, proof: Proof
) -> None:
    woo.add()
    assert await shop.find_order("727", proof) is None
    asked = [(r.method, r.query.get("search")) for r in woo.requests]
    woo.requests.clear()
    assert await shop.find_order("728", proof) is None
    # As many requests of the same kind: no clock tells the two apart.
    assert [(r.method, r.query.get("search")) for r in woo.requests] == [
        (method, search and "728") for method, search in asked
    ]


async def test_guests_prove_nothing_by_being_guests(woo: FakeWoo, shop: WooCommerce) -> None:
    woo.add(customer_id=0)
    for customer in ("0", "00", "-0"):
        assert await shop.find_order("727", Proof(customer_id=customer)) is None
        assert await shop.orders_of(Customer(customer)) == []
    assert await shop.find_order("727", ADA)


async def test_what_the_order_lacks_proves_nothing(woo: FakeWoo, shop: WooCommerce) -> None:
    nobody = {**order()["billing"], "email": None, "postcode": ""}
    woo.add(customer_id=None, billing=nobody, shipping=[])
    for proof in (Proof(email="None"), Proof(postcode="-"), Proof(customer_id="None")):
        assert await shop.find_order("727", proof) is None


async def test_without_a_delivery_the_postcode_is_the_customers(
    woo: FakeWoo, shop: WooCommerce
) -> None:
    woo.add(shipping=dict.fromkeys(order()["shipping"], ""))
    assert (await found(shop, proof=Proof(postcode="1012js"))).postcode == "1012 JS"


@pytest.mark.parametrize("typed", ["LK-204518", " #lk 204518", "ＬＫ－２０４５１８", "lk204518"])
async def test_a_number_that_is_not_wordpresss_is_searched_for(
    woo: FakeWoo, shop: WooCommerce, typed: str
) -> None:
    woo.add(number="LK-204518")
    # One that only looks like it, and holds the number elsewhere.
    phone = {**order()["billing"], "phone": "204518"}
    woo.add(id=728, number="LK-2045181", date_created="2026-04-01T00:00:00", billing=phone)
    # And one that no longer can be read: it is not asked for.
    woo.add(id=729, number="LK-204518-B", date_created="2026-04-02T00:00:00", total=None)
    assert (await found(shop, typed)).number == "LK-204518"


async def test_an_order_of_another_number_is_not_told(woo: FakeWoo, shop: WooCommerce) -> None:
    woo.add(number="1001")
    woo.add(id=1001, number="1275")
    assert await shop.find_order("727", ADA) is None
    assert (await found(shop, "1001")).number == "1001"
    assert (await found(shop, "1275")).number == "1275"


@pytest.mark.parametrize("typed", ["", "-", "where is it", "0", "0" * 30, "9" * 50, "../1", "١٢"])
async def test_what_is_no_number_finds_nothing(woo: FakeWoo, shop: WooCommerce, typed: str) -> None:
    woo.add()
    assert await shop.find_order(typed, ADA) is None


async def test_the_orders_of_a_customer_come_newest_first(woo: FakeWoo, shop: WooCommerce) -> None:
    for number, day in ((1, 3), (2, 5), (3, 4)):
        woo.add(id=number, date_created=f"2026-04-0{day}T10:00:00")
    woo.add(id=4, customer_id=13)
    orders = await shop.orders_of(Customer("12"), limit=2)
    assert [order.number for order in orders] == ["2", "3"]
    with pytest.raises(ValueError, match="limit must be at least 1"):
        await shop.orders_of(Customer("12"), limit=0)


async def test_a_shop_that_passes_over_the_customer_gives_nothing_away(
    woo: FakeWoo, shop: WooCommerce
) -> None:
    everybodys = [order(1, customer_id=13), order(2), order(3, customer_id=0)]
    woo.faults = [Fault(Reply(data=everybodys))]
    assert [order.number for order in await shop.orders_of(Customer("12"))] == ["2"]


@pytest.mark.parametrize("customer", ["", "ada", "1e3", "-12", "12 OR 1", "1" * 30, "١٢"])
async def test_a_customer_without_a_number_is_not_looked_for(
    woo: FakeWoo, shop: WooCommerce, customer: str
) -> None:
    assert await shop.orders_of(Customer(customer)) == []
    assert woo.requests == []
