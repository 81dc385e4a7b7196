"""What the assistant says in its own words: that it does not know.

Several wordings, so that a second unanswered question does not read like a broken record; chosen
by the question itself, so that the same question always gets the same words.
"""

import hashlib
from typing import Final

from knowledge_base.passages import Language

_REFUSALS: Final[dict[Language, tuple[str, ...]]] = {
    "en": (
        "I couldn't find that in our shop's information, and I don't want to guess. "
        "Shall I pass you to one of our colleagues?",
        "I'm afraid I have no reliable information on that. "
        "One of our people can look into it for you. Would you like to talk to them?",
        "That's something I can't answer for certain from what I have. "
        "If you like, I'll connect you with a colleague who can.",
    ),
    "zh": (
        "我在店铺资料里没有找到相关内容，不想随便猜测。需要我帮您转接人工客服吗？",
        "很抱歉，关于这个问题我没有可靠的信息。人工客服可以帮您核实，需要为您转接吗？",
        "这个问题我目前无法给出确切的答复。如果您愿意，我可以请人工客服来帮助您。",
    ),
}


def refusal(question: str, language: Language) -> str:
    """The honest "I don't know" for ``question``, with the offer of a person."""
    texts = _REFUSALS[language]
    digest = hashlib.sha256(question.strip().casefold().encode()).digest()
    return texts[digest[0] % len(texts)]
