"""The phrases: both languages alike, none missing, none that nobody says."""

import re
from pathlib import Path

import pytest
import yaml

from actions.forms import form
from actions.phrasing import FOLDER, Phrases, PhrasingError, plain

ACTIONS = Path(form.__file__).resolve().parents[1]


def code() -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in ACTIONS.rglob("*.py"))


def test_every_phrase_is_said_somewhere() -> None:
    said = code()
    # "status_{state}": what is put together from a beginning and a value.
    beginnings = set(re.findall(r"f\"(\w+_)\{", said))
    unsaid = [
        name
        for name in Phrases().names
        if not re.search(rf"[\"']{name}[\"']", said) and not name.startswith(tuple(beginnings))
    ]
    assert unsaid == []


def test_what_is_put_together_is_there() -> None:
    names = Phrases().names
    assert {f"aside_{intent}" for intent in form._ANSWERED_ASIDES} <= names
    assert {f"button_{intent}" for intent in form_intents()} <= names


def form_intents() -> set[str]:
    return {"track_order", "return_item", "cancel_order", "change_address", "find_product"}


def test_chinese_is_chinese_and_english_is_english() -> None:
    texts = {
        language: yaml.safe_load((FOLDER / f"{language}.yml").read_text(encoding="utf-8"))
        for language in ("en", "zh")
    }
    for name, text in texts["en"].items():
        assert not re.search(r"[\u3400-\u9fff，。？！：]", text), name
    for name, text in texts["zh"].items():
        bare = re.sub(r"\{\w+\}", "", text)
        assert not re.search(r"[A-Za-z]", bare), name
        assert name == "verbatim" or re.search(r"[\u3400-\u9fff]", bare), name


def made(folder: Path, english: str, chinese: str) -> Path:
    (folder / "en.yml").write_text(english, encoding="utf-8")
    (folder / "zh.yml").write_text(chinese, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("english", "chinese", "named"),
    [
        ("a: x\nb: y", "a: x", "'b'"),
        ("a: '{one}'", "a: '{two}'", "'a'"),
        ("a: '{one'", "a: '{one}'", "'a'"),
        ("- a", "a: x", "en.yml"),
        ("a: [", "a: x", "en.yml"),
        ("a: 1", "a: x", "en.yml"),
    ],
)
def test_broken_phrases_are_refused_by_name(
    tmp_path: Path, english: str, chinese: str, named: str
) -> None:
    with pytest.raises(PhrasingError, match=re.escape(named)):
        Phrases(made(tmp_path, english, chinese))


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(PhrasingError, match=re.escape("en.yml")):
        Phrases(tmp_path)


def test_what_customers_wrote_is_shown_as_it_stands() -> None:
    assert (
        plain("a\nb\u0007 [x](https://e.example) <b>") == "a b \\[x\\](https://e.example) \\<b\\>"
    )
    assert len(plain("x" * 900)) == 300
