import pytest

from retriever.tokens import tokens


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("shipping", "shipped"),
        ("returns", "Return"),
        ("policies", "policy"),
        ("ＥＸＰＲＥＳＳ", "express"),
    ],
)
def test_forms_of_a_word_meet(one: str, other: str) -> None:
    assert tokens(one, "en") == tokens(other, "en")


def test_chinese_is_cut_into_characters_pairs_and_words() -> None:
    assert {"退", "货", "退货", "_退货"} <= set(tokens("可以退货吗", "zh"))


def test_pairs_meet_where_words_are_cut_otherwise() -> None:
    fee = tokens("退货运费", "zh")
    assert "_退货" not in fee
    assert "退货" in fee


def test_words_of_both_scripts_stay_apart() -> None:
    found = tokens("Heron 2帐篷", "zh")
    assert found[:2] == ["heron", "2"]
    assert "帐篷" in found


@pytest.mark.parametrize("text", ["", "?!", "👍", "\ud800", "\0"])
def test_text_without_words_has_no_tokens(text: str) -> None:
    assert tokens(text, "zh") == tokens(text, "en") == []
