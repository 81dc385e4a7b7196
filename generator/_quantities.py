"""The hard facts of a text: amounts with their units, and contacts, in one normal form.

"EUR 4.95", "€4.95" and "4,95 euros" are one amount; "2-4 working days" is two amounts of working
days, and neither of them is an amount of days.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_UNITS: Final[dict[str, str]] = {
    "eur": r"€|eur\b|euros?\b|欧元",
    "usd": r"us\$|usd\b|\$|dollars?\b|美元",
    "gbp": r"£|gbp\b|pounds?\b|英镑",
    "cny": r"[¥¥]|cny\b|rmb\b|yuan\b|人民币|元",
    "working day": r"(?:working|business|work)[ -]?days?\b|个?工作[日天]",
    "day": r"(?:calendar )?days?\b|个?自然日|天|日",
    "week": r"weeks?\b|个?星期|周",
    "month": r"months?\b|个?月",
    "year": r"years?\b|个?年",
    "hour": r"hours?\b|hrs?\b|个?小时",
    "minute": r"minutes?\b|mins?\b|分钟",
    "percent": r"%|per ?cent\b|个?百分点",
    "tenths": r"折",
    "wh": r"wh\b|watt[- ]?hours?\b|瓦时",
    "mah": r"mah\b|毫安时?",
    "w": r"w\b|watts?\b|瓦",
    "kg": r"kg\b|kilos?\b|kilograms?\b|公斤|千克",
    "g": r"g\b|gr\b|grams?\b|克",
    "ml": r"ml\b|millilitres?\b|milliliters?\b|毫升",
    "l": r"l\b|litres?\b|liters?\b|升",
    "km": r"km\b|kilomet(?:er|re)s?\b|公里|千米",
    "cm": r"cm\b|centimet(?:er|re)s?\b|厘米|公分",
    "mm": r"mm\b|millimet(?:er|re)s?\b|毫米",
    "m": r"m\b|met(?:er|re)s?\b|米",
    "lumen": r"lumens?\b|lm\b|流明",
    "celsius": r"°\s?c\b|℃|摄氏度|degrees?\b|度",
    "person": r"persons?\b|people\b|adults?\b|人",
    "point": r"points?\b|积分|分(?!钟)",
    "piece": r"pieces?\b|pcs\b|items?\b|articles?\b|件|个(?![工自小月年星百])",
    "time": r"times?\b|次",
}
_CURRENCY_BEFORE: Final = ("eur", "usd", "gbp", "cny")

_UNITS_AND_TEENS = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen
"""
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety hundred"
_ENGLISH_NUMBERS: Final = {word: i for i, word in enumerate(_UNITS_AND_TEENS.split())} | {
    word: 20 + 10 * i for i, word in enumerate(_TENS.split())
}
_HAN_DIGITS: Final = {digit: i for i, digit in enumerate("零一二三四五六七八九")} | {"两": 2}
_HAN_POWERS: Final = {"十": 10, "百": 100, "千": 1000, "万": 10_000}

