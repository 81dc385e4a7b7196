"""What a customer is looking for, read from words, and which of the shop's products that is.

A shop's search finds what is around a thing as well: a groundsheet for a tent, a cover for a
rucksack. Sorted by weight they would come first, so here it is told what *is* the thing.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from commerce.commerce import Product

_AMOUNT = r"(\d{1,3}(?:[,.]\d{3})+(?!\d)|\d{1,6}(?:[.,]\d{1,2})?)(?!\d)"
_KILOS, _GRAMS = r"(?:kgs?|kilos?|kilograms?|公斤|千克)", r"(?:g|grams?|克)"
# A number with another unit is no price: "under 2 kg", "within 3 days".
_NO_UNIT = (
    r"(?!\s*(?:(?:kg|kilo|g|gram|l|lit|ml|cm|mm|m|km|people|person|days?|weeks?|hours?|%|°)"
    r"(?![a-rt-z])|公斤|千克|克|斤|升|毫|厘|米|个|人|天|周|小时|度))"
)
_PRICE = rf"(?:€|euros?|eur|\$|¥|￥)?\s*{_AMOUNT}{_NO_UNIT}\s*(?:€|euros?\b|eur\b|欧元?|元|块)?"
_UNDER = (
    r"(?:under|below|less than|up to|at most|max(?:imum)?|no more than|not more than|"
    r"cheaper than|lighter than|within|budget(?: of| is)?|不超过|不要超过|低于|少于|轻于|最多|"
    r"预算)\s*(?:是|在)?\s*"
)
_OR_LESS = r"\s*(?:or less|max\b|tops\b|以内|以下|之内|内)"
_AT_MOST = re.compile(
    rf"\bbetween\s+\S+\s+and\s+{_PRICE}|{_UNDER}{_PRICE}|{_PRICE}{_OR_LESS}", re.IGNORECASE
)
_WEIGHT = re.compile(
    rf"{_UNDER}{_AMOUNT}\s*(?:({_KILOS})|{_GRAMS})(?![a-z])|"
    rf"{_AMOUNT}\s*(?:({_KILOS})|{_GRAMS}){_OR_LESS}",
    re.IGNORECASE,
)
_SIZE = re.compile(
    r"\b(?:in )?(?:a )?size (\w+(?:/\w+)?)\b|\bin (?:an? )?(xxs|xs|s|m|l|xl|xxl)\b|"
    r"(?<![A-Za-z])(xxs|xs|s|m|l|xl|xxl|\d{2,3})\s*[码号]|尺码\s*(\w+)",
    re.IGNORECASE,
)
_CHEAPEST = re.compile(
    r"\b(cheap\w*|lowest price|least expensive|budget)\b|最?便宜一?点?|实惠|最低价", re.I
)
# "A light tent" and "the lightest", but not "a light for my tent".
_LIGHTEST = re.compile(
    r"\b(light(er|est)|lightweight|ultra-?light|weighs? (the )?least|"
    r"light(?= (?!for|with|that|to|in|and|or|under|please)[a-z]))\b|最轻|(?<!年)轻(便|量|一?点|的)",
    re.IGNORECASE,
)
_IN_STOCK = re.compile(r"\b(in stock|available now|right away)\b|现货|有货", re.I)
_PERSONS = re.compile(
    r"\b(\d|one|single|two|double|three|four|five|six)[- ]?(?:person|people|man|persons|berth)\b|"
    r"\bfor (\d|one|two|three|four|five|six)(?: people| persons| of us)?(?=\W*$)|"
    r"(\d|[一单二两双三四五六])\s*个?人",
    re.IGNORECASE,
)
_HOW_MANY = {
    word: number
    for number, words in enumerate(
        ("one single 一 单", "two double 二 两 双", "three 三", "four 四", "five 五", "six 六"), 1
    )
    for word in (str(number), *words.split())
}
_HAN_PERSONS = dict(enumerate(("单人", "双人", "三人", "四人", "五人", "六人"), 1))
# What is left of "I'm looking for something" once these are taken away is nothing.
_GENERIC = re.compile(
    r"\b(i['’]?m|i|am|looking|for|something|anything|some|an?|the|products?|articles?|items?|to|buy|"
    r"want|would|like|need|help|me|find|do|you|have|sell|is|are|it|available|still|this|that|one|"
    r"can|could|choose|recommend|show|please|what|which|search|shop|purchase|and|but|or|ones?|then|"
    r"also|maybe|ok|okay|about|how|if|make|only)\b|"
    r"我|想|要|买|找|商品|产品|东西|推荐|有没有|什么|一下|点|请|帮|个|的|吗|呢|你们|这|那|还|有|看看|件|款|"
    r"只|再|话|如果|可以|换|价格|价位",
    re.IGNORECASE,
)

_KIDS = re.compile(r"\b(kid|child|junior|toddler|son|daughter|boy|girl)|儿童|孩|宝宝|小朋友", re.I)

Order = Literal["fit", "price", "weight"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a customer is looking for.

    Attributes:
        words: what was said of it, without what stands below: "the lightest" is no lamp.
        at_most: the highest price, in the shop's currency; None without one.
        by: what comes first: what fits best, the cheapest, or the lightest.
        at_most_g: the highest weight in grams.
        size: in capitals; empty without one.
        persons: for how many people; 0 without.
    """

    words: str
    at_most: Decimal | None = None
    by: Order = "fit"
    in_stock: bool = False
    at_most_g: int | None = None
    size: str = ""
    persons: int = 0

    @property
    def narrow(self) -> bool:
        """Whether it says more than what kind of thing."""
        limits = (self.at_most, self.at_most_g, self.size, self.persons)
        return self.by != "fit" or any(limits)

    @property
    def query(self) -> str:
        """What a shop is asked for."""
        return f"{self.words} {_HAN_PERSONS.get(self.persons, '')}".strip()

    @property
    def says_nothing(self) -> bool:
        """Whether no thing is named at all."""
        return not re.search(r"\w", _GENERIC.sub(" ", self.words))


