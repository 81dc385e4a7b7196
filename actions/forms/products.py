"""Find a product, and whether it is in stock: from the shop's own list, as it is now."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from actions.cards import price_text, product_card
from actions.forms.draft import Draft, Outcome
from actions.forms.skill import Voice
from actions.payloads import Card
from actions.phrasing import plain
from actions.turn import Turn
from commerce.commerce import Commerce, Product

_LOOKED_AT = 30
_SHOWN = 3
_MANY = 5
"""From so many on that fit equally, one question narrows them down."""

_LONGEST = 300
_NUMBER = r"(?:€|eur|euros?|\$|¥|￥)?\s*(\d{1,5}(?:[.,]\d{1,2})?)\s*(?:€|eur|euros?|欧元?|元|块)?"
_AT_MOST = re.compile(
    rf"(?:under|below|less than|up to|at most|max(?:imum)?|no more than|cheaper than|within|"
    rf"budget(?: of| is)?|不超过|低于|少于|最多|预算)\s*(?:是|在)?\s*{_NUMBER}|"
    rf"{_NUMBER}\s*(?:or less|max|tops|以内|以下|之内)",
    re.IGNORECASE,
)
# No product is found by its size; the answer names those that there are.
_SIZE = re.compile(
    r"\b(in )?(a )?size \w+\b|\b(in|size) (xs|s|m|l|xl|xxl|\d{2})\b|\d{2}\s*码", re.I
)
_CHEAPEST = re.compile(r"\b(cheap\w*|lowest price|least expensive|budget)\b|便宜|实惠|最低价", re.I)
_LIGHTEST = re.compile(
    r"\b(light(er|est)?|lightweight|ultralight|weighs? (the )?least)\b|"
    r"轻便|轻量|轻一点|轻点|最轻|轻的",
    re.I,
)
_IN_STOCK = re.compile(r"\b(in stock|available now|right away)\b|现货|有货", re.I)

Order = Literal["fit", "price", "weight"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a customer is looking for.

    Attributes:
        words: what was said of it, without price and weight: "the lightest" is no lamp.
        at_most: the highest price, in the shop's currency; None without one.
        by: what comes first: what fits best, the cheapest, or the lightest.
    """

    words: str
    at_most: Decimal | None = None
    by: Order = "fit"
    in_stock: bool = False

    @property
    def narrow(self) -> bool:
        """Whether it says more than what kind of thing."""
        return self.at_most is not None or self.by != "fit"


def read_wish(words: str) -> Wish:
    """Read a wish from all that was said, the latest last.

    Example:
        >>> wish = read_wish("a light tent under 250 euros")
        >>> wish.words, wish.at_most, wish.by
        ('a tent', Decimal('250'), 'weight')
    """
    found = list(_AT_MOST.finditer(words))
    limit = next((group for group in found[-1].groups() if group), None) if found else None
    by: Order = "fit"
    if _LIGHTEST.search(words):
        by = "weight"
    elif _CHEAPEST.search(words):
        by = "price"
    at_most = Decimal(limit.replace(",", ".")) if limit else None
    in_stock = bool(_IN_STOCK.search(words))
    for said in (_AT_MOST, _LIGHTEST, _CHEAPEST, _IN_STOCK, _SIZE):
        words = said.sub(" ", words)
    return Wish(" ".join(words.split()), at_most, by, in_stock)


def alike(products: Sequence[Product]) -> list[Product]:
    """Those of the kind that most of them are, so that the lightest tent is no groundsheet.

    The kind is the last word of the English name, or the category where names share none. A shop's
    search finds what is around a thing as well; before something is sorted, that has to go.
    """
    kinds = Counter(_kind(product) for product in products)
    categories = Counter(product.category for product in products)
    if not products:
        return []
    kind, many = kinds.most_common(1)[0]
    if many * 2 > len(products):
        return [product for product in products if _kind(product) == kind]
    category, many = categories.most_common(1)[0]
    if many * 2 > len(products):
        return [product for product in products if product.category == category]
    return list(products)


def _kind(product: Product) -> str:
    words = re.findall(r"[a-z]+", product.name.en.casefold())
    return words[-1].removesuffix("s") if words else ""


