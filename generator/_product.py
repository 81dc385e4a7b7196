"""Which lines of a product's data sheet to quote: those on what was asked, not all of it.

Nearness alone will not do here: every line holds the product's name, so the shortest is nearest
to any question that names it. What a line says beside the name is held against the question.
"""

import re
from collections.abc import Sequence
from typing import Final

from generator._selection import Unit
from generator._text import content_words, words
from knowledge_base.passages import Language

# What customers say, and the words that a data sheet has for it.
_ASKS: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(asked, re.IGNORECASE), said)
    for asked, said in (
        (
            r"how much (?!does .* weigh|\w+ does)|\bprice|\bcosts?\b|expensive|cheap",
            "costs price eur",
        ),
        (
            r"how heavy|\bweighs?\b|\bweight|\blight(?:er|est)?\b|how many (?:kilos|grams)",
            "weighs weight",
        ),
        (r"in stock|available|availability|sold out|\bleft\b", "stock"),
        (
            r"colou?rs?\b|\bin (?:black|blue|green|red|grey|gray|yellow|orange|brown)\b",
            "colours colour",
        ),
        (r"\bsizes?\b|how (?:big|large|small|long|wide|tall)|dimensions", "sizes size"),
        (r"what.*made of|\bmaterials?\b|fabric", "material fabric"),
        (r"waterproof|water column|\brain\b", "waterhead waterproof"),
        (r"how many (?:people|persons)|sleeps?\b|for (?:two|three|four|\d) ", "persons"),
        (r"who makes|\bbrands?\b", "brand"),
        (r"article number|\bsku\b|item number", "article number sku"),
        (r"多少钱|价格|价钱|售价|贵|便宜|几欧|多少欧", "价格 欧元"),
        (r"多重|重量|几斤|几公斤|轻|克重|重不重", "重量"),
        (r"有货|现货|库存|缺货|卖完|有没有货", "现货 缺货"),
        (r"颜色|色|黑的|红的|蓝的|绿的", "颜色"),
        (r"尺码|尺寸|多大|大小|码", "尺码 尺寸"),
        (r"材质|材料|面料|什么做的", "材质 材料 面料"),
        (r"防水|下雨|雨", "防水 水指 指数"),
        (r"几个人|几人|多少人|睡", "人数"),
        (r"牌子|品牌", "品牌"),
        (r"货号|编号", "编号"),
    )
)
_PRICE: Final = re.compile(r"\bEUR\s?\d|€|\d\s?欧元")
_GONE: Final = re.compile(r"out of stock|sold out|缺货|售罄", re.IGNORECASE)
_DESCRIPTION: Final = 2
"""So many sentences of it are quoted where nothing particular was asked."""


def select_of_product(
    question: str, title: str, units: Sequence[Unit], language: Language, *, most: int
) -> list[int]:
    """The places in ``units`` to quote, in reading order.

    Where the question asks for nothing particular: what the product is and what it costs. That it
    is out of stock is always said.

    Args:
        question: the customer's words.
        title: the product's name.
        units: the sentences of its passage, in their order; not empty.
        language: of the passage.
        most: how many may be chosen for what they say.
    """
    asked = set(content_words(question, language)).union(
        *(content_words(said, language) for pattern, said in _ASKS if pattern.search(question))
    )
    name = set(content_words(title, language))

    def beside_the_name(text: str) -> set[str]:
        # Cut out before it is read as words: in Chinese, name and verb make pairs together.
        return set(content_words(text.replace(title, " "), language)) - name

    hits = [len(asked & beside_the_name(unit.sentence.text)) for unit in units]
    order = sorted(range(len(units)), key=lambda i: (-hits[i], -units[i].score))
    chosen = {i for i in order[:most] if hits[i]}
    if not chosen:
        chosen = set(range(min(_DESCRIPTION, len(units))))
        chosen |= {i for i, unit in enumerate(units) if _PRICE.search(unit.sentence.text)}
    if any(title not in units[i].sentence.text for i in chosen):
        # A later sentence of the description ("It ...") leans on the first.
        chosen.add(0)
    chosen |= {i for i, unit in enumerate(units) if _GONE.search(unit.sentence.text)}
    return sorted(chosen)


def is_named(question: str, title: str) -> bool:
    """Whether ``question`` names the product ``title``: "heron 3" is enough for "Heron 3 tent"."""
    name = words(title)
    number = next((i for i, word in enumerate(name) if i and word[0].isdecimal()), None)
    if number is not None:
        name = name[: number + 1]
    return set(name) <= set(words(question))
