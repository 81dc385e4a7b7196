"""What opens an order of the demo shop: its e-mail or its postcode, and nothing near to them."""

import hmac
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import commerce._proof
from commerce.commerce import Proof
from commerce.demo import DemoShop

NUMBER, EMAIL, POSTCODE = "LK-200166", "sanne.dewit@example.org", "3011 WN"


def edits(right: str) -> st.SearchStrategy[str]:
    """``right`` with one piece written otherwise, and any text at all."""
    places = st.integers(0, len(right))
    pieces = st.tuples(places, st.text(max_size=2), st.integers(0, 2))
    return st.one_of(
        pieces.map(lambda piece: right[: piece[0]] + piece[1] + right[piece[0] + piece[2] :]),
        st.text(),
    )


@pytest.mark.parametrize(
    "postcode", ["3011 WN", "3011wn", " 30 11-w n", "3011–WN", "３０１１ ＷＮ", "3011\u00a0WN"]
)
async def test_a_postcode_is_read_as_people_type_it(shop: DemoShop, postcode: str) -> None:
    order = await shop.find_order(NUMBER, Proof(postcode=postcode))
    assert order is not None
    assert order.number == NUMBER


async def test_one_thing_that_fits_is_enough(shop: DemoShop) -> None:
    assert await shop.find_order(NUMBER, Proof(email="no@example.com", postcode=POSTCODE))
    assert await shop.find_order(NUMBER, Proof(email=EMAIL, postcode="1000 AA"))


async def test_another_customers_proof_learns_nothing(shop: DemoShop) -> None:
    other = "LK-200752"
    for proof in (Proof(email=EMAIL), Proof(postcode=POSTCODE), Proof(EMAIL, POSTCODE)):
        assert await shop.find_order(NUMBER, proof) is not None
        assert await shop.find_order(other, proof) is None
        assert await shop.find_order("LK-999999", proof) is None


@pytest.mark.parametrize(
    "proof",
    [
        Proof(customer_id="7"),
        Proof(customer_id=NUMBER),
        Proof(customer_id=EMAIL),
        Proof(email=POSTCODE, postcode=EMAIL),
        Proof(email=" ", postcode="-"),
        Proof(email="%", postcode="%"),
        # Cyrillic а and е, Greek ο: they look the same.
        Proof(email="s\u0430nne.dewit@example.org"),
        Proof(email="sanne.d\u0435wit@example.org"),
        Proof(email="sanne.dewit@example.\u03bfrg"),
        Proof(email="sanne.dewit@example.org\u200b"),
        Proof(postcode="3011 W\u039d"),
        Proof(postcode="3\u041e11 WN"),
        Proof(email="\ud800", postcode="\udfff"),
    ],
)
async def test_what_only_looks_like_a_proof_is_none(shop: DemoShop, proof: Proof) -> None:
    assert await shop.find_order(NUMBER, proof) is None


async def test_an_order_whose_postcode_is_only_a_sign_is_not_proved_by_signs(
    small_shop: Callable[..., DemoShop],
) -> None:
    shop = small_shop(order={"postcode": "-"})
    for postcode in ("-", " ", "--", ""):
        proof = Proof(postcode=postcode, customer_id="7")
        assert await shop.find_order("LK-204518", proof) is None


@given(email=edits(EMAIL), postcode=edits(POSTCODE))
@example(email=EMAIL, postcode="")
@example(email="", postcode=POSTCODE)
async def test_nothing_but_the_right_email_or_postcode_opens_an_order(
    shop: DemoShop, email: str, postcode: str
) -> None:
    def letters(text: str) -> str:
        return unicodedata.normalize("NFKC", text).casefold()

    right = letters(email).strip() == EMAIL
    kept = [sign for sign in letters(postcode) if not sign.isspace()]
    right |= "".join(s for s in kept if unicodedata.category(s) != "Pd") == "3011wn"
    order = await shop.find_order(NUMBER, Proof(email, postcode, customer_id="7"))
    assert (order is not None) == right


async def test_an_unknown_number_is_compared_like_a_known_one(
    shop: DemoShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    lengths = []

    def compare(known: bytes, given: bytes) -> bool:
        lengths.append((len(known), len(given)))
        return hmac.compare_digest(known, given)

    class Watched:
        compare_digest = staticmethod(compare)

    monkeypatch.setattr(commerce._proof, "hmac", Watched)
    await shop.find_order(NUMBER, Proof(email="someone.with.a.long.address@example.com"))
    known = lengths.copy()
    lengths.clear()
    await shop.find_order("LK-999999", Proof(postcode="1"))
    assert lengths == known == [(32, 32)] * 3
