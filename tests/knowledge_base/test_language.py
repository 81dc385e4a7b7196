import pytest

from knowledge_base.language import detect_language, is_han
from knowledge_base.passages import Language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("how long does delivery take?", "en"),
        ("几天能到？", "zh"),
        ("Heron 3 帐篷多少钱", "zh"),
        ("what does 云雀 mean in your logo?", "en"),
        ("LK-482913 发货了吗", "zh"),
    ],
)
def test_language_of_a_message(text: str, language: Language) -> None:
    assert detect_language(text) == language


@pytest.mark.parametrize("text", ["", "12345", "👍", "?!"])
def test_without_letters_the_default_counts(text: str) -> None:
    assert detect_language(text) == "en"
    assert detect_language(text, default="zh") == "zh"


def test_han() -> None:
    assert all(map(is_han, "退㐀豈"))
    assert not any(map(is_han, "aé。あ1"))
