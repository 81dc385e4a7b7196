"""What a message in the middle of a form does to it, before its content counts."""

import re
from typing import Literal

from actions.turn import Turn
from knowledge_base.passages import Language

Move = Literal["stop", "person", "upset", "take_back", "question", "other_skill", "aside", "none"]

SURE = 0.5
"""From which confidence on an intent counts; the bot's own threshold for having understood."""

# Said alone these leave a form, whatever a classifier makes of one word.
_LEAVE: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\W*((please )?(stop|cancel|quit|exit|abort|back|nevermind|never mind|forget it|"
        r"leave it|start over|start again)( please| it| this| that)?)\W*",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"\W*(取消|停止?|退出|返回|算了(吧|不弄了)?|不(用|弄|办|要|查)了|重新(来|开始))\W*"
    ),
}
_NOT_THAT: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"^\W*(no[, ]+|sorry[, ]+|wait[, ]+)*(not (that|this)|(that|this)('s| is)( the)? wrong|"
        r"wrong|(the|my|an) ?other (one|order)|i meant|i mean)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"^\W*(不是?[,，]?)?(不是(这|那)个?|搞错|弄错|写错|填错|说错|错了|另(外)?一个|我(是说|说的是))"
    ),
}
_QUESTION_MARK = re.compile(r"[?？]\s*$")
_ASKS: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"^\W*(and |but |ok(ay)? |so )*(how|what|when|where|which|who|why|can|could|do|does|is|are|"
        r"will|would|may|should)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"(吗|呢|么|什么|怎么|多少|多久|几天|几点|哪|能不能|可不可以|是不是|有没有)"),
}

_ASIDES = frozenset(
    {"greet", "goodbye", "thank", "bot_challenge", "ask_capabilities", "chitchat", "rate_good"}
)
_LONGEST_MOVE = {"en": 90, "zh": 36}


def read_move(turn: Turn, *, own: str, others: frozenset[str], free_text: bool) -> Move:
    """Tell what kind of message this is.

    Args:
        own: the intent that started the running skill.
        others: the intents that start another one.
        free_text: whether the customer was asked to write in his own words. Then only what is
            plainly no answer counts as anything else: "the zip broke, this is ridiculous" is a
            reason for a return, not a complaint.
    """
    text, intent = turn.words.strip(), turn.intent
    sure = turn.confidence >= (0.8 if free_text else SURE)
    short = len(text) <= _LONGEST_MOVE[turn.language]
    if _LEAVE[turn.language].fullmatch(text) or (intent == "stop" and sure and short):
        return "stop"
    if intent == "request_human" and sure:
        return "person"
    if intent in ("complain", "abuse") and sure and not free_text:
        return "upset"
    if intent in others and sure and not (free_text and not asks(turn)):
        return "other_skill"
    if _NOT_THAT[turn.language].search(text) or (
        intent in ("correct", "rate_bad") and sure and short
    ):
        return "take_back"
    if asks(turn) and not (free_text and not sure):
        return "question"
    if intent.startswith("ask_") and sure and not free_text:
        return "question"
    if intent in _ASIDES and sure and short:
        return "aside"
    return "none"


def asks(turn: Turn) -> bool:
    """Whether the message has the form of a question."""
    text = turn.words.strip()
    return bool(_QUESTION_MARK.search(text) or _ASKS[turn.language].search(text))


def says_yes(turn: Turn) -> bool:
    """Whether the message agrees."""
    return turn.intent == "affirm" and turn.confidence >= SURE


def says_no(turn: Turn) -> bool:
    """Whether the message declines."""
    return turn.intent == "deny" and turn.confidence >= SURE
