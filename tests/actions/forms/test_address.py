"""Another address: at once, part by part, put right, and too late."""

from typing import Any

import pytest

from actions.forms.address import read_address
from actions.phrasing import Phrases
from commerce.commerce import Address, Order, Proof

ADA = Proof(email="ada@example.com")


@pytest.fixture
def sent(shop: Any, monkeypatch: Any) -> list[Address]:
    """The addresses that the shop was given."""
    addresses: list[Address] = []

    async def change(number: str, proof: Proof, address: Address, *, key: str) -> Order:
        addresses.append(address)
        order = await shop.find_order(number, proof)
        assert order is not None
        return order  # type: ignore[no-any-return]

    monkeypatch.setattr(shop, "change_address", change)
    return addresses


async def asked(chat: Any, page: str = "en") -> Any:
    talk = chat(page=page)
    words = "改地址 LK-100001 ada@example.com" if page == "zh" else "move LK-100001 ada@example.com"
    await talk.say(words, "change_address")
    assert talk.slots["requested_slot"] == "street"
    return talk


@pytest.mark.parametrize(
    ("written", "street", "postcode", "city", "country"),
    [
        ("Hoogstraat 50, 3012 BR Rotterdam", "Hoogstraat 50", "3012 BR", "Rotterdam", None),
        (
            "Hoogstraat 50\n3012BR Rotterdam\nNederland",
            "Hoogstraat 50",
            "3012BR",
            "Rotterdam",
            "NL",
        ),
        ("Hauptstr. 5, 10437 Berlin, Germany", "Hauptstr. 5", "10437", "Berlin", "DE"),
        (
            "12 High St, Flat 2, London SW1A 1AA, UK",
            "12 High St, Flat 2",
            "SW1A 1AA",
            "London",
            "GB",
        ),
        ("Storgatan 1, 114 56 Stockholm, Sweden", "Storgatan 1", "114 56", "Stockholm", "SE"),
        ("ul. Długa 3, 31-014 Kraków", "ul. Długa 3", "31-014", "Kraków", None),
        ("上海市徐汇区衡山路100号 200031", "徐汇区衡山路100号", "200031", "上海市", "CN"),
        (
            "广东省深圳市南山区科技路1号，邮编：518000",
            "南山区科技路1号",
            "518000",
            "广东省深圳市",
            "CN",
        ),
    ],
)
def test_a_whole_address_is_read(
    written: str, street: str, postcode: str, city: str, country: str | None
) -> None:
    found = {"street": street, "postcode": postcode, "city": city}
    assert read_address(written) == (found | {"country": country} if country else found)


@pytest.mark.parametrize(
    "written",
    ["Hoogstraat 50", "3012 BR Rotterdam", "Hoogstraat 50, Rotterdam", "", "上海市200031"],
)
def test_half_an_address_is_none(written: str) -> None:
    assert read_address(written) is None


@pytest.mark.parametrize(
    ("page", "words", "yes"),
    [
        ("en", "please send it to Hoogstraat 50, 3012 BR Rotterdam", "/affirm"),
        ("zh", "新地址是上海市徐汇区衡山路100号 200031", "/affirm"),
        ("en", "Hauptstr. 5, 10437 Berlin, Germany", "yes"),
    ],
)
async def test_an_address_at_once_is_shown_and_changed_after_a_yes(
    chat: Any, sent: list[Address], page: str, words: str, yes: str
) -> None:
    talk = await asked(chat, page)
    await talk.say(words)
    assert talk.slots["requested_slot"] == "confirm"
    assert sent == []
    await talk.say(yes, "affirm")
    assert [address.name for address in sent] == ["Ada Example"]
    assert sent[0].country == {"zh": "CN", "en": "DE" if "Berlin" in words else "NL"}[page]


@pytest.mark.parametrize(
    ("page", "parts", "city"),
    [
        ("en", ("Hoogstraat 50", "3012 br", "Rotterdam"), "Rotterdam"),
        ("en", ("the street is Hoogstraat 50", "it's 3012 BR", "Rotterdam"), "Rotterdam"),
        ("en", ("Rue du Port", "69003", "Lyon, France"), "Lyon"),
        ("zh", ("衡山路100号", "邮编是200031", "上海"), "上海"),
    ],
)
async def test_an_address_part_by_part(
    chat: Any, sent: list[Address], page: str, parts: tuple[str, ...], city: str
) -> None:
    talk = await asked(chat, page)
    for step, part in zip(("street", "postcode", "city"), parts, strict=True):
        assert talk.slots["requested_slot"] == step
        await talk.say(part)
    await talk.say("/affirm")
    assert sent[0].city == city
    assert sent[0].country == ("FR" if city == "Lyon" else "NL")
    assert not sent[0].street.startswith("the street")


