"""Reading order numbers, proofs and counts out of what customers type.

Chinese is written without spaces, so the edge of a number is where Latin letters and digits end:
"订单204518的邮编是200031" holds two.
"""

import re
import unicodedata
from typing import NamedTuple

from actions.turn import Turn

_BREAKS = r"\s,;:<>()\[\]\"'，；：（）"
# Not a part of something longer: "ada@example.com@evil.example" is nobody's address.
_EMAIL = re.compile(
    rf"(?<![^{_BREAKS}])[^@{_BREAKS}]+@[^@{_BREAKS}]+\.[a-z]{{2,}}(?![A-Za-z0-9@_-])",
    re.IGNORECASE,
)
_LONGEST_EMAIL = 254
_HAN = r"\u3400-\u9fff\uf900-\ufaff"

# An amount, a date, a unit or a tracking number is no order number: hence what may stand around it.
_NUMBER = re.compile(
    r"(?<![A-Za-z0-9@_–—-])(?<!\d[.,/:])(?:([A-Z]{1,6})([-–—_]|[ ]?#|[ ])?|#)?(\d{3,12})"
    r"(?![A-Za-z0-9@_]|[.,/:–—-]\d)",
    re.IGNORECASE,
)
# What makes the digits after it an order number.
_LABEL = re.compile(
    r"(\border(\s+(number|no\.?|nr\.?|id))?(\s+is)?|订单(编?号)?(码)?|单号)[\s:：#是为]*$",
    re.IGNORECASE,
)
# Short words before digits, where a shop's prefix could stand ("lk 204518").
_WORDS = frozenset(
    """a an and as at be but by call cap code du es fax for from got had has i in is it its la me my
    nein nl no nor not now nr num number of on or order our pin pls plz post so tel than that the
    this to tot via was well with yes you your zip""".split()  # noqa: SIM905
)
_ALONE = re.compile(r"\W*(\d{4,12})\W*")

# "D-10115", "NL-3011": a country before a postcode, not a shop's prefix before an order number.
_COUNTRIES = "A AT B BE CH CN D DE DK F FI FR I IT L LU N NL NO P PL PT S SE".split()  # noqa: SIM905
_POSTCODES = re.compile(
    rf"(?<![A-Za-z0-9@.#-])(?:(?:{'|'.join(_COUNTRIES)})-)?("
    r"[A-Z]{1,2}\d[A-Z\d]?[ -]?\d[A-Z]{2}|"  # British
    r"[A-Z]\d[A-Z][ -]?\d[A-Z]\d|"  # Canadian
    r"[A-Z]\d[\dW][ -]?[A-Z\d]{4}|"  # Irish
    r"\d{4}[ -]?[A-EGHJ-NPR-TVWXZ]{2}|"  # Dutch, without the letters that it does not use
    r"\d{3}[ -]\d{2}|\d{2}[ -]\d{3}|\d{4}[ -]\d{3}|\d{3}-\d{4}|\d{5}(?:-\d{3,4})?|\d{4}|\d{6})"
    r"(?![A-Za-z0-9@]|[.-]\d)",
    re.IGNORECASE,
)

_COUNT = re.compile(r"(?<![\w-])(\d{1,3})(?![\w-])")
_COUNT_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "both": 2, "a single": 1,
}  # fmt: skip
_HAN_COUNT = re.compile(
    r"^\W*([一两二俩三四五六七八九十]|\d{1,3})\W*$|"
    r"(?<!第)([一两二俩三四五六七八九十]|\d{1,3})\s*[个件双条只顶套把瓶张份盏块床]"
)
_HAN_DIGITS = {"两": 2, "俩": 2, **{digit: n for n, digit in enumerate("一二三四五六七八九十", 1)}}
_LONGEST = 200


class _Found(NamedTuple):
    number: str
    named: bool


