"""Reading order numbers, proofs and counts out of what customers type."""

import re
import unicodedata

from actions.turn import Turn

_EMAIL = re.compile(
    r"[^@\s,;:<>()\[\]\"'，；：（）]+@[^@\s,;:<>()\[\]\"'，；：（）]+\.[a-z]{2,}", re.IGNORECASE
)
_NUMBER = re.compile(
    r"(?<![\w@.-])(?:[A-Z]{1,6}[-–—_ ]?|#|no\.? ?|号)?#?\d{3,12}(?![\w@])", re.IGNORECASE
)
_LETTERED = re.compile(r"(?<![\w@.-])(?:[A-Z]{1,6}[-–—_]?|#)\s?\d{4,12}(?![\w@])", re.IGNORECASE)
_POSTCODES = re.compile(
    r"(?<![\w@-])(?:[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d|\d{4} ?[A-Z]{2}|"
    r"\d{3} \d{2}|\d{2}-\d{3}|\d{4}-\d{3}|\d{5}(?:-\d{4})?|\d{4}|\d{6})(?![\w@-])",
    re.IGNORECASE,
)
_COUNT = re.compile(r"(?<![\w-])(\d{1,3})(?![\w-])")
_COUNT_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "both": 2, "once": 1, "a single": 1,
    "一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5,
}  # fmt: skip
_LONGEST = 200


def order_number(turn: Turn, *, asked: bool) -> str | None:
    """The order number in the message.

    Args:
        asked: whether it was asked for; then a bare run of digits is one.
    """
    text = _normal(turn.words)
    if asked:
        found = _NUMBER.search(_EMAIL.sub(" ", text))
        return _tidy(found[0]) if found else None
    found = _LETTERED.search(_EMAIL.sub(" ", text))
    if found:
        return _tidy(found[0])
    return turn.entity("order_number")


def email(turn: Turn) -> str | None:
    """The e-mail address in the message."""
    found = _EMAIL.search(_normal(turn.words))
    return found[0].strip(".") if found else None


def postcode(turn: Turn) -> str | None:
    """The postcode in the message, of whatever country."""
    text = _normal(turn.words)
    found = _POSTCODES.search(text)
    return found[0] if found and len(text) <= _LONGEST else None


def count(turn: Turn) -> int | None:
    """A number of pieces: "2", "both of them", "两个"."""
    text = _normal(turn.words).casefold()
    if found := _COUNT.search(text):
        return int(found[1])
    for word, value in _COUNT_WORDS.items():
        if re.search(rf"\b{word}\b" if word.isascii() else word, text):
            return value
    return None


def _normal(text: str) -> str:
    # Full-width digits and letters, as Chinese keyboards write them. Nothing else is made alike:
    # an address with a Cyrillic letter is another address.
    return unicodedata.normalize("NFKC", text)[:2000]


def _tidy(number: str) -> str:
    return re.sub(r"^(?:no\.? ?|号)", "", number.strip(), flags=re.IGNORECASE)
