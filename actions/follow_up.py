"""Whether a message leans on the question before it: "and to Norway?", "那退货呢？"."""

import re

from knowledge_base.passages import Language

# Only what openly points back counts. A short question alone does not: "Do you sell kayaks?" after
# one about delivery would be answered with the delivery times.
_OPENS: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"^\W*(and|or|but|so|also|then|ok(ay)?( and)?|(ok(ay)? )?(what|how) (about|if))\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"^\W*(那|那么|还有|另外|如果|要是|或者|以及|换成)"),
}
_POINTS_BACK: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"\b(it|that|those|they|them|that one|this one|the same|there)\b", re.I),
    "zh": re.compile(r"(呢|这个|那个|它|那边|也是|也一样)\W*$"),
}
_LONGEST = {"en": 60, "zh": 24}


def is_follow_up(text: str, language: Language) -> bool:
    """Whether ``text`` should be read together with the question before it."""
    if len(text) > _LONGEST[language]:
        return False
    return bool(_OPENS[language].search(text) or _POINTS_BACK[language].search(text))