def order_numbers(turn: Turn, *, asked: bool = False) -> list[str]:
    """The order numbers in the message, the likeliest first.

    Args:
        asked: whether it was asked for; then a bare run of digits is one.
    """
    text = _EMAIL.sub(" ", _normal(turn.words))
    found = [_judge(match, text) for match in _NUMBER.finditer(text)]
    named = [one.number for one in found if one.named]
    if not asked:
        return named
    # Of bare ones the longest: "I ordered it in 2026, 204518".
    bare = sorted((one.number for one in found if not one.named), key=len, reverse=True)
    return [*named, *bare]


def first_number(turn: Turn) -> str | None:
    """The order number in a message to which nothing has been asked yet.

    Digits alone are one there, as a whole message or where Rasa says so; once something was asked,
    they may as well be a postcode.
    """
    if numbers := order_numbers(turn):
        return numbers[0]
    alone = _ALONE.fullmatch(_normal(turn.words))
    if alone and turn.intent == "inform":
        return alone[1]
    found = turn.found("order_number")
    return found[0].value if found else None


def same_order(one: str, other: str) -> bool:
    """Whether two ways to write an order number mean the same order to the shops."""
    return order_key(one) == order_key(other)


def order_key(number: str) -> str:
    """What is left of an order number however it is typed: "lk 204518", "#204518", "LK-204518"."""
    return "".join(c for c in number if c.isdigit()) or number.casefold()


def email(turn: Turn) -> str | None:
    """The e-mail address in the message."""
    found = _EMAIL.search(_normal(turn.words))
    if not found:
        return None
    # "我的邮箱是ada@example.com": the words before it are none of it.
    address = re.sub(rf"^.*[{_HAN}](?=[\x21-\x7e]+$)", "", found[0]).strip(".")
    return address if len(address) <= _LONGEST_EMAIL and not address.startswith("@") else None


def postcode(turn: Turn, number: str = "") -> str | None:
    """The postcode in the message, of whatever country; not the order's ``number`` once more."""
    text = re.sub("[–—]", "-", _normal(turn.words))
    if len(text) > _LONGEST:
        return None
    found = [
        match[1]
        for match in _POSTCODES.finditer(text)
        if not (number and same_order(match[1], number) and match[1].isdigit())
    ]
    # Of several the longest: "since 2024 it is 3011 WN".
    return max(found, key=len) if found else None


def count(turn: Turn) -> int | None:
    """A number of pieces: "2", "both of them", "两个"."""
    text = _normal(turn.words).casefold()
    if found := _HAN_COUNT.search(text):
        digit = found[1] or found[2]
        return _HAN_DIGITS.get(digit) or int(digit)
    if found := _COUNT.search(text):
        return int(found[1])
    for word, value in _COUNT_WORDS.items():
        if re.search(rf"\b{word}\b", text):
            return value
    return None


def _judge(match: re.Match[str], text: str) -> _Found:
    """The number as the shop would read it, and whether it says by itself that it is one."""
    letters, join, digits = match.groups()
    before = text[: match.start()]
    if letters and letters.casefold() in ("order", "number"):
        before, letters = f"{before}{letters} ", None
    labelled = len(digits) >= 4 and bool(_LABEL.search(before))
    if letters is None:
        return _Found(match[0] if match[0].startswith("#") else digits, labelled or "#" in match[0])
    if join == " ":
        # "LK 204518" is a number; "zip 10115" and "in 2025" are words and something else.
        # So is the end of "it's 204518".
        is_word = letters.casefold() in _WORDS or len(letters) > 4 or len(digits) < 5
        is_word = is_word or bool(re.search(r"\w['’]$", before))
        return _Found(digits, labelled) if is_word else _Found(match[0], True)
    if join and "#" in join:
        return _Found(f"#{digits}", True)
    if letters.upper() in _COUNTRIES and len(digits) <= 5:
        return _Found(match[0], False)
    return _Found(match[0], len(digits) >= 4)


def _normal(text: str) -> str:
    # Full-width digits and letters, as Chinese keyboards write them. Nothing else is made alike:
    # an address with a Cyrillic letter is another address.
    return unicodedata.normalize("NFKC", text)[:2000]