def read_wish(words: str) -> Wish:
    """Read a wish from all that was said, the latest last.

    Example:
        >>> wish = read_wish("a light two-person tent under 250 euros")
        >>> wish.words, wish.at_most, wish.by, wish.persons
        ('a tent', Decimal('250'), 'weight', 2)
    """
    by: Order = "fit"
    if _LIGHTEST.search(words):
        by = "weight"
    elif _CHEAPEST.search(words):
        by = "price"
    grams = None
    if weight := _last(_WEIGHT, words):
        number = next(group for group in (weight[1], weight[3]) if group)
        grams = int(_decimal(number) * (1000 if weight[2] or weight[4] else 1))
    price, persons, size = _last(_AT_MOST, words), _last(_PERSONS, words), _last(_SIZE, words)
    wish = Wish(
        words,
        _decimal(_group(price)) if price else None,
        by,
        bool(_IN_STOCK.search(words)),
        grams,
        _group(size).upper() if size else "",
        _HOW_MANY.get(_group(persons).casefold(), 0) if persons else 0,
    )
    for said in (_LIGHTEST, _WEIGHT, _AT_MOST, _PERSONS, _CHEAPEST, _IN_STOCK, _SIZE):
        words = said.sub(" ", words)
    return replace(wish, words=" ".join(words.split()))


def narrows(words: str) -> bool:
    """Whether it says what a thing should be like, but not which thing: "and under 200?"."""
    wish = read_wish(words)
    return wish.narrow and wish.says_nothing


def _last(pattern: re.Pattern[str], words: str) -> re.Match[str] | None:
    found = list(pattern.finditer(words))
    return found[-1] if found else None


def _group(match: re.Match[str]) -> str:
    return next(group for group in match.groups() if group)


def _decimal(number: str) -> Decimal:
    """Both "1,000" and "1.000" are a thousand; "9,95" is less than ten."""
    if re.fullmatch(r"\d{1,3}([,.]\d{3})+", number):
        return Decimal(re.sub("[,.]", "", number))
    return Decimal(number.replace(",", "."))


def core(words: str) -> str:
    """The thing itself, without what it is for: "groundsheet for the Heron 3", "冬天用的睡袋".

    Example:
        >>> core("I'm looking for a sleeping bag for winter"), core("徒步用的袜子")
        ('a sleeping bag', '袜子')
    """
    words = re.sub(r"^.*?\b(looking|search(ing)?) for\b", "", words, flags=re.IGNORECASE)
    thing = re.split(r"\b(?:for|with|that|which)\b", words, flags=re.IGNORECASE)[0].strip()
    if re.search(r"[\u3400-\u9fff]", words):
        thing = words.rpartition("的")[2].strip() or words
    return words.strip() if Wish(thing).says_nothing else thing


def nearest(wish: Wish, products: Sequence[Product]) -> list[Product]:
    """Those that are the thing and hold most of the words, in the given order.

    None where hardly a word of the wish is found in any: then the shop's search has guessed.
    """
    terms = _terms(_GENERIC.sub(" ", wish.words) if wish.words.isascii() else wish.words)
    it = _those_that_are_it(core(wish.words), products)
    # To be the thing weighs more than one word: a water canister is no bottle.
    held = [len(terms & _terms_of(p)) + (1.5 if p.sku in it else 0) for p in products]
    if not max(held, default=0) and len(terms) > 1:
        return []
    near = [product for product, many in zip(products, held, strict=True) if many == max(held)]
    if not _KIDS.search(wish.words):
        near = [product for product in near if not _KIDS.search(product.name.en)] or near
    # Of those, what is also written of them: "for winter".
    return sorted(near, key=lambda product: -len(terms & _terms(_described(product))))


