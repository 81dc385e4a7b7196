import pytest
from hypothesis import given
from hypothesis import strategies as st

from retriever.query import MAX_CHARACTERS, clean, variants


@given(st.text(alphabet=st.characters(), max_size=300))
def test_clean_text_has_no_control_characters_and_is_stable(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned == cleaned.strip()
    assert cleaned.isprintable()
    for variant in variants(cleaned):
        assert len(variant) <= len(cleaned)


def test_length_is_bounded() -> None:
    assert len(clean("a" * 100_000)) == MAX_CHARACTERS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("can i return it?", ("can i return it?",)),
        ("We love the tent. can i return the pegs?", "can i return the pegs?"),
        ("can i return the pegs? thanks a lot!", "can i return the pegs?"),
        ("how much? and when? i am in France", "how much? and when?"),
        ("Parcel lost. please help", "please help"),
        ("我买了帐篷。可以退吗？谢谢", "可以退吗？"),
        ("see larkfield.example v2.5", ("see larkfield.example v2.5",)),
    ],
)
def test_question_is_found_in_its_story(text: str, expected: str | tuple[str, ...]) -> None:
    assert variants(text) == ((text, expected) if isinstance(expected, str) else expected)
