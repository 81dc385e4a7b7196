"""Reading text as words: the small change of the room's rules, in English and Chinese."""

import re
import unicodedata

from knowledge_base.language import is_han
from knowledge_base.passages import Language

_WORD = re.compile(r"\d+(?:[.,:]\d+)*[a-z]*|[a-z]+\d*(?:['’][a-z]+)?|[^\W\d_a-z]+", re.IGNORECASE)

# Words that carry no topic of their own: two texts that share only these share nothing.
_ENGLISH_STOP_WORDS = """
    a about above after again all also am an and any anyone anything are as at be because been
    before being below between both but by can could did do does doing done down during each few
    for from further get gets getting give go going gonna got had has have having he her here hers
    hi hello hey him his how i i'd i'll i'm i've if in into is it it's its itself just know let
    like long make many may me might more most much must my myself need of off ok okay on once one
    only or other our ours out over own please possible same shall she should so some someone
    something such take tell than thank thanks that that's the their them then there these they
    thing things this those through to too under until up us use very want wanna was way we were
    what what's when where which while who whom whose why will with would yes you your yours
    without within isn't aren't don't doesn't can't won't didn't not no
"""
_ENGLISH_STOP = frozenset(_ENGLISH_STOP_WORDS.split())
_CHINESE_STOP = frozenset(
    "的了吗呢吧啊我你您们他她它是有在和与或及也都就还要会能可以把被给对从到这那哪个些什么怎样多少几"
    "请问想知道如果一下不没为很吃呀嘛得地着过"
)


def clean(text: str) -> str:
    """``text`` safe to show as plain text: no control or direction signs, tidy white space.

    Direction overrides and zero-width signs can make a text read otherwise than it is written; a
    passage or a model has no use for them.
    """
    kept = "".join(
        character
        for character in unicodedata.normalize("NFC", text)
        if character == "\n" or unicodedata.category(character) not in {"Cc", "Cf", "Co", "Cs"}
    )
    lines = [re.sub(r"[ \t\u00a0]+", " ", line).strip() for line in kept.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def content_words(text: str, language: Language) -> list[str]:
    """The words of ``text`` that carry its topic, in order; see `words`."""
    return [
        word
        for word in words(text)
        if word not in _ENGLISH_STOP and not (language == "zh" and set(word) <= _CHINESE_STOP)
    ]


def words(text: str) -> list[str]:
    """Lower-case words: stemmed English words and numbers, and pairs of Chinese characters.

    Chinese is cut into overlapping pairs, not words: a word list would have to know the shop.
    """
    found: list[str] = []
    for match in _WORD.finditer(unicodedata.normalize("NFKC", text).lower()):
        token = match.group()
        if is_han(token[0]):
            found.extend(token[i : i + 2] for i in range(max(1, len(token) - 1)))
        else:
            found.append(token if token in _ENGLISH_STOP else stem(token))
    return found


def stem(word: str) -> str:
    """Take the commonest English endings off: enough to match "shipped" with "shipping"."""
    word = word.replace("’", "'").removesuffix("'s")
    for ending in ("ies", "ying", "ing", "ied", "ed", "es", "s", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            word = word.removesuffix(ending)
            break
    # "shipped" and "shipping" lose their doubled letter, as "ship" never had it.
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiouls":
        word = word[:-1]
    return word
