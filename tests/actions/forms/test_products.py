"""Finding products in the demo shop's catalogue, as customers ask for them."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from actions.forms.wish import core, read_wish
from actions.phrasing import Phrases
from commerce.demo import DemoShop
from knowledge_base.language import detect_language

PRODUCTS = Path(__file__).resolve().parents[3] / "knowledge_base" / "content" / "products.csv"


@pytest.fixture(scope="module")
def catalogue() -> DemoShop:
    """All that the demo shop sells; it has no orders, so there is nothing to close."""
    return DemoShop(PRODUCTS, None)


@pytest.fixture
def shop(catalogue: DemoShop) -> DemoShop:
    return catalogue


def titles(talk: Any) -> list[str]:
    return [card["title"] for card in talk.said[-1].get("cards", ())]


async def found(chat: Any, words: str, intent: str = "find_product") -> Any:
    talk = chat(page=detect_language(words))
    await talk.say(words, intent)
    return talk


@pytest.mark.parametrize(
    ("words", "limit"),
    [
        ("tent under 250 euros", "250"),
        ("a tent below €99.95", "99.95"),
        ("up to 1,000", "1000"),
        ("up to 1.000 euro", "1000"),
        ("max 9,95", "9.95"),
        ("between 100 and 200 euros", "200"),
        ("my budget is 300", "300"),
        ("100 or less", "100"),
        ("300以内的帐篷", "300"),
        ("不超过200元", "200"),
        ("预算100欧", "100"),
        ("under 100, no: under 80", "80"),
        ("under 2 kg", None),
        ("within 3 days", None),
        ("up to 2 people", None),
        ("2公斤以内", None),
        ("最多3个人", None),
        ("tent", None),
    ],
)
def test_a_price_is_read_and_other_numbers_are_none(words: str, limit: str | None) -> None:
    assert read_wish(words).at_most == (Decimal(limit) if limit else None)


@pytest.mark.parametrize(
    ("words", "grams"),
    [
        ("under 2 kg", 2000),
        ("lighter than 1.5kg", 1500),
        ("at most 900 g", 900),
        ("2公斤以内", 2000),
        ("under 200 euros", None),
    ],
)
def test_a_weight_is_read(words: str, grams: int | None) -> None:
    assert read_wish(words).at_most_g == grams


@pytest.mark.parametrize(
    ("words", "by"),
    [
        ("a light tent", "weight"),
        ("the lightest", "weight"),
        ("轻一点的", "weight"),
        ("最轻的", "weight"),
        ("a light for my tent", "fit"),
        ("camping light", "fit"),
        ("给年轻人的帐篷", "fit"),
        ("cheapest", "price"),
        ("便宜点的", "price"),
        ("tent", "fit"),
    ],
)
def test_light_is_a_weight_only_where_it_means_one(words: str, by: str) -> None:
    assert read_wish(words).by == by


@pytest.mark.parametrize(
    ("words", "size", "persons"),
    [
        ("in size M", "M", 0),
        ("in a L", "L", 0),
        ("有M码吗", "M", 0),
        ("boots size 42", "42", 0),
        ("two-person tent", "", 2),
        ("2 person tent", "", 2),
        ("a tent for 4 people", "", 4),
        ("两人帐篷", "", 2),
        ("四人帐篷", "", 4),
        ("a tent", "", 0),
    ],
)
def test_a_size_and_how_many_sleep_in_it_are_read(words: str, size: str, persons: int) -> None:
    wish = read_wish(words)
    assert (wish.size, wish.persons) == (size, persons)


@pytest.mark.parametrize(
    ("words", "thing"),
    [
        ("a groundsheet for the Heron 3", "a groundsheet"),
        ("I'm looking for a backpack with wheels", "a backpack"),
        ("something for winter", "something for winter"),
        ("冬天用的睡袋", "睡袋"),
    ],
)
def test_the_thing_is_told_from_what_it_is_for(words: str, thing: str) -> None:
    assert core(words) == thing


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("a two-person tent", {"Heron 2 tent", "Stormgate 2 tent"}),
        ("两人帐篷，300以内", {"Heron 2 双人帐篷"}),
        ("a 6-person tent", {"Longhall 6 family tent"}),
        ("有没有轻一点的帐篷", {"独鸥 1 单人帐篷", "Heron 2 双人帐篷", "Heron 3 三人帐篷"}),
        ("tent under 2 kg", {"Solo Tern 1 tent"}),
        ("cheapest rain jacket", {"Drizzle 2.5L rain jacket", "Squall 3L rain jacket"}),
        ("the cheapest kids rain jacket", {"Puddle kids' rain jacket"}),
        (
            "do you have rain jackets in size M",
            {"Drizzle 2.5L rain jacket", "Squall 3L rain jacket"},
        ),
        ("a groundsheet for the Heron 3", {"Heron groundsheet 3"}),
        ("water bottle under 20 euros", {"Fold 500 soft bottle"}),
        ("a backpack for day hikes, max 120", {"Swift 28 daypack", "Courier 22 roll-top pack"}),
        ("heron 2 or heron 3?", {"Heron 2 tent", "Heron 3 tent"}),
        ("hedlamp", {"Nova 400 headlamp", "Nova 900 headlamp"}),
        ("登山杖", {"大步登山杖（一对）", "大步碳纤登山杖（一对）"}),
    ],
)
async def test_what_is_shown_is_the_thing_that_was_asked_for(
    chat: Any, words: str, first: set[str]
) -> None:
    talk = await found(chat, words)
    assert set(titles(talk)) == first
    assert talk.form is None


async def test_the_lightest_tent_comes_first(chat: Any) -> None:
    talk = await found(chat, "有没有轻一点的帐篷")
    assert titles(talk)[0] == "独鸥 1 单人帐篷"


@pytest.mark.parametrize(
    ("words", "name", "price"),
    [
        ("how much is the Heron 2?", "Heron 2 tent", "EUR 279.00"),
        ("how much does the swift 28 cost", "Swift 28 daypack", "EUR 109.00"),
        ("Heron 2 双人帐篷多少钱", "Heron 2 双人帐篷", "279.00 欧元"),
        ("do you have the Tern down jacket in S", "Tern down jacket", "EUR 209.00"),
    ],
)
async def test_a_named_product_is_told_with_its_price(
    chat: Any, words: str, name: str, price: str
) -> None:
    talk = await found(chat, words)
    assert titles(talk) == [name]
    assert f"{name}" in talk.text
    assert price in talk.text


@pytest.mark.parametrize(
    ("words", "sold_out"),
    [("is the Quilt 10 in stock?", "sold out"), ("Quilt 10 超轻被有货吗", "缺货")],
)
async def test_what_is_sold_out_is_said_and_a_person_at_hand(
    chat: Any, words: str, sold_out: str
) -> None:
    talk = await found(chat, words, "check_stock")
    assert sold_out in talk.text
    assert talk.buttons == ["/request_human"]


@pytest.mark.parametrize(
    ("words", "sizes"),
    [
        ("is the Squall jacket available in L?", "XS, S, M, L, XL, XXL"),
        ("冲锋衣有M码吗", "XS, S, M, L, XL, XXL"),
    ],
)
async def test_of_sizes_no_more_is_said_than_the_shop_knows(
    chat: Any, phrases: Phrases, words: str, sizes: str
) -> None:
    talk = await found(chat, words, "check_stock")
    assert talk.text.endswith(phrases.say("product_sizes", detect_language(words), sizes=sizes))


async def test_a_list_in_a_size_says_the_same(chat: Any, phrases: Phrases) -> None:
    talk = await found(chat, "do you have rain jackets in size M")
    assert talk.text == phrases.say("products_in_size", "en", size="M")


@pytest.mark.parametrize("words", ["a tent under 50", "a tarp under 50", "5-person tent"])
async def test_where_nothing_fits_that_is_said_and_the_nearest_shown(
    chat: Any, phrases: Phrases, words: str
) -> None:
    talk = await found(chat, words)
    assert talk.text == phrases.say("no_product_fits", "en")
    assert titles(talk)


async def test_what_is_made_for_winter_but_too_dear_does_not_make_the_others_fit(
    chat: Any, phrases: Phrases
) -> None:
    talk = await found(chat, "sleeping bag for winter under 200")
    assert talk.text == phrases.say("no_product_fits", "en")
    assert all("sleeping bag" in title for title in titles(talk))


@pytest.mark.parametrize("words", ["xylophones", "socks for hiking", "钢琴"])
async def test_what_the_shop_does_not_sell_is_not_replaced_by_something_else(
    chat: Any, phrases: Phrases, words: str
) -> None:
    talk = await found(chat, words)
    assert talk.text == phrases.say("no_product", detect_language(words))
    assert talk.slots["offer_reason"] == "missing_knowledge"
    reply = await talk.say("yes", "affirm")
    assert reply["type"] == "handoff"


@pytest.mark.parametrize(
    "words",
    ["I'm looking for something", "can you recommend a product?", "我想买东西", "帮我找个商品"],
)
async def test_who_names_nothing_is_asked(chat: Any, phrases: Phrases, words: str) -> None:
    talk = await found(chat, words)
    assert talk.text == phrases.say("ask_wish", detect_language(words))


async def test_the_button_asks_what_is_looked_for(chat: Any, phrases: Phrases) -> None:
    talk = chat()
    await talk.say("/find_product")
    assert talk.text == phrases.say("ask_wish", "en")
    await talk.say("a headlamp", "inform")
    assert "Nova 400 headlamp" in titles(talk)


@pytest.mark.parametrize(
    ("words", "how", "first"),
    [
        ("I need a tent", "The cheapest", "Solo Tern 1 tent"),
        ("I need a tent", "under 300 please", None),
        ("I need a tent", "for 4 people", "Heron 4 tent"),
        ("I need a tent", "Just show me some", None),
        ("我想买帐篷", "最轻的", "独鸥 1 单人帐篷"),
        ("我想买帐篷", "随便看看", None),
    ],
)
async def test_one_question_narrows_what_there_is_much_of(
    chat: Any, words: str, how: str, first: str | None
) -> None:
    talk = await found(chat, words)
    assert talk.slots["requested_slot"] == "narrow"
    await talk.say(how, "inform")
    assert talk.form is None
    shown = titles(talk)
    assert shown
    assert all("tent" in title or "帐篷" in title for title in shown)
    assert first in (None, shown[0])


async def test_what_is_in_stock_only_is_shown(chat: Any) -> None:
    talk = await found(chat, "which trekking poles are in stock")
    assert titles(talk) == ["Stride trekking poles, pair"]


@pytest.mark.parametrize(
    ("words", "intent", "form"),
    [
        ("where is my order?", "track_order", "order_status_form"),
        ("I want to send something back", "return_item", "return_form"),
    ],
)
async def test_a_wish_about_an_order_is_no_product(
    chat: Any, words: str, intent: str, form: str
) -> None:
    for asked in ("I need a tent", "/find_product"):
        talk = await found(chat, asked)
        assert talk.form == "product_form"
        await talk.say(words, intent)
        assert talk.form == form


@pytest.mark.parametrize(
    ("words", "intent"),
    [("how long does delivery take?", "ask_shipping"), ("thanks", "thank"), ("yes", "affirm")],
)
async def test_questions_and_manners_are_no_product(chat: Any, words: str, intent: str) -> None:
    talk = await found(chat, "I need a tent")
    await talk.say(words, intent)
    assert talk.slots["requested_slot"] == "narrow"
    assert talk.slots["wish"] == "I need a tent"


@pytest.mark.parametrize(
    ("words", "written", "name"),
    [
        ("is the Hreon 3 in stock?", "Hreon 3", "Heron 3 tent"),
        ("苍路3还有货吗", "苍路3", "Heron 3 三人帐篷"),
    ],
)
async def test_a_name_that_rasa_recognised_needs_no_spelling(
    chat: Any, words: str, written: str, name: str
) -> None:
    talk = chat(page=detect_language(words))
    await talk.say(words, "check_stock", entities={"product": ("LK-TENT-002", written)})
    assert titles(talk) == [name]


async def test_what_is_looked_for_beside_a_product_is_not_that_product(chat: Any) -> None:
    talk = chat()
    found = {"product": ("LK-TENT-002", "Heron 3")}
    await talk.say("do you have a groundsheet for my Heron 3?", "find_product", entities=found)
    assert "Heron 3 tent" not in titles(talk)


@pytest.mark.parametrize(
    ("words", "written", "answered"),
    [
        ("how heavy is the Heron 3?", "Heron 3", True),
        ("Heron 3 防水吗", "Heron 3", True),
        ("how much is the Heron 3?", "Heron 3", False),
        ("do you still have the Heron 3?", "Heron 3", False),
        ("Heron 3 多少钱？", "Heron 3", False),
        ("the Heron 3", "Heron 3", False),
    ],
)
async def test_what_is_written_of_a_product_is_looked_up_in_the_knowledge_base(
    chat: Any, answering: Any, words: str, written: str, answered: bool
) -> None:
    answering.enqueue(words)
    talk = chat(page=detect_language(words))
    await talk.say(words, "find_product", entities={"product": ("LK-TENT-002", written)})
    assert (talk.said[-1]["type"] == "answer") is answered
    assert talk.form is None


async def test_where_the_knowledge_base_is_silent_the_product_is_shown(chat: Any) -> None:
    talk = chat()
    found = {"product": ("LK-TENT-002", "Heron 3")}
    await talk.say("does the Heron 3 glow in the dark?", "find_product", entities=found)
    assert titles(talk) == ["Heron 3 tent"]


@pytest.mark.parametrize(
    ("looked_for", "words", "intent", "most"),
    [
        ("two-person tents", "under 300", "inform", 300),
        ("two-person tents", "and under 300?", "nlu_fallback", 300),
        ("two-person tents", "do you have cheaper ones?", "find_product", 600),
        ("双人帐篷", "300 以内的", "inform", 300),
        ("双人帐篷", "有没有便宜一点的", "find_product", 600),
    ],
)
async def test_more_of_what_was_looked_for_narrows_it(
    chat: Any, looked_for: str, words: str, intent: str, most: int
) -> None:
    talk = await found(chat, looked_for)
    assert len(titles(talk)) > 1
    await talk.say(words, intent)
    assert titles(talk)
    prices = [float(re.findall(r"[\d.]+", card["subtitle"])[-1]) for card in talk.said[-1]["cards"]]
    assert max(prices) <= most
    if "cheaper" in words or "便宜" in words:
        assert prices == sorted(prices)


async def test_a_price_where_nothing_was_looked_for_is_no_search(chat: Any) -> None:
    talk = chat()
    await talk.say("under 300", "inform")
    assert talk.form is None
    assert titles(talk) == []


async def test_not_that_one_after_the_list_asks_what_is_looked_for(
    chat: Any, phrases: Phrases
) -> None:
    talk = await found(chat, "how much is the Heron 2?")
    await talk.say("no, not that one", "correct")
    assert talk.text == phrases.say("ask_wish", "en")


async def test_an_order_number_after_a_product_is_no_product(chat: Any) -> None:
    talk = await found(chat, "how much is the Heron 2?")
    await talk.say("LK-100001", "inform")
    assert talk.form == "order_status_form"
