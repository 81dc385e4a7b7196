"""What a message in the middle of a form does to it, before its content counts."""

import re
from typing import Literal

from actions.turn import Turn
from knowledge_base.passages import Language

Move = Literal["stop", "person", "upset", "take_back", "question", "other_skill", "aside", "none"]

SURE = 0.5
"""From which confidence on an intent counts; the bot's own threshold for having understood."""
_VERY_SURE = 0.8

# Said alone these leave a form, whatever a classifier makes of one word.
_LEAVE: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\W*((ok|okay|oh|no|actually|then|well|please|just|let'?s)\W+)*"
        r"(stop|cancel|quit|exit|abort|nevermind|never mind|forget (about )?it|leave it|"
        r"drop it|start over|start again)"
        r"(\W+(please|it|this|that|then|here|thanks|thank you|for now))*\W*",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"\W*(那|还是|先|就|请)*(取消|停止?|退出|算了|不(用|弄|办|查|退|换|改|找)了|重新(来|开始))"
        r"(吧|了|谢谢|不(用|弄|办|查|退|换|改|找)了|\W)*"
    ),
}
# Asked "shall I cancel it?", this does not leave: cancelling.py says what becomes of it.
_CANCEL = re.compile(r"\W*(please )?cancel( (it|this|that))?( please)?\W*|\W*取消(吧)?\W*", re.I)
# At the beginning of a message: what was understood is taken back, and perhaps put right.
_NOT_THAT: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"^\W*((no|sorry|wait|oops|actually)\W+)*(not (that|this)|"
        r"(that|this|it)('s| is)( the)? (wrong|not right|incorrect)|wrong|go back|"
        r"back\W*$|(the|my) other (one|order)|(the|my|an?) ?(other|different|wrong) order|"
        r"i meant?)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"^\W*(不是?\W*|等等\W*|抱歉\W*|不好意思\W*)*(不是(这|那)个?|不对|搞错|弄错|写错|填错|说错|"
        r"错了|另(外)?一(个|单|笔)|别的订单|换(一)?个(别的)?订?单|返回|(回到?)?上一步|我(是说|说的是))"
    ),
}
# The same, and nothing else: asked for a reason, "wrong size" is one.
_TAKEN_BACK: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\W*((no|sorry|wait|oops|hmm|oh|actually)\W+)*"
        r"((that|this|it)('s| is| was)( all)? (wrong|not right|incorrect|a mistake)|wrong|"
        r"not (that|this)( one| order)?|(i meant )?(the|my|an?) ?(other|different|wrong) order|"
        r"i made a mistake|my mistake|(go )?back|undo)(\W+(sorry|please))*\W*",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"\W*((等等|等一下|抱歉|不好意思|不)\W*)*(不对|错了|不是(这|那)个(订单)?|"
        r"我?(搞|弄|写|填|说|输)错了?|(是|我说的是)?(另(外)?一个|别的|换(一)?个)订单|另一单|"
        r"返回|(回到?)?上一步)了?\W*"
    ),
}

_QUESTION_MARK = re.compile(r"[?？]\s*$")
_AUXILIARY = r"(can|could|do|does|did|is|are|was|will|would|may|should|has|have)"
_ASKS: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"^\W*((and|but|ok|okay|so|by the way)\W+)*(how|what|when|where|which|who|why|"
        rf"{_AUXILIARY} (i|you|we|it|they|he|she|this|that|these|those|there|the|my|your|an?|any))"
        r"\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"(吗|呢|么|什么|怎么|多少|多久|几天|几点|哪|能不能|可不可以|是不是|有没有)"),
}
# "Could you swap it?" wants it swapped; "can you tell me how" wants to know.
_REQUESTS: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"^\W*((hi|hello|hey|ok|okay|so|please)\W+)*(can|could|would|will) you (please |kindly )?"
        r"(?!please|kindly|tell|say|explain|show)\w",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"(能|可以|可否|能不能|可不可以)(请)?(帮|给|为)我(们)?(?!.{0,3}(说|讲|看|查|解释|介绍))"
    ),
}
# "How do I send it back?" wants to know; "my jacket broke, what now" wants help.
_ASKS_HOW: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"^\W*((and|but|ok|okay|so|by the way)\W+)*how (do|does|can|could|should|would|to)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"(怎么|如何|怎样)(?!还|没|不|又|办(?!理)|回事|这么|那么)"),
}
# In a story of one's own "what I got was broken" and "不知道怎么坏了" ask nothing.
_ASKS_OPENLY: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"^\W*((and|but|ok|okay|so|by the way)\W+)*((how|what|when|where|which|who|why)"
        r"( (?!i\b|you\b|we\b|it\b|they\b|the\b|my\b)\w+)?"
        rf" {_AUXILIARY}|{_AUXILIARY} (i|you|we|they|there))\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"(吗|呢)\W*$|能不能|可不可以|多久|多少钱"),
}

