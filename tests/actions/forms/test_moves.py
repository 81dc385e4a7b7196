"""What a message in the middle of a form is taken for."""

import pytest

from actions.forms.moves import read_move
from actions.turn import Turn
from knowledge_base.language import detect_language

OTHERS = frozenset({"track_order", "cancel_order", "change_address", "find_product"})
FREE_TEXT = frozenset({"line", "reason", "wanted", "street", "city"})


def move(
    text: str, intent: str, asked: str, *, own: str = "return_item", confidence: float = 0.95
) -> str:
    turn = Turn(text, intent, detect_language(text), None, confidence=confidence)
    free_text = asked in FREE_TEXT
    return read_move(turn, own=own, others=OTHERS - {own}, asked=asked, free_text=free_text)


@pytest.mark.parametrize(
    "text",
    [
        *("never mind", "Nevermind.", "cancel", "Cancel please", "stop", "forget about it", "exit"),
        *("ok, never mind then", "no, leave it", "let's stop here", "算了", "算了吧", "取消"),
        *("那算了", "还是算了，不退了", "不用了，谢谢", "不弄了", "退出"),
    ],
)
@pytest.mark.parametrize("asked", ["number", "proof", "line", "reason", "street", "city"])
def test_plain_words_leave_whatever_was_asked_and_whatever_they_are_taken_for(
    text: str, asked: str
) -> None:
    assert move(text, "nlu_fallback", asked, confidence=0.3) == "stop"


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("I changed my mind", "stop"),
        ("不想要了", "stop"),
        ("wrong size", "correct"),
        ("I ordered the wrong size", "correct"),
        ("it's the wrong colour", "rate_bad"),
        ("not what I expected", "correct"),
        ("买错了尺码", "correct"),
        ("不是我想要的颜色", "correct"),
        ("the zip broke, this is ridiculous", "complain"),
        ("never arrived in one piece", "track_order"),
        ("is too small", "return_item"),
        ("does not fit", "return_item"),
        ("what I got was a different colour", "return_item"),
        ("when I opened it the zip was broken", "ask_warranty"),
        ("不知道怎么坏了", "ask_warranty"),
        ("没什么问题，就是太小", "inform"),
    ],
)
def test_asked_for_a_reason_these_are_reasons(text: str, intent: str) -> None:
    assert move(text, intent, "reason") == "none"


@pytest.mark.parametrize("text", ["another one", "the other one", "the same in L", "换另一个颜色"])
def test_asked_what_instead_these_are_answers(text: str) -> None:
    assert move(text, "correct", "wanted") == "none"


@pytest.mark.parametrize(
    "text",
    [
        *("that's wrong", "no, that's wrong", "not that one", "wrong", "my mistake", "go back"),
        *("back", "no, the other order", "不对", "弄错了", "不是这个", "返回", "上一步"),
    ],
)
@pytest.mark.parametrize("asked", ["reason", "wanted", "street", "city", "line", "quantity"])
def test_what_was_said_last_is_taken_back(text: str, asked: str) -> None:
    assert move(text, "nlu_fallback", asked, confidence=0.3) == "take_back"


@pytest.mark.parametrize("text", ["money back", "I'd like it back", "send it back"])
def test_back_in_a_sentence_takes_nothing_back(text: str) -> None:
    assert move(text, "inform", "kind") == "none"


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Hoogstraat 50", "street"),
        ("Cancel Street 5", "street"),
        ("Nice", "city"),
        ("Bath", "city"),
        ("Rotterdam", "city"),
    ],
)
def test_names_are_no_small_talk(text: str, asked: str) -> None:
    assert move(text, "chitchat", asked) == "none"


@pytest.mark.parametrize(
    ("text", "intent", "expected"),
    [
        ("I want to talk to a person", "request_human", "person"),
        ("this is a disgrace", "complain", "upset"),
        ("where is my other parcel?", "track_order", "other_skill"),
        ("I'd rather cancel the order", "cancel_order", "other_skill"),
        ("how long does delivery take?", "ask_shipping", "question"),
        ("thank you very much", "thank", "aside"),
    ],
)
@pytest.mark.parametrize("asked", ["number", "proof", "street", "line"])
def test_what_is_no_answer_is_known_from_its_intent(
    text: str, intent: str, expected: str, asked: str
) -> None:
    assert move(text, intent, asked) == expected


def test_a_product_that_is_named_is_no_search_for_one() -> None:
    assert move("Swift rain cover", "find_product", "line") == "none"


@pytest.mark.parametrize(
    ("text", "intent", "expected"),
    [
        ("are you a robot?", "bot_challenge", "aside"),
        ("what can you do?", "ask_capabilities", "aside"),
        ("你是机器人吗", "bot_challenge", "aside"),
        ("thanks, and how long do I have?", "thank", "question"),
        ("can I send it back without the box?", "ask_returns", "question"),
    ],
)
def test_a_question_is_answered_and_talk_is_met(text: str, intent: str, expected: str) -> None:
    assert move(text, intent, "kind") == expected


@pytest.mark.parametrize("text", ["cancel", "cancel it", "取消", "取消吧"])
def test_asked_whether_to_cancel_the_word_alone_does_not_leave(text: str) -> None:
    assert move(text, "stop", "confirm", own="cancel_order") == "none"
    assert move(text, "stop", "confirm", own="change_address") == "stop"


def test_what_rasa_is_not_sure_of_is_no_move() -> None:
    for intent in ("request_human", "complain", "track_order", "correct", "thank", "stop"):
        assert move("hm hm hm", intent, "number", confidence=0.4) == "none"
