"""Whether a message leans on the question before it: "and to Norway?", "那退货呢？"."""

import re

from knowledge_base.passages import Language

# Only what openly points back counts. A short question alone does not: "Do you sell kayaks?" after
# one about delivery would be answered with the delivery times.
_CONTINUES: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"^\W*(and|or|also|then|ok(ay)? and|((ok(ay)?|but|so|and) )?(what|how) (about|if))\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"^\W*(那|还有|另外|如果|要是|或者|以及|换成)|呢\W*$"),
}
_POINTS_BACK: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"\b(it|that|those|they|them|that one|this one|the same|there)\b", re.I),
    "zh": re.compile(r"这个|那个|它|那边|也是|也一样"),
}
_LONGEST = {"en": 60, "zh": 24}


def continues(text: str, language: Language) -> bool:
    """Whether ``text`` only goes on with the question before it, and says little without it."""
    return len(text) <= _LONGEST[language] and bool(_CONTINUES[language].search(text))


def points_back(text: str, language: Language) -> bool:
    """Whether ``text`` may mean something that was named before, as in "how long does it take?"."""
    return len(text) <= _LONGEST[language] and bool(_POINTS_BACK[language].search(text))
