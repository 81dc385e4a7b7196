import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.sentences import split_sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        (
            "It costs EUR 4.95. It is free from EUR 60.",
            ["It costs EUR 4.95.", "It is free from EUR 60."],
        ),
        ("Really? Yes! Good.", ["Really?", "Yes!", "Good."]),
        ("Prices incl. VAT apply. Done.", ["Prices incl. VAT apply.", "Done."]),
        ("Gear, e.g. Tents, is heavy.", ["Gear, e.g. Tents, is heavy."]),
        ("See No. 12 there.", ["See No. 12 there."]),
        ("Ask J. Smith. He knows.", ["Ask J. Smith.", "He knows."]),
        ("Open until 6 p.m. on Friday.", ["Open until 6 p.m. on Friday."]),
        ("Bring tents, mats etc. We check.", ["Bring tents, mats etc.", "We check."]),
        ("Go to larkfield.example now. Thanks.", ["Go to larkfield.example now.", "Thanks."]),
        ('He said "stop." Then left.', ['He said "stop."', "Then left."]),
        ("Wait... what? No.", ["Wait... what?", "No."]),
        (
            "退货免费。运费 4.95 欧元！几天到？两天",
            ["退货免费。", "运费 4.95 欧元！", "几天到？", "两天"],
        ),
        ("他说“可以。”然后走了。", ["他说“可以。”", "然后走了。"]),
        ("运费见 larkfield.example。谢谢。", ["运费见 larkfield.example。", "谢谢。"]),
        ("One\n• two. Three\n12. four", ["One", "two.", "Three", "four"]),
        ("", []),
        (" \n\n ", []),
    ],
)
def test_split(text: str, sentences: list[str]) -> None:
    assert [sentence.text for sentence in split_sentences(text)] == sentences


def test_list_items_keep_the_line_that_leads_them() -> None:
    text = "We cannot take back:\n• socks\n• gas. Never.\nTents are fine:\nall of them."
    assert [(s.text, s.lead) for s in split_sentences(text)] == [
        ("We cannot take back:", None),
        ("socks", "We cannot take back:"),
        ("gas.", "We cannot take back:"),
        ("Never.", "We cannot take back:"),
        ("Tents are fine:", None),
        ("all of them.", None),
    ]


@given(st.text(alphabet=st.sampled_from("ab AB.!?。！？…:：\n•1 2\"”)'\t退货")))
def test_spans_are_in_order_and_lose_no_letter(text: str) -> None:
    sentences = split_sentences(text)
    end = 0
    kept = ""
    for sentence in sentences:
        assert end <= sentence.start < sentence.end
        assert text[sentence.start : sentence.end] == sentence.text == sentence.text.strip()
        end = sentence.end
        kept += sentence.text
    assert [c for c in kept if c.isalpha()] == [c for c in text if c.isalpha()]
