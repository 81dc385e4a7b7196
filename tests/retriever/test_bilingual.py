"""What a bilingual embedder is trained from: words in the tokenizer, and the shops."""

import json
import random
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from retriever.bilingual.shops import read_shops
from retriever.bilingual.tokenizer import extended
from retriever.bilingual.vocabulary import Word, choose_words

SHOPS = Path(__file__).parents[2] / "retriever/bilingual/shops"
BASE = {
    "version": "1.0",
    "added_tokens": [],
    "normalizer": {
        "type": "BertNormalizer",
        "clean_text": True,
        "handle_chinese_chars": True,
        "strip_accents": None,
        "lowercase": True,
    },
    "pre_tokenizer": {"type": "BertPreTokenizer"},
    "post_processor": None,
    "decoder": None,
    "truncation": None,
    "padding": None,
    "model": {
        "type": "WordPiece",
        "unk_token": "[UNK]",
        "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 100,
        "vocab": {"[UNK]": 0, "return": 1, "##s": 2, "phone": 3, "货": 4},
    },
}
WORDS = [
    Word("退货", ("退貨", "退货"), "to return"),
    Word("我", ("我",), "i"),
    Word("货", ("貨", "货"), "goods"),
    Word("退", ("退",), "back"),
]


def test_chinese_is_cut_into_the_longest_known_words_and_english_as_before() -> None:
    content, rows = extended(BASE, WORDS)
    tokenizer = Tokenizer.from_str(json.dumps(content))
    assert tokenizer.encode("Returns").tokens == ["return", "##s"]
    assert tokenizer.encode("我退货phone").tokens == ["我", "##退货", "phone"]
    simplified, traditional = (tokenizer.encode(text).ids for text in ("我退货", "我退貨"))
    assert rows[simplified].tolist() == rows[traditional].tolist() == [6, 5]


def test_an_unknown_character_spoils_nothing_but_itself() -> None:
    content, _ = extended(BASE, WORDS)
    tokenizer = Tokenizer.from_str(json.dumps(content))
    assert tokenizer.encode("我龘退货").tokens == ["我", "[UNK]", "退货"]


def test_a_character_that_the_model_knew_gets_the_row_of_its_meaning() -> None:
    _, rows = extended(BASE, WORDS)
    assert rows[4] == 7


def test_words_come_from_the_glossary_first_and_without_remarks(tmp_path: Path) -> None:
    cedict, glossary = tmp_path / "cedict", tmp_path / "glossary"
    cedict.write_text(
        "# a comment\n退貨 退货 [tui4 huo4] /to return merchandise/\n"
        "帳篷 帐篷 [zhang4 peng5] /tent (for camping)/CL:頂|顶[ding3],座[zuo4]/\n",
        "utf-8",
    )
    glossary.write_text("# a comment\n退货\treturn\n", "utf-8")
    words = choose_words(cedict, glossary, count=10)
    assert words == [
        Word("退货", ("退貨", "退货"), "return"),
        Word("帐篷", ("帐篷", "帳篷"), "tent"),
    ]


@pytest.mark.parametrize("name", sorted(read_shops(SHOPS)))
def test_shops_are_whole(name: str) -> None:
    shop = read_shops(SHOPS)[name]
    assert len(shop["en"]) == len(shop["zh"]) == 32
    for entries in shop.values():
        assert len({entry.heading for entry in entries}) == 32
        asked = [query for entry in entries for query in entry.queries]
        # A question of two entries would teach that each is wrong for the other.
        assert len(set(asked)) == len(asked)
        assert all(entry.near and len(entry.queries) >= 3 for entry in entries)


def test_a_follow_up_is_drawn_now_and_then_with_its_history() -> None:
    entry = read_shops(SHOPS)["shoes"]["en"][0]
    drawn = {entry.query(random.Random(seed)) for seed in range(200)}
    assert drawn == {*entry.queries, *entry.follow_ups}
    assert all("\n" in follow_up for follow_up in entry.follow_ups)
