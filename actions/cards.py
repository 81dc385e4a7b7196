"""Products to show beside an answer."""

import asyncio
import logging

from actions.payloads import Card
from commerce.commerce import Commerce, Money, Product
from commerce.errors import CommerceError
from generator.answer import Answer
from knowledge_base.passages import Language

_log = logging.getLogger(__name__)

_MOST = 3
# Of the demo shop's 630 development questions, few of which are after a product, 31 cite one. Both
# searches together add 4 at this score, 3 of them fitting; at 0.3 they add 16, hardly any fitting.
_LEAST_SCORE = 0.5
_SECONDS = 2.0

_CHINESE_CURRENCIES = {"EUR": "欧元", "USD": "美元", "GBP": "英镑", "CNY": "元", "JPY": "日元"}
_SOLD_OUT: dict[Language, str] = {"en": "out of stock", "zh": "缺货"}


class ProductCards:
    """Finds the products that an answer is about, as the shop has them now.

    They are those that it cites. Where it cites none, they are those that the knowledge base's
    search and the shop's own both find: either alone thinks of a tent when the customer asks how
    to return one.

    Args:
        shop: asked for names, prices and stock.
    """

    def __init__(self, shop: Commerce) -> None:
        self._shop = shop

    async def of(self, question: str, answer: Answer) -> tuple[Card, ...]:
        """The cards, best first; none when the shop cannot be asked."""
        try:
            async with asyncio.timeout(_SECONDS):
                products = await self._products(question, answer)
        except (CommerceError, TimeoutError) as error:
            # The answer is complete without them.
            _log.warning("no product cards: %s: %s", type(error).__name__, error)
            return ()
        return tuple(product_card(product, answer.language) for product in products)

    async def _products(self, question: str, answer: Answer) -> list[Product]:
        skus = [sku for cited in answer.citations if (sku := _sku(cited.passage_id))]
        if not skus:
            near = [
                sku
                for scored in answer.evidence
                if scored.score >= _LEAST_SCORE and (sku := _sku(scored.passage.id))
            ]
            named = {p.sku for p in await self._shop.search_products(question)} if near else set()
            skus = [sku for sku in near if sku in named]
        found = [await self._shop.product(sku) for sku in dict.fromkeys(skus[:_MOST])]
        return [product for product in found if product]


def _sku(passage_id: str) -> str | None:
    """The article number of a product's passage: ``en/product/LK-TENT-001``."""
    _, _, rest = passage_id.partition("/")
    kind, _, sku = rest.partition("/")
    return sku if kind == "product" and sku else None


def product_card(product: Product, language: Language) -> Card:
    """The card of a product: its name, its price, whether it is there, and where to see it."""
    price = price_text(product.price, language)
    subtitle = price if product.stock else f"{price} · {_SOLD_OUT[language]}"
    return Card(product.name.in_language(language), subtitle, url=product.url)


def price_text(price: Money, language: Language) -> str:
    """As the knowledge base writes it: ``EUR 279.00``, ``279.00 欧元``."""
    if language == "zh" and (currency := _CHINESE_CURRENCIES.get(price.currency)):
        return f"{price.amount:,.2f} {currency}"
    return str(price)