def choose(wish: Wish, products: Sequence[Product]) -> list[Product]:
    """Those that fit the wish, in its order; products without a weight are no lightest ones."""
    fitting = [
        product
        for product in products
        if (wish.at_most is None or product.price.amount <= wish.at_most)
        and (not wish.in_stock or product.stock)
        and (wish.by != "weight" or product.weight_g)
    ]
    if wish.by == "price":
        return sorted(fitting, key=lambda product: product.price.amount)
    if wish.by == "weight":
        return sorted(fitting, key=lambda product: product.weight_g or 0)
    return fitting


class FindProduct:
    """Shows what the shop has, with price and stock; asks once where much fits."""

    form = "product_form"
    intent = "find_product"
    free_text: frozenset[str] = frozenset()

    def __init__(self, shop: Commerce) -> None:
        self._shop = shop

    def begin(self, draft: Draft, turn: Turn) -> None:
        if turn.words:
            draft.details["wish"] = turn.words[:_LONGEST]
            draft.details["stock"] = turn.intent == "check_stock"

    def take(self, draft: Draft, turn: Turn) -> bool:
        if not turn.words.strip() or turn.intent in ("deny", "stop"):
            return False
        said = turn.words[:_LONGEST]
        if draft.asked == "narrow":
            draft.details["wish"] = f"{draft.details.get('wish', '')}\n{said}"
            draft.details["narrowed"] = True
        else:
            draft.details["wish"] = said
        return True

    def take_back(self, draft: Draft, turn: Turn) -> None:
        draft.details.clear()

    async def advance(self, draft: Draft, voice: Voice) -> Outcome:
        """See ``Skill.advance``."""
        words = str(draft.details.get("wish") or "")
        if not words:
            return voice.ask("wish", "ask_wish")
        wish = read_wish(words)
        found = await self._shop.search_products(wish.words or words, _LOOKED_AT)
        if not found and wish.words != words:
            # "A light": then it was the thing itself.
            found = await self._shop.search_products(words, _LOOKED_AT)
        named = _named(words, found)
        if named is not None:
            return self._one(named, draft, voice)
        fitting = choose(wish, alike(found) if wish.by != "fit" else found)
        if not found:
            return voice.offer("no_product", "missing_knowledge")
        if not fitting:
            near = choose(Wish(words, by="price"), found)[:_SHOWN]
            return voice.done("no_product_fits", cards=_cards(near, voice))
        if len(fitting) >= _MANY and not (wish.narrow or draft.details.get("narrowed")):
            buttons = tuple(
                voice.button(f"narrow_{how}") for how in ("cheapest", "lightest", "any")
            )
            return voice.ask("narrow", "ask_narrow", count=len(fitting), buttons=buttons)
        phrase = {"fit": "products", "price": "products_by_price", "weight": "products_by_weight"}
        return voice.done(phrase[wish.by], cards=_cards(fitting[:_SHOWN], voice))

    def _one(self, product: Product, draft: Draft, voice: Voice) -> Outcome:
        language = voice.turn.language
        lines = [
            voice.text(
                "product_in_stock" if product.stock else "product_sold_out",
                name=plain(product.name.in_language(language)),
                price=price_text(product.price, language),
                stock=product.stock,
            )
        ]
        if product.sizes and draft.details.get("stock"):
            # The shop counts all sizes together: more than that must not be said.
            lines.append(voice.text("product_sizes", sizes=plain(", ".join(product.sizes))))
        buttons = () if product.stock else (voice.person,)
        cards = (product_card(product, language),)
        return voice.done("verbatim", text=" ".join(lines), cards=cards, buttons=buttons)


def _cards(products: Sequence[Product], voice: Voice) -> tuple[Card, ...]:
    return tuple(product_card(product, voice.turn.language) for product in products)


def _named(words: str, found: Sequence[Product]) -> Product | None:
    """The product that is named outright, where it is a single one."""
    if len(found) == 1:
        return found[0]
    said = _squeezed(words)
    named = [
        product
        for product in found
        if any(_squeezed(name) in said for name in _short_names(product))
    ]
    return max(named, key=lambda product: len(product.name.en)) if len(named) == 1 else None


def _short_names(product: Product) -> tuple[str, ...]:
    """Its names, and the English one without the last word, which is mostly the kind of thing."""
    english = product.name.en.split()
    return (
        product.name.en,
        product.name.zh,
        *((" ".join(english[:-1]),) if len(english) > 2 else ()),
    )


def _squeezed(text: str) -> str:
    return re.sub(r"[\s\-'’]+", "", text.casefold())
