"""Find a product, and whether it is in stock: from the shop's own list, as it is now."""

import re
from collections.abc import Sequence
from dataclasses import replace

from rasa_sdk import Tracker

from actions.cards import price_text, product_card
from actions.forms.draft import WISH, Draft, Outcome
from actions.forms.moves import SURE, asks, says_no, says_yes, small_talk
from actions.forms.skill import Voice
from actions.forms.wish import Wish, choose, core, falls_short, named, narrows, nearest, read_wish
from actions.payloads import Card
from actions.phrasing import plain
from actions.turn import Turn
from commerce.commerce import Commerce, Product

_LOOKED_AT = 30
_SHOWN = 3
_MANY = 5
"""From so many on that fit equally, one question narrows them down."""

_LONGEST, _LONGEST_WISH = 300, 900
# What the shop's own list says, as it is now.
_ABOUT_BUYING = re.compile(
    r"\b(price|costs?|pay|how much (is|are|for)|stock|availab\w*|buy|left|cheap\w*|recommend\w*|"
    r"compare|difference|versus|vs|better|or)\b|"
    r"\byou\b.{0,12}\b(have|got|sell|carry|offer|do)\b|"
    r"多少钱|价|有货|现货|库存|买|卖|还有|有没有|便宜|推荐|区别|对比|哪个|还是",
    re.IGNORECASE,
)
_ABOUT_ORDERS = frozenset({"track_order", "return_item", "cancel_order", "change_address"})


class FindProduct:
    """Shows what the shop has, with price and stock; asks once where much fits."""

    form = "product_form"
    intent = "find_product"
    free_text: frozenset[str] = frozenset()

    def __init__(self, shop: Commerce) -> None:
        self._shop = shop

    def begin(self, draft: Draft, turn: Turn) -> None:
        """See ``Skill.begin``."""
        if turn.words and turn.intent != "correct":
            _take_wish(draft, turn, narrows=narrows(turn.words))
            draft.details["stock"] = turn.intent == "check_stock"
        else:
            # "No, not that one" after the form has ended names nothing: then it is asked.
            draft.wish = ""

    def asked_about(self, draft: Draft, turn: Turn) -> bool:
        """How heavy a product is, and whether it is waterproof, is written in its description."""
        one = len({product.value for product in turn.found("product")}) == 1
        return one and asks(turn) and not _ABOUT_BUYING.search(turn.words)

    def take(self, draft: Draft, turn: Turn) -> bool:
        """See ``Skill.take``."""
        if not turn.words.strip() or _is_something_else(turn):
            return False
        narrow = draft.asked == "narrow"
        _take_wish(draft, turn, narrows=narrow)
        draft.details["narrowed"] = narrow
        return True

    def take_back(self, draft: Draft, turn: Turn) -> None:
        """See ``Skill.take_back``."""
        draft.details.clear()
        draft.wish = ""

    async def advance(self, draft: Draft, voice: Voice) -> Outcome:
        """See ``Skill.advance``."""
        words = draft.wish
        if not words:
            return voice.ask("wish", "ask_wish")
        wish = read_wish(words)
        if wish.says_nothing:
            return voice.ask("wish", "ask_wish", again=draft.asked == "wish")
        found = await self._search(wish, words)
        meant = named(core(words), found) or await self._looked_up(draft)
        near = meant or nearest(wish, found)
        if not near:
            return voice.offer("no_product", "missing_knowledge")
        if len(near) == 1 and (meant or choose(replace(wish, in_stock=False), near)):
            return self._one(near[0], draft, voice)
        if len(meant) > 1:
            return voice.done("products", cards=_cards(meant[:_SHOWN], voice))
        return self._several(wish, near, draft, voice)

    async def _looked_up(self, draft: Draft) -> list[Product]:
        """What Rasa recognised, in spite of how it was spelt."""
        found = [await self._shop.product(sku) for sku in draft.details.get("skus", ())]
        return [product for product in found if product]

    async def _search(self, wish: Wish, words: str) -> list[Product]:
        """What the shop finds: of the whole wish, of the thing alone, and of the thing's kind.

        A search for "water bottle" may know only one that has both words in its name. And where
        there are no socks, what else there is for hiking is no answer to "socks for hiking".
        """
        thing = core(wish.words)
        if not await self._shop.search_products(thing, 1):
            # "A light": then it was the thing itself.
            return await self._shop.search_products(words, _LOOKED_AT) if wish.narrow else []
        found: dict[str, Product] = {}
        for query in dict.fromkeys((wish.query, thing, thing.split()[-1])):
            for product in await self._shop.search_products(query, _LOOKED_AT):
                found.setdefault(product.sku, product)
        return list(found.values())

    def _several(self, wish: Wish, near: Sequence[Product], draft: Draft, voice: Voice) -> Outcome:
        fitting = choose(wish, near)
        if not fitting:
            nearest_price = choose(Wish(wish.words, by="price"), near)[:_SHOWN]
            return voice.done("no_product_fits", cards=_cards(nearest_price, voice))
        if len(fitting) >= _MANY and not (wish.narrow or draft.details.get("narrowed")):
            buttons = tuple(
                voice.button(f"narrow_{how}") for how in ("cheapest", "lightest", "any")
            )
            return voice.ask("narrow", "ask_narrow", count=len(fitting), buttons=buttons)
        cards = _cards(fitting[:_SHOWN], voice)
        if falls_short(wish, near, fitting):
            return voice.done("no_product_fits", cards=cards)
        if wish.size:
            # The shop counts all sizes together: more than that must not be said.
            return voice.done("products_in_size", size=plain(wish.size), cards=cards)
        phrase = {"fit": "products", "price": "products_by_price", "weight": "products_by_weight"}
        return voice.done(phrase[wish.by], cards=cards)

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
            lines.append(voice.text("product_sizes", sizes=plain(", ".join(product.sizes))))
        buttons = () if product.stock else (voice.person,)
        cards = (product_card(product, language),)
        return voice.done("verbatim", text=" ".join(lines), cards=cards, buttons=buttons)


def narrows_wish(tracker: Tracker, turn: Turn) -> bool:
    """Whether the message says more of the product that was looked for last: "under 200"."""
    return bool(tracker.slots.get(WISH)) and narrows(turn.words)


def _take_wish(draft: Draft, turn: Turn, *, narrows: bool) -> None:
    said = turn.words[:_LONGEST]
    if narrows and draft.wish:
        draft.wish = f"{draft.wish}\n{said}"[-_LONGEST_WISH:]
        return
    draft.wish = said
    thing = core(said)
    # Not the tent of "pegs for my Heron 3".
    draft.details["skus"] = list(
        dict.fromkeys(one.value for one in turn.found("product") if one.text in thing)
    )


def _cards(products: Sequence[Product], voice: Voice) -> tuple[Card, ...]:
    return tuple(product_card(product, voice.turn.language) for product in products)


def _is_something_else(turn: Turn) -> bool:
    """Whether the message describes no product: manners, a question of policy, an order."""
    if small_talk(turn) or says_yes(turn) or says_no(turn) or turn.intent == "stop":
        return True
    if turn.confidence < SURE:
        return False
    asked = turn.intent.startswith("ask_") and turn.intent != "ask_products" and asks(turn)
    return asked or turn.intent in _ABOUT_ORDERS
