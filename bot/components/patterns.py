"""What a regular expression finds in a message: addresses, order numbers, counts, days.

The order matters: what has been found is taken out before the next is looked for, so that the
digits of an address, a price, a telephone number or a day are no order number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date

from bot.components.dates import chinese_number, find_dates
from bot.components.found import Found
from bot.components.products import Products

LONGEST = 1000
"""Characters of a message that are read; nobody hides an order number behind more."""

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_GONE = "\0"

_EMAIL = re.compile(r"[A-Z0-9_.+'-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,24}", re.IGNORECASE)

_CURRENCY = r"€|\$|£|¥|eur(?:os?)?\b|usd\b|gbp\b|cny\b|rmb\b|dollars?\b|pounds?\b|元|块|欧元?|美元"
# Digits that say something else, and are found as nothing.
_ORDER_WORD = r"(?:order|number|nr|no|ref(?:erence)?|订单|单号|编号|号码|号)\W{0,3}"
_OTHER_DIGITS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\w+://\S+|www\.\S+",
        rf"(?:€|\$|£|¥|\b(?:eur|usd|gbp|rmb)) ?\d[\d.,]*|\d[\d.,]* ?(?:{_CURRENCY})",
        # Cards and accounts.
        r"(?<!\w)(?:[A-Z]{2}\d{2} ?)?(?:\d{4}[ -]?){3,7}\d{1,4}(?!\w)",
        # Telephone numbers: +49 30 1234567, (030) 123 45 67, 0176-1234567, 555-123-4567, 138...
        r"(?<![\w-])(?:\+|00)\d[\d ().-]{6,18}\d(?!\w)",
        r"(?<![\w-])\(?0\d{1,5}\)?[ /.-]\d[\d ./-]{4,12}\d(?!\w)",
        r"(?<![\w-])\(?\d{3}\)?[ .-]{1,2}\d{3}[ .-]\d{4}(?!\w)",
        r"(?<!\w)(?:0\d{8,11}|1[3-9]\d[ -]?\d{4}[ -]?\d{4})(?!\w)",
        # Postcodes, where their surroundings tell them.
        r"(?:post ?code|postal code|zip(?: code)?|邮编|邮政编码)\W{0,3}[\w-]+",
        r"(?<!\w)(?:AT?|BE?|CH|DE?|FR?|LU?|NL)-\d{4,5}(?!\w)|, [A-Z]{2} \d{5}(?:-\d{4})?(?!\w)",
        # A number with its unit; a year.
        r"(?<![\w-])\d[\d.,]* ?(?:mm|cm|km|m|ml|l|kg|g|lm|lumens?|mah|wh?|kcal|ft|points?|people|"
        r"years?|months?|weeks?|days?|hours?|minutes?|percent|%|毫升|毫米|厘米|公里|米|升|公斤|克|"
        r"流明|积分|分|年|个?月|天|小时|人)(?![a-z])",
    )
]
_PLACE = re.compile(r"(?<![\w#-])\d{4,6}(?=,? [A-ZÄÖÜ][a-zäöüß]{2,})")
_YEAR = re.compile(r"(?<![\w#-])(?:19|20)\d\d(?![\w-])")

_LETTERED = re.compile(
    r"(?<![A-Za-z0-9_@.-])(?P<letters>[A-Z]{1,6})(?P<sign>[-–—_ ]?)#?(?P<digits>\d{4,12})"
    r"(?![A-Za-z0-9_@-])",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"(?<![A-Za-z0-9_@.,-])#? ?(?P<digits>\d{4,12})(?![A-Za-z0-9_@-]|[.,]\d)")
_AFTER_ORDER_WORD = re.compile(rf"{_ORDER_WORD}(?:is |是|为)?#? ?$", re.IGNORECASE)
# Words of up to three letters that stand before a number without being part of it.
_SHORT_WORDS = frozenset(
    """a about am an and any are as at be but by do for from get got had has her his how i id in is
    it its me my new no nor not nr num of off old on one or our out ref s so the to try two up use
    was we who why you""".split()  # noqa: SIM905
)

_NUMBER_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "twelve": 12, "both": 2,
}  # fmt: skip
_WORDS = "|".join(_NUMBER_WORDS)
_COUNTS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<![\w.,#-])(?P<count>\d{{1,3}}|{_WORDS}) (?:of )?(?:them|these|those)\b",
        rf"(?<![\w.,#-])(?P<count>\d{{1,3}}|{_WORDS})(?: ?[x×](?!\w)| ?pcs\b| "
        r"(?:pieces?|items?|units?|copies|pairs?|sets?)\b)",
        rf"(?<!\w)(?:qty|quantity|amount|数量)(?: is|是|为)?\W{{0,3}}"
        rf"(?P<count>\d{{1,3}}|{_WORDS})(?!\w)",
        r"(?<!\w)[x×] ?(?P<count>\d{1,3})(?![\w.,])",
        r"(?<!\w)(?P<count>both)(?!\w)",
        r"(?<![第这那哪每另某同\d.])(?P<count>\d{1,3}|[一二两三四五六七八九十]{1,3}) ?"
        r"(?:个(?!人|多|半|小时|钟|工作日|季|问题|星期|礼拜|月)|[件条双只把套顶台支瓶盒份张副])",
    )
]
_JUST_A_COUNT = re.compile(rf"\W*(?P<count>\d{{1,2}}|{_WORDS})\W*", re.IGNORECASE)
_BEFORE_PRODUCT = re.compile(rf"(?<![\w.,#-])(?P<count>\d{{1,2}}|{_WORDS}) $", re.IGNORECASE)


def find_all(text: str, today: date, products: Products) -> list[Found]:
    """Every entity of ``text``, in the order in which they stand there.

    Args:
        today: what "yesterday" is counted from.

    Example:
        >>> [(one.entity, one.value) for one in find_all(
        ...     "lk 204518, two of them came yesterday", date(2026, 3, 11), Products([]))]
        [('order_number', 'LK-204518'), ('quantity', 2), ('date', '2026-03-10')]
    """
    text = text[:LONGEST].translate(_FULL_WIDTH)
    found = [Found("email", match[0].strip(".'"), *match.span()) for match in _EMAIL.finditer(text)]
    left = _without(text, found)
    named = products.find(left)
    found += named
    found += _counts_of(left, named)
    left = _without(left, found)
    # Days first: some are written like telephone numbers.
    days = list(find_dates(left, today))
    left = _without(left, days)
    for pattern in _OTHER_DIGITS:
        left = pattern.sub(lambda match: _GONE * len(match[0]), left)
    numbers = list(_order_numbers(left))
    counts = list(_counts(_without(left, numbers)))
    return sorted([*found, *days, *numbers, *counts], key=lambda one: one.start)


def _without(text: str, found: Iterable[Found]) -> str:
    for one in found:
        text = text[: one.start] + _GONE * (one.end - one.start) + text[one.end :]
    return text


def _order_numbers(text: str) -> Iterator[Found]:
    taken: list[Found] = []
    for match in _LETTERED.finditer(text):
        letters, digits = match["letters"].upper(), match["digits"]
        if match["sign"] == " " and (len(letters) > 3 or letters.lower() in _SHORT_WORDS):
            continue
        taken.append(Found("order_number", f"{letters}-{digits}", *match.span()))
    yield from taken
    for match in _DIGITS.finditer(_without(text, taken)):
        sure = "#" in match[0] or _AFTER_ORDER_WORD.search(text[: match.start()])
        if not sure and (_PLACE.match(text, match.start("digits")) or _YEAR.fullmatch(match[0])):
            continue
        start = match.end() - len(match[0].lstrip())
        value = match[0].replace(" ", "")
        yield Found("order_number", value, start, match.end())


def _counts(text: str) -> Iterator[Found]:
    if only := _JUST_A_COUNT.fullmatch(text):
        yield Found("quantity", _value(only["count"]), *only.span("count"))
        return
    end = 0
    found = [match for pattern in _COUNTS for match in pattern.finditer(text)]
    for match in sorted(found, key=lambda one: (one.start(), -one.end())):
        if match.start() < end:
            continue
        end = match.end()
        try:
            yield Found("quantity", _value(match["count"]), *match.span())
        except ValueError:
            continue


def _counts_of(text: str, products: Iterable[Found]) -> Iterator[Found]:
    """The counts that stand right before a product: "two Heron 2"."""
    for product in products:
        if match := _BEFORE_PRODUCT.search(text[: product.start]):
            yield Found("quantity", _value(match["count"]), *match.span("count"))


def _value(count: str) -> int:
    word = count.lower()
    return _NUMBER_WORDS[word] if word in _NUMBER_WORDS else chinese_number(word)