def falls_short(wish: Wish, near: Sequence[Product], chosen: Sequence[Product]) -> bool:
    """Whether a word of the wish is written of some that are near, but of none that were chosen.

    The one bag that is "made for winter" costs too much: then those below it are not "what fits".
    """
    terms = _terms(_GENERIC.sub(" ", wish.words))

    def written(products: Sequence[Product]) -> set[str]:
        return terms & {
            term
            for product in products
            for term in _terms_of(product) | _terms(_described(product))
        }

    return bool(written(near) - written(chosen))


def choose(wish: Wish, products: Sequence[Product]) -> list[Product]:
    """Those that fit the wish, in its order; products without a weight are no lightest ones."""
    fitting = [
        product
        for product in products
        if (wish.at_most is None or product.price.amount <= wish.at_most)
        and (wish.at_most_g is None or (product.weight_g or 10**9) <= wish.at_most_g)
        and (not wish.in_stock or product.stock)
        and (not wish.size or wish.size in (size.upper() for size in product.sizes))
        and (not wish.persons or _is_for(product, wish.persons))
        and (wish.by != "weight" or product.weight_g)
    ]
    if wish.by == "price":
        return sorted(fitting, key=lambda product: product.price.amount)
    if wish.by == "weight":
        return sorted(fitting, key=lambda product: product.weight_g or 0)
    return fitting


def named(words: str, found: Sequence[Product]) -> list[Product]:
    """The products that are named outright."""
    said = _squeezed(words)
    return [
        product
        for product in found
        if any(
            re.search(rf"(?<![a-z0-9]){re.escape(name)}(?!\d)", said)
            for name in _short_names(product)
        )
    ]


def _short_names(product: Product) -> list[str]:
    """Its names, and the English one without the last word, which is mostly the kind of thing."""
    english = product.name.en.split()
    names = [product.name.en, product.name.zh]
    if len(english) > 2:
        names.append(" ".join(english[:-1]))
    return [_squeezed(name) for name in names]


def _squeezed(text: str) -> str:
    return re.sub(r"(?<=[a-z])[\s'’-]+(?=\d)|['’]", "", re.sub(r"\s+", " ", text.casefold()))


def _terms(text: str) -> set[str]:
    """English words without the plural's ending, and pairs of Chinese characters."""
    terms = {_singular(word) for word in re.findall(r"[a-z]{3,}|(?<!\d)-?\d+", text.casefold())}
    for run in re.findall(r"[\u3400-\u9fff]+", text):
        terms |= {run[place : place + 2] for place in range(len(run) - 1)}
    return terms


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word[-1] == "s" and word[-2] not in "su" else word


def _terms_of(product: Product) -> set[str]:
    return _terms(f"{product.name.en} {product.name.zh} {product.category} {product.brand}")


def _described(product: Product) -> str:
    return f"{product.description.en} {product.description.zh}"


def _those_that_are_it(thing: str, products: Sequence[Product]) -> set[str]:
    """The articles whose name ends in the thing, as "Heron 3 帐篷地布" does not in "帐篷".

    What they are called in Chinese tells of more: a daypack is a 背包, as backpacks are.
    """
    terms = _terms(thing)
    it = [product for product in products if _ends_in(product, thing, terms)]
    endings = Counter((product.category, _chinese(product)[-2:]) for product in it)
    return {p.sku for p in it} | {
        p.sku for p in products if endings[(p.category, _chinese(p)[-2:])] > 1
    }


def _ends_in(product: Product, thing: str, terms: set[str]) -> bool:
    english = re.findall(r"[a-z]{3,}", product.name.en.split(",")[0].casefold())
    if english and _singular(english[-1]) in terms:
        return True
    chinese = _chinese(product)
    return any(chinese[-length:] in thing for length in (2, 3, 4) if len(chinese) >= length)


def _chinese(product: Product) -> str:
    """The longest Chinese word of its name: the others are units and notes."""
    return max(re.findall(r"[\u3400-\u9fff]+", product.name.zh), key=len, default="")


def _is_for(product: Product, persons: int) -> bool:
    digits = re.findall(r"(?<![\d.-])\d+(?![\d.])", product.name.en)
    return _HAN_PERSONS.get(persons, "") in product.name.zh or str(persons) in digits
