import pytest

from bot.components.language import is_payload, message_language, script


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("where is my parcel?", "en"),
        ("包裹到哪了", "zh"),
        ("Heron 3 帐篷多少钱", "zh"),
        ("Fjordlys 的灯能用多久", "zh"),
        ("what does 云雀 mean in your logo?", "en"),
        ("123456 ???", None),
        ("👍", None),
        ("", None),
    ],
)
def test_script_is_what_most_letters_are_written_in(text: str, language: str | None) -> None:
    assert script(text) == language


def test_the_message_decides_before_conversation_and_page() -> None:
    assert message_language("这个多少钱", spoken="en", page="en") == "zh"
    assert message_language("how much is this?", spoken="zh", page="zh") == "en"


@pytest.mark.parametrize(
    "text",
    ["LK-204518", "ok", "Hi!", "thanks", "???", "👍", "Heron 3", "anna@mail.example", "3", ""],
)
def test_what_says_nothing_about_the_language_leaves_it_as_it_was(text: str) -> None:
    assert message_language(text, spoken="zh", page="en") == "zh"
    assert message_language(text, spoken="en", page="zh") == "en"
    assert message_language(text, spoken=None, page="zh") == "zh"
    assert message_language(text, spoken=None, page=None) == "en"


@pytest.mark.parametrize(
    "text", ["refund please", "LK-204518 is late", "ok but when?", "Is it on?"]
)
def test_one_telling_word_is_enough(text: str) -> None:
    assert message_language(text, spoken="zh", page="zh") == "en"


def test_a_language_that_the_bot_does_not_speak_is_not_taken_over() -> None:
    assert message_language("ok", spoken="fr", page="zh") == "zh"
    assert message_language("ok", spoken=None, page="de") == "en"


@pytest.mark.parametrize("text", ["/request_human", " /greet "])
def test_an_intent_named_outright_is_a_payload(text: str) -> None:
    assert is_payload(text)


@pytest.mark.parametrize(
    "text", ["request_human", "/", "/request_human{}", "/what is this", "1/2", "/你好"]
)
def test_other_texts_are_no_payload(text: str) -> None:
    assert not is_payload(text)
