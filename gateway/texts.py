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
WITHDRAW = "/withdraw"
"""The payload that says that what is still to be answered is no longer wanted. Ours alone."""
LEAVE_CONTACT = "/leave_contact"
"""The payload at which a client shows the form for an e-mail address. Ours alone."""

_OUT_OF_ORDER = {
    "en": "Sorry, I can't answer just now: something on our side isn't working. Your question is "
    "kept, and I'll answer it here as soon as I can. If you'd rather not wait, a person can help.",
    "zh": "抱歉，我们的系统出了点问题，我暂时无法回答。您的问题已保留，恢复后我会在这里回复您。"
    "如果不想等待，可以转接人工客服。",
}
_FAILED = {
    "en": "Sorry, I couldn't answer that: something on our side didn't work. Please ask again, or "
    "ask for a person.",
    "zh": "抱歉，我们的系统出了点问题，这个问题我没能回答。请再问一次，或转接人工客服。",
}
_WITHDRAWN = {
    "en": "All right, I'll leave it. Just write when you need me.",
    "zh": "好的，那就不再处理了。需要时请随时留言。",
}
_FILES = {
    "en": "Thank you, I've kept what you sent. I can't look into files myself: please tell me in "
    "words what it is about, or let a person look at it.",
    "zh": "文件已收到并保存。我无法查看文件内容，请用文字说明您的问题，或转接人工客服查看。",
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
_CONTACT_LEFT = {
    "en": "Thank you. A colleague will write to {email}.",
    "zh": "谢谢！同事会通过 {email} 与您联系。",
}
_ASK_FOR_PERSON = {"en": "Talk to a person", "zh": "转人工客服"}
_RETURN = {"en": "Back to the assistant", "zh": "返回智能助手"}
_LEAVE_CONTACT = {"en": "Leave my e-mail", "zh": "留下邮箱"}
_WITHDRAW = {"en": "No longer needed", "zh": "不用回答了"}


def out_of_order(language: Language) -> NewMessage:
    """The assistant cannot be reached for now; the question is kept."""
    return _system(
        _OUT_OF_ORDER[language],
        language,
        QuickReply(_ASK_FOR_PERSON[language], REQUEST_HUMAN),
        QuickReply(_LEAVE_CONTACT[language], LEAVE_CONTACT),
        QuickReply(_WITHDRAW[language], WITHDRAW),
    )


def failed(language: Language) -> NewMessage:
    """The assistant could not reply, and will not be asked again; a person is offered."""
    offer = QuickReply(_ASK_FOR_PERSON[language], REQUEST_HUMAN)
    return _system(_FAILED[language], language, offer)


def withdrawn(language: Language) -> NewMessage:
    """What was still to be answered is dropped."""
    return _system(_WITHDRAWN[language], language)


def files_kept(language: Language) -> NewMessage:
    """Files came without a word, and the assistant reads only words; a person is offered."""
    offer = QuickReply(_ASK_FOR_PERSON[language], REQUEST_HUMAN)
    return _system(_FILES[language], language, offer)


def contact_left(language: Language, email: str) -> NewMessage:
    """The customer left an e-mail address."""
    return _system(_CONTACT_LEFT[language].format(email=email), language)


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
