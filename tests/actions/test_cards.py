"""Products beside an answer, with a shop of four tents."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions import cards as module
from actions.answers import AnswerQuestion
from actions.cards import ProductCards
from actions.payloads import Card
from actions.phrasing import Phrases
from commerce.commerce import Money, Product, Text
from commerce.errors import CommerceError
from generator.answer import Answer
from generator.writer import Citation
from knowledge_base.passages import Language, Passage, ScoredPassage


def a_product(sku: str, **changes) -> Product:
    product = Product(
        sku=sku,
        name=Text(f"Tent {sku}", f"帐篷 {sku}"),
        category="tents",
        brand="Lark",
        price=Money(Decimal("1279.00"), "EUR"),
        stock=3,
        weight_g=None,
        colours=(),
        sizes=(),
        description=Text("d", "d"),
        url=f"/shop/{sku.lower()}",
    )
    return replace(product, **changes)


class FakeShop:
    """Finds by search whatever the query names, and knows four tents."""

    def __init__(self) -> None:
        self.products = {sku: a_product(sku) for sku in ("T1", "T2", "T3", "T4")}
        self.queries: list[str] = []
        self.error: Exception | None = None
        self.seconds = 0.0

    async def find_order(self, *_args, **_named):
        raise AssertionError("nobody asks for orders here")

    orders_of = request_return = cancel_order = change_address = find_order

    async def search_products(self, query: str, limit: int = 5) -> list[Product]:
        self.queries.append(query)
        await asyncio.sleep(self.seconds)
        if self.error:
            raise self.error
        return [product for sku, product in self.products.items() if sku in query][:limit]

    async def product(self, sku: str) -> Product | None:
        await asyncio.sleep(self.seconds)
        if self.error:
            raise self.error
        return self.products.get(sku)


def an_answer(*cited: str, evidence: dict[str, float] | None = None, language: Language = "en"):
    def passage(id_: str) -> Passage:
        return Passage(id_, "product", language, "t", "x", "products.csv", 1)

    return Answer(
        text="x",
        language=language,
        citations=tuple(Citation(id_, "t", None, "q") for id_ in cited),
        evidence=tuple(ScoredPassage(passage(i), s) for i, s in (evidence or {}).items()),
        writer="fake",
        answered=True,
        reason=None,
        detail=None,
        confidence=0.9,
        latency_ms=1,
    )


@pytest.fixture
def shop() -> FakeShop:
    return FakeShop()


async def titles(shop: FakeShop, question: str, answer: Answer) -> list[str]:
    return [card.title for card in await ProductCards(shop).of(question, answer)]


async def test_what_is_cited_is_shown(shop):
    answer = an_answer("en/faq/tents#size", "en/product/T2", "en/product/T2", "en/product/T1")
    assert await ProductCards(shop).of("T3?", answer) == (
        Card("Tent T2", "EUR 1,279.00", None, "/shop/t2"),
        Card("Tent T1", "EUR 1,279.00", None, "/shop/t1"),
    )
    assert shop.queries == []


async def test_in_chinese(shop):
    shop.products["T1"] = a_product("T1", stock=0)
    shop.products["T2"] = a_product("T2", price=Money(Decimal("5"), "CHF"), url=None)
    answer = an_answer("zh/product/T1", "zh/product/T2", language="zh")
    assert await ProductCards(shop).of("?", answer) == (
        Card("帐篷 T1", "1,279.00 欧元 · 缺货", None, "/shop/t1"),
        Card("帐篷 T2", "CHF 5.00", None, None),
    )


async def test_what_is_sold_out_says_so(shop):
    shop.products["T1"] = a_product("T1", stock=0)
    (card,) = await ProductCards(shop).of("?", an_answer("en/product/T1"))
    assert card.subtitle == "EUR 1,279.00 · out of stock"


async def test_where_none_is_cited_both_searches_must_agree(shop):
    evidence = {
        "en/product/T3": 0.9,
        "en/faq/tents#size": 0.8,
        "en/product/T2": 0.7,
        "en/product/T1": 0.6,
        "en/product/T4": 0.49,
    }
    answer = an_answer("en/faq/tents#size", evidence=evidence)
    assert await titles(shop, "T1 or T3 or T4", answer) == ["Tent T3", "Tent T1"]
    assert await titles(shop, "how do I return it", answer) == []


async def test_the_shop_is_not_asked_about_what_has_nothing_to_do_with_it(shop):
    answer = an_answer("en/faq/shipping#time", evidence={"en/product/T1": 0.2})
    assert await titles(shop, "T1", answer) == []
    assert shop.queries == []


async def test_three_are_enough_and_what_the_shop_no_longer_has_is_left_out(shop):
    cited = [f"en/product/{sku}" for sku in ("T1", "GONE", "T2", "T3")]
    assert await titles(shop, "?", an_answer(*cited)) == ["Tent T1", "Tent T2"]
    cited.remove("en/product/GONE")
    assert len(await titles(shop, "?", an_answer(*cited, "en/product/T4"))) == 3


@pytest.mark.parametrize("trouble", ["error", "silence"])
async def test_a_shop_that_fails_costs_no_answer(shop, trouble, monkeypatch, caplog):
    monkeypatch.setattr(module, "_SECONDS", 0.02)
    shop.error = CommerceError("the shop is closed") if trouble == "error" else None
    shop.seconds = 60 if trouble == "silence" else 0
    assert await titles(shop, "?", an_answer("en/product/T1")) == []
    assert "no product cards" in caplog.text


async def test_the_payload_carries_them(shop, knowledge, answering, search, tracker, monkeypatch):
    answering.enqueue("T1?")
    passage = Passage("en/product/T1", "product", "en", "t", "x", "products.csv", 1)
    monkeypatch.setattr(search, "search", lambda query, language, k: [ScoredPassage(passage, 0.9)])
    for action, cards in (
        (AnswerQuestion(knowledge, Phrases()), []),
        (
            AnswerQuestion(knowledge, Phrases(), ProductCards(shop)),
            [
                {
                    "title": "Tent T1",
                    "subtitle": "EUR 1,279.00",
                    "image": None,
                    "url": "/shop/t1",
                }
            ],
        ),
    ):
        dispatcher = CollectingDispatcher()
        await action.run(dispatcher, tracker("T1?"), {})
        assert dispatcher.messages[0]["custom"]["cards"] == cards