_UNIT = "|".join(f"(?P<u{i}>{pattern})" for i, pattern in enumerate(_UNITS.values()))
_MARK = "|".join(f"(?P<c{i}>{_UNITS[name]})" for i, name in enumerate(_CURRENCY_BEFORE))
_NUMBER = re.compile(
    rf"(?:(?:{_MARK})\s?)?"
    r"(?P<number>\d+(?:[.,:]\d+)*|(?<![a-z])(?:" + "|".join(_ENGLISH_NUMBERS) + r")(?![a-z])"
    r"|[零一二两三四五六七八九十百千万]+)"
    rf"(?:[ -]?(?:{_UNIT}))?(?P<half>\s?[ap]\.?m\b)?"
)
_RANGE = re.compile(r"\s*(?:-|–|—|~|～|to|or|and|through|至|到|或|和)\s*")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}", re.ASCII | re.IGNORECASE)
_URL = re.compile(
    r"(?:https?://|www\.)[^\s<>()（），。；、]+"
    r"|(?<![\w@.-])(?:[a-z0-9-]+\.)+[a-z]{2,}(?:/[^\s<>()（），。；、]*)?",
    re.ASCII | re.IGNORECASE,
)
_PHONE = re.compile(r"(?<![\w.,])\+?\(?\d[\d ()/.-]{6,}\d(?![\w])")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in normal form (``1500``, ``4.95``, ``14:00``) and its unit, None without one."""

    value: str
    unit: str | None

    def __str__(self) -> str:
        return self.value if self.unit is None else f"{self.value} {self.unit}"


@dataclass(frozen=True, slots=True)
class HardFacts:
    """What may never differ between an answer and its source."""

    quantities: frozenset[Quantity]
    contacts: frozenset[str]


def hard_facts(text: str) -> HardFacts:
    """Every quantity, URL, e-mail address and telephone number of ``text``."""
    contacts: set[str] = set()
    rest = unicodedata.normalize("NFKC", text).lower()
    for pattern in (_EMAIL, _URL, _PHONE):
        found = [(match, _contact(match.group(), pattern)) for match in pattern.finditer(rest)]
        for match, contact in reversed(found):
            if contact is not None:
                contacts.add(contact)
                # Cut out, so that the digits of a telephone number do not count as amounts too.
                rest = f"{rest[: match.start()]} ; {rest[match.end() :]}"
    return HardFacts(frozenset(_quantities(rest)), frozenset(contacts))


def _contact(found: str, pattern: re.Pattern[str]) -> str | None:
    if pattern is _PHONE:
        digits = re.sub(r"\D", "", found)
        # Fewer digits are a range; four digits and two dashes a date; "1500.00" an amount.
        is_other = len(digits) < 8 or re.search(r"\d[.]\d{1,2}$|^\d{4}-\d\d?-\d\d?$", found)
        return None if is_other else digits
    if pattern is _URL:
        bare = re.sub(r"^(?:https?://)?(?:www\.)?", "", found).rstrip("/.,;:!?'\"")
        # "e.g." and "4.95/kg" are no addresses.
        return bare if re.search(r"[a-z-]{2,}\.[a-z]{2,}", bare) else None
    return found.rstrip(".")


def _quantities(text: str) -> Iterator[Quantity]:
    matches = [match for match in _NUMBER.finditer(text) if _is_number(match)]
    units = [_unit(match) for match in matches]
    # The two ends of a range share the unit that only one of them shows.
    for i in range(len(matches) - 2, -1, -1):
        if units[i] is None and _is_range(text, matches[i], matches[i + 1]):
            units[i] = units[i + 1]
    for i in range(1, len(matches)):
        if units[i] is None and _is_range(text, matches[i - 1], matches[i]):
            units[i] = units[i - 1]
    for match, unit in zip(matches, units, strict=True):
        yield Quantity(_value(match), unit)


def _is_range(text: str, left: re.Match[str], right: re.Match[str]) -> bool:
    return _RANGE.fullmatch(text[left.end() : right.start()]) is not None


def _is_number(match: re.Match[str]) -> bool:
    number = match["number"]
    # "one of them" and 一般 are no amounts: a number in letters counts only with a unit.
    return number[0].isdecimal() or _unit(match) not in {None, "piece"}


def _unit(match: re.Match[str]) -> str | None:
    for i, name in enumerate(_CURRENCY_BEFORE):
        if match[f"c{i}"]:
            return name
    if ":" in match["number"] or match["half"]:
        return "clock"
    for i, name in enumerate(_UNITS):
        if match[f"u{i}"]:
            return name
    return None


def _value(match: re.Match[str]) -> str:
    number: str = match["number"]
    if number in _ENGLISH_NUMBERS:
        return str(_ENGLISH_NUMBERS[number])
    if not number[0].isdecimal():
        return str(_han_number(number))
    if _unit(match) == "clock":
        hour, _, minute = number.partition(":")
        afternoon = (match["half"] or "").strip().startswith("p")
        return f"{int(hour) % 12 + 12 * afternoon if match['half'] else int(hour)}:{minute or '00'}"
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", number):
        number = number.replace(",", "")
    number = number.replace(",", ".")
    whole, _, decimals = number.partition(".")
    decimals = decimals.rstrip("0")
    return f"{int(whole)}.{decimals}" if decimals else str(int(whole))


def _han_number(number: str) -> int:
    total = digit = 0
    for sign in number:
        if sign in _HAN_POWERS:
            total += (digit or 1) * _HAN_POWERS[sign]
            digit = 0
        else:
            digit = _HAN_DIGITS[sign]
    return total + digit
