"""What the gateway itself says to a customer: only what the assistant cannot say.

All else comes from the assistant. These texts are for when it is not asked, or does not answer.
"""

from collections.abc import Callable
from typing import Literal

from store.records import NewMessage, QuickReply
from store.status import Author

Language = Literal["en", "zh"]
LanguageDetector = Callable[[str, Language], Language]
"""Tells the language of a text; the second argument is for texts that do not show it."""

REQUEST_HUMAN = "/request_human"
"""The payload that asks for a person. The assistant knows it too."""
RETURN_TO_ASSISTANT = "/return_to_assistant"
"""The payload with which a waiting customer goes back to the assistant. Ours alone."""

_UNAVAILABLE = {
    "en": "Sorry, I can't answer just now: something on our side isn't working. Please try again "
    "in a few minutes, or ask for a person.",
    "zh": "抱歉，我们的系统出了点问题，我暂时无法回答。请过几分钟再试，或转接人工客服。",
}
_HANDED_OVER = {
    "en": "I've asked a colleague to take over. They will read this conversation, so you don't "
    "have to repeat yourself.",
    "zh": "已为您转接人工客服。同事会先阅读我们的对话，您无需重复说明。",
}
_STILL_WAITING = {
    "en": "Your message is added for our colleague, who hasn't joined yet. If you'd rather not "
    "wait, the assistant can go on helping you.",
    "zh": "您的留言已转给人工客服，同事尚未接入。如果不想等待，可以让智能助手继续为您服务。",
}
_BACK = {
    "en": "You're with the assistant again. What can I help you with?",
    "zh": "已切换回智能助手。请问有什么可以帮您？",
}
_ASK_FOR_PERSON = {"en": "Talk to a person", "zh": "转人工客服"}
_RETURN = {"en": "Back to the assistant", "zh": "返回智能助手"}


def unavailable(language: Language) -> NewMessage:
    """The assistant could not reply; a person is offered."""
    offer = QuickReply(_ASK_FOR_PERSON[language], REQUEST_HUMAN)
    return _system(_UNAVAILABLE[language], language, offer)


def handed_over(language: Language) -> NewMessage:
    """A person was asked for although the assistant could not be reached."""
    return _system(_HANDED_OVER[language], language)


def still_waiting(language: Language) -> NewMessage:
    """The customer writes on, and nobody has come yet; going back to the assistant is offered."""
    offer = QuickReply(_RETURN[language], RETURN_TO_ASSISTANT)
    return _system(_STILL_WAITING[language], language, offer)


def back_with_assistant(language: Language) -> NewMessage:
    """The customer waits no longer."""
    return _system(_BACK[language], language)


def page_language(tag: str) -> Language:
    """The language to speak on a page whose ``lang`` is ``tag``: ``zh-CN`` is zh, ``de`` is en."""
    return "zh" if tag.lower().partition("-")[0] == "zh" else "en"


def _system(text: str, language: Language, *offers: QuickReply) -> NewMessage:
    return NewMessage(Author.SYSTEM, text, language, quick_replies=offers)