_TALK = frozenset({"bot_challenge", "ask_capabilities", "chitchat"})
_ASIDES = _TALK | {"greet", "goodbye", "thank", "rate_good"}
_LONGEST_MOVE = {"en": 90, "zh": 36}
# Asked for in the customer's own words: a story, or a name that a classifier has never seen.
_STORIES = frozenset({"reason", "wanted"})
_NAMES = frozenset({"street", "city"})


def read_move(turn: Turn, *, own: str, others: frozenset[str], asked: str, free_text: bool) -> Move:
    """Tell what kind of message this is.

    Args:
        own: the intent that started the running skill.
        others: the intents that start another one.
        asked: what was asked last.
        free_text: whether the customer was asked to write in his own words. Then only what is
            plainly no answer counts as anything else: "the zip broke, this is ridiculous" is a
            reason for a return, not a complaint.
    """
    text, intent, story = turn.words.strip(), turn.intent, asked in _STORIES
    if asked in _NAMES and any(c.isdigit() for c in text) and not _QUESTION_MARK.search(text):
        return "none"
    sure = turn.confidence >= (_VERY_SURE if free_text else SURE)
    short = len(text) <= _LONGEST_MOVE[turn.language]
    if own == "cancel_order" and asked == "confirm" and _CANCEL.fullmatch(text):
        return "none"
    if _LEAVE[turn.language].fullmatch(text) or (intent == "stop" and sure and short and not story):
        return "stop"
    if intent == "request_human" and sure:
        return "person"
    if intent in ("complain", "abuse") and sure and not story:
        return "upset"
    if intent in others and sure and _goes_over(turn, free_text=free_text, story=story):
        return "other_skill"
    if _takes_back(turn, sure=sure and short, free_text=free_text):
        return "take_back"
    # "Nice" is a town.
    name = asked in _NAMES and len(text.split()) == 1
    # "Are you a robot?" is talk; "thanks, and how long do I have?" is a question.
    talk = intent in _TALK or not asks(turn)
    if intent in _ASIDES and sure and short and talk and not name:
        return "aside"
    if (_asks_openly(turn) if story else asks(turn)) and not (free_text and not sure):
        return "question"
    if intent.startswith("ask_") and sure and not free_text:
        return "question"
    return "none"


def _goes_over(turn: Turn, *, free_text: bool, story: bool) -> bool:
    """Whether the intent of another skill is meant: "a smaller tent" may also be an answer."""
    if story or (free_text and turn.intent == "find_product"):
        return asks(turn)
    return True


def _takes_back(turn: Turn, *, sure: bool, free_text: bool) -> bool:
    text = turn.words.strip()
    if _TAKEN_BACK[turn.language].fullmatch(text):
        return True
    if free_text:
        return False
    told = turn.intent in ("correct", "rate_bad") and sure
    return told or bool(_NOT_THAT[turn.language].search(text))


def requests(turn: Turn) -> bool:
    """Whether the message has the form of a question and asks for something to be done."""
    return bool(_REQUESTS[turn.language].search(turn.words.strip()))


def asks_how(turn: Turn) -> bool:
    """Whether the message asks how something is done."""
    return bool(_ASKS_HOW[turn.language].search(turn.words.strip()))


def asks_for_rules(turn: Turn, *, known: bool) -> bool:
    """Whether a wish is put as a question that what the shop says about it may answer.

    Args:
        known: which order it is about: that order answers "can I still cancel?" itself, but not
            "how do I ...?".
    """
    return asks(turn) and not requests(turn) and (not known or asks_how(turn))


def asks(turn: Turn) -> bool:
    """Whether the message has the form of a question."""
    text = turn.words.strip()
    return bool(_QUESTION_MARK.search(text) or _ASKS[turn.language].search(text))


def _asks_openly(turn: Turn) -> bool:
    text = turn.words.strip()
    marked = _QUESTION_MARK.search(text) and turn.intent.startswith("ask_")
    return bool(marked or _ASKS_OPENLY[turn.language].search(text))


def small_talk(turn: Turn) -> bool:
    """Whether the message is manners or talk for its own sake."""
    return turn.intent in _ASIDES and turn.confidence >= SURE


def says_yes(turn: Turn) -> bool:
    """Whether the message agrees."""
    return turn.intent == "affirm" and turn.confidence >= SURE


def says_no(turn: Turn) -> bool:
    """Whether the message declines."""
    return turn.intent == "deny" and turn.confidence >= SURE