@pytest.mark.parametrize(
    ("words", "part", "value"),
    [
        ("the postcode is 3013 AA", "postcode", "3013 AA"),
        ("no, the street is Blaak 8", "street", "Blaak 8"),
        ("the city should be Delft", "city", "Delft"),
        ("no, Belgium", "country", "BE"),
        ("the country is Germany", "country", "DE"),
        ("邮编是3013 AA", "postcode", "3013 AA"),
        ("no: Blaak 8, 3011 TA Rotterdam", "street", "Blaak 8"),
    ],
)
async def test_what_is_shown_can_be_put_right_in_part(
    chat: Any, sent: list[Address], words: str, part: str, value: str
) -> None:
    talk = await asked(chat)
    await talk.say("Hoogstraat 50, 3012 BR Rotterdam")
    await talk.say(words, "correct")
    assert talk.slots["requested_slot"] == "confirm"
    await talk.say("/affirm")
    assert getattr(sent[0], part) == value


@pytest.mark.parametrize("words", ["no", "No!", "nope"])
async def test_a_no_is_not_norway(chat: Any, sent: list[Address], words: str) -> None:
    talk = await asked(chat)
    await talk.say("Hoogstraat 50, 3012 BR Rotterdam")
    await talk.say(words, "deny")
    assert talk.slots["requested_slot"] == "street"
    await talk.say("Blaak 8, 3011 TA Rotterdam")
    await talk.say("yes", "affirm")
    assert sent == [Address("Ada Example", "Blaak 8", "3011 TA", "Rotterdam", "NL")]


async def test_thats_wrong_goes_one_part_back(chat: Any) -> None:
    talk = await asked(chat)
    for part in ("Hoogstraat 50", "3012 BR", "Rotterdam"):
        await talk.say(part)
    for step in ("city", "postcode", "street", "number"):
        await talk.say("that's wrong", "correct")
        assert talk.slots["requested_slot"] == step


async def test_a_whole_address_that_is_wrong_is_asked_for_anew(chat: Any) -> None:
    talk = await asked(chat)
    await talk.say("Hoogstraat 50, 3012 BR Rotterdam")
    await talk.say("that's wrong", "correct")
    assert talk.slots["requested_slot"] == "street"
    await talk.say("Blaak 8")
    assert talk.slots["requested_slot"] == "postcode"


@pytest.mark.parametrize(
    ("words", "intent"),
    [("yes", "affirm"), ("no", "deny"), ("thank you", "thank"), ("what for?", "ask_privacy")],
)
async def test_these_are_no_street(chat: Any, words: str, intent: str) -> None:
    talk = await asked(chat)
    await talk.say(words, intent)
    assert talk.slots["requested_slot"] == "street"


async def test_a_street_needs_letters_and_a_postcode_digits(chat: Any) -> None:
    talk = await asked(chat)
    await talk.say("50")
    assert talk.slots["requested_slot"] == "street"
    await talk.say("Hoogstraat 50")
    await talk.say("I don't know it")
    assert talk.slots["requested_slot"] == "postcode"


@pytest.mark.parametrize("page", ["en", "zh"])
async def test_what_is_on_its_way_is_not_changed(
    chat: Any, phrases: Phrases, page: str, sent: list[Address]
) -> None:
    for number, status in (("LK-100003", "shipped"), ("LK-100004", "packing")):
        talk = chat(page=page)
        start = "改地址" if page == "zh" else "other address for"
        await talk.say(f"{start} {number} bob@example.org", "change_address")
        text = phrases.say(f"too_late_for_address_{status}", page, number=number)  # type: ignore[arg-type]
        assert talk.text == text
        assert talk.slots["offer_reason"] == "unsupported_request"
    assert sent == []


async def test_mark_up_in_an_address_is_shown_as_it_stands(chat: Any) -> None:
    talk = await asked(chat)
    await talk.say("[click](https://e.example) 5, 3012 BR Rotterdam")
    assert "\\[click\\](https://e.example)" in talk.text


async def test_very_long_parts_are_refused(chat: Any, sent: list[Address]) -> None:
    talk = await asked(chat)
    await talk.say("x" * 200 + " 5")
    assert talk.slots["requested_slot"] == "street"


async def test_the_same_message_again_changes_once(chat: Any, shop: Any) -> None:
    talk = await asked(chat)
    await talk.say("Hoogstraat 50, 3012 BR Rotterdam")
    slots = {**talk.slots, "details": dict(talk.slots["details"])}
    first = await talk.say("yes", "affirm", key="same")
    talk.slots, talk.form = slots, "change_address_form"
    again = await talk.say("yes", "affirm", key="same")
    assert first == again
    assert (await shop.find_order("LK-100001", ADA)).postcode == "3012 BR"
