"""Which language to answer a message in.

The script of the letters decides, as it does for the knowledge base. But some messages say nothing
about their writer's language, because Chinese customers type them too: an order number, "ok", "hi",
a brand's name. For these the conversation's language stands, then the page's.
"""

from __future__ import annotations

import re

ENGLISH = "en"
CHINESE = "zh"
LANGUAGES = (ENGLISH, CHINESE)

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
# An address, or a word with a digit in it: an order number, an article number, a size.
_CODE = re.compile(r"\S+@\S+|\w+://\S+|\S*\d\S*", re.ASCII)
_WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*")
# Latin words that belong to no one language in a chat.
_INTERNATIONAL = frozenset(
    """bye byebye email gdpr hello hey hi klarna no ok okay paypal sorry thank thanks thx visa vip
    wow yeah yes you""".split()  # noqa: SIM905  (a list of words reads best as words)
)
_MOST_NAME_WORDS = 3

# An intent named outright, as quick-reply buttons do, without entities of its own.
_PAYLOAD = re.compile(r"/[a-z_]+\s*", re.ASCII)


def script(text: str) -> str | None:
    """The language whose letters ``text`` is written in, or ``None`` where it has no letters.

    A Han character weighs as much as an English word of about four letters: "Heron 3 帐篷多少钱"
    is Chinese, "what does 云雀 mean in your logo?" is English.
    """
    han = len(_HAN.findall(text))
    latin = sum(character.isascii() and character.isalpha() for character in text)
    if han == latin == 0:
        return None
    return CHINESE if han * 4 >= latin else ENGLISH


def message_language(text: str, spoken: str | None, page: str | None) -> str:
    """Tell the language to answer ``text`` in.

    Parameters:
        text: the customer's message.
        spoken: the conversation's language so far, where there is one.
        page: the language of the page that the chat stands on, where it is known.

    Example:
        >>> message_language("这个多少钱", spoken=None, page="en")
        'zh'
        >>> message_language("LK-204518", spoken="zh", page="en")
        'zh'
    """
    told = script(text)
    if told == CHINESE or (told == ENGLISH and not _could_be_any(text)):
        return told
    for known in (spoken, page):
        if known in LANGUAGES:
            return str(known)
    return told or ENGLISH


def _could_be_any(text: str) -> bool:
    """Whether ``text`` is only codes, names (each word with a capital) and international words."""
    words = _WORD.findall(_CODE.sub(" ", text))
    telling = [word for word in words if word.lower() not in _INTERNATIONAL]
    return len(telling) <= _MOST_NAME_WORDS and all(word[0].isupper() for word in telling)


def is_payload(text: str) -> bool:
    """Whether ``text`` names an intent outright, such as "/request_human"."""
    return _PAYLOAD.fullmatch(text.strip()) is not None
