"""Finding products by what a customer types, typos included, in English and Chinese.

A word of the query counts by how few products hold it (inverse document frequency), so "heron"
outweighs "tent". English words may differ by an edit (optimal string alignment distance: a swap of
neighbours is one edit); Chinese, which has no spaces, is compared by pairs of characters, and one
wrong character still leaves the other pairs. Words that no product holds are passed over: they
are the sentence around the name.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from rapidfuzz.distance import OSA

from commerce.commerce import Product

_WORD = re.compile(r"[a-z0-9]+|[\u3400-\u9fff\uf900-\ufaff]+")

# Below this share of the query's weight a product is not what was meant.
_ENOUGH = 0.45

# A category or a colour tells less than the name: "Ember" should find the flask before the stove
# brand Emberlow, and "sand" a sand-coloured tent only when nothing is called so.
_NAME, _ABOUT = 1.0, 0.7

_SENTENCE_WORDS = """
a an and any are as at be but by can cost costs color colour do does for from get got has have how
i in is it its like look looking me much my need of on one or pair pieces please price sell set
size some stock that the there these this to want weigh what whats when which with you your
"""
_STOP_WORDS = frozenset(_SENTENCE_WORDS.split())

_STOP_PHRASES = re.compile(
    "有没有|多少钱|你们|请问|什么|怎么|价格|现货|颜色|尺码|还有|想买|我要|这个|那个|[的了吗呢吧呀啊我你有卖]"
)

# Characters that are often typed for another one of the same sound in names of camping gear.
_CONFUSED = str.maketrans({"账": "帐", "蓬": "篷", "代": "袋", "垠": "垫"})


class ProductSearch:
    """An index over a list of products, made once."""

    def __init__(self, products: Sequence[Product]) -> None:
        self._products = tuple(products)
        self._terms = tuple(_product_terms(product) for product in products)
        counts = Counter(term for terms in self._terms for term in terms)
        # Length of the list + 1, so that a word that every product holds still counts a little.
        self._weight = {
            term: math.log((len(self._products) + 1) / count) for term, count in counts.items()
        }
        self._things = frozenset(
            term for product in products for term in (*_name_terms(product), *_kind_terms(product))
        )

    def find(self, query: str, limit: int) -> list[Product]:
        """At most ``limit`` products, best first; of equals those in stock come first."""
        wanted = self._known(_query_terms(query))
        if not wanted:
            return []
        # A colour puts first what has it, but "a warm sleeping bag" is no warm white lamp.
        things = [terms for terms in wanted if not self._things.isdisjoint(terms)] or wanted
        whole = sum(max(self._weight[term] for term in terms) for terms in things)
        ranked = []
        for place, (product, held) in enumerate(zip(self._products, self._terms, strict=True)):
            if self._score(things, held) >= _ENOUGH * whole:
                score = self._score(wanted, held)
                ranked.append((-score, product.stock == 0, place, product))
        ranked.sort(key=lambda entry: entry[:3])
        return [product for *_, product in ranked[:limit]]

    def _score(self, wanted: Sequence[dict[str, float]], held: dict[str, float]) -> float:
        return sum(
            max(self._weight[term] * alike * held.get(term, 0.0) for term, alike in terms.items())
            for terms in wanted
        )

    def _known(self, words: list[str]) -> list[dict[str, float]]:
        """For each word that the products hold, the terms it may stand for and how alike they are.

        Two words that only make one together ("head lamp") are taken as that one.
        """
        wanted, place = [], 0
        while place < len(words):
            joined = "".join(words[place : place + 2])
            if place + 1 < len(words) and joined in self._weight:
                wanted.append({joined: 1.0})
                place += 2
                continue
            if terms := self._alike(words[place]):
                wanted.append(terms)
            place += 1
        return wanted

    def _alike(self, word: str) -> dict[str, float]:
        if word in self._weight:
            return {word: 1.0}
        return {
            term: 1 - distance / len(word)
            for term in self._weight
            if (distance := _typing_errors(word, term)) is not None
        }


def _typing_errors(word: str, term: str) -> int | None:
    """How many edits make ``term`` of ``word``; None where that is more than a slip of the hand.

    Numbers are not guessed at (a Swift 45 is no Swift 65), nor are short words, of which nearly
    each is one letter away from another: of four letters only two swapped ones are forgiven. The
    first letter is seldom mistyped, and without it the weather would be made of leather.
    """
    if len(word) < 4 or not (word.isascii() and word.isalpha()) or word[0] != term[0]:
        return None
    if len(word) == 4 and sorted(word) != sorted(term):
        return None
    allowed = 1 if len(word) < 8 else 2
    if abs(len(word) - len(term)) > allowed:
        return None
    distance = OSA.distance(word, term, score_cutoff=allowed)
    return distance if distance <= allowed else None


def _product_terms(product: Product) -> dict[str, float]:
    colours = _terms(" ".join(product.colours))
    terms = dict.fromkeys([*_kind_terms(product), *colours], _ABOUT)
    terms.update(dict.fromkeys(_name_terms(product), _NAME))
    return terms


def _kind_terms(product: Product) -> list[str]:
    return _terms(f"{product.brand} {product.category}")


def _name_terms(product: Product) -> list[str]:
    english = _terms(product.name.en)
    # Typed as one word as often as as two: "powerbank". Of two numbers that would be a third.
    joined = [a + b for a, b in pairwise(english) if a.isalpha() and b.isalpha()]
    return [*english, *_terms(product.name.zh), *_terms(product.sku), *joined]


def _query_terms(query: str) -> list[str]:
    return _terms(_STOP_PHRASES.sub(" ", _normal(query)))


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().translate(_CONFUSED)


def _terms(text: str) -> list[str]:
    terms: list[str] = []
    # "Women's" is one word, and letters run into digits without a space ("heron3").
    for run in _WORD.findall(_normal(text).replace("'", "").replace("’", "")):
        if run.isascii():
            parts = re.findall(r"[a-z]+|\d+", run)
            terms += [_singular(part) for part in parts if part not in _STOP_WORDS]
        else:
            terms += [run[i : i + 2] for i in range(max(1, len(run) - 1))]
    return terms


def _singular(word: str) -> str:
    # Not the endings that are no plural: compass, canvas, bus.
    plural = len(word) > 3 and word[-1] == "s" and word[-2] not in "asu"
    return word[:-1] if plural else word
