"""What the quoting writer chooses, and that it never cuts a sense in two."""

import pytest

from generator.extractive import ExtractiveOptions, ExtractiveWriter

RETURNS = (
    "Our store is in Rotterdam. You can send anything back within 60 days of delivery. "
    "However, underwear and socks cannot be returned once opened. We plant trees."
)
RETURNS_ZH = "门店位于鹿特丹。收货后60天内可以退货。但拆封后的内衣和袜子除外。我们也种树。"
LIST = (
    "We love gear.\nWe cannot take back:\n• Gift cards\n• Personalised items\n• Opened food\n"
    "Ask us about anything else."
)
PRODUCT = (
    "A light tent for two with room for both packs.\n"
    "Heron 2 costs EUR 289.00.\nHeron 2 is in stock.\nHeron 2 weighs 2150 g (2.15 kg).\n"
    "Colours of Heron 2: moss, sand.\nWaterproofing of Heron 2: 3000 mm.\nCategory: tents.\n"
    "Brand: Lark.\nArticle number (SKU): LK-TENT-001."
)


def quote(scorer, scores, passages, language="en", question="?", **options):
    writer = ExtractiveWriter(scorer(scores), ExtractiveOptions(**options))
    return writer.write(question, passages, language)


def test_an_exception_is_quoted_with_its_rule(scorer, evidence):
    draft = quote(scorer, {"60 days": 0.9}, [evidence(RETURNS)])
    assert draft.text == (
        "You can send anything back within 60 days of delivery. "
        "However, underwear and socks cannot be returned once opened."
    )


def test_an_exception_is_quoted_with_its_rule_in_chinese(scorer, evidence):
    draft = quote(scorer, {"60天": 0.9}, [evidence(RETURNS_ZH, language="zh")], "zh")
    assert draft.text == "收货后60天内可以退货。但拆封后的内衣和袜子除外。"


def test_a_rule_is_quoted_with_the_exception_that_was_asked_for(scorer, evidence):
    draft = quote(scorer, {"socks": 0.9}, [evidence(RETURNS)])
    assert draft.text.startswith("You can send anything back")
    assert draft.text.endswith("once opened.")


@pytest.mark.parametrize(
    "exception",
    [
        "Exceptions: gift cards.",
        "Only gift cards are not refunded.",
        "This does not apply to gift cards.",
        "Sale goods are refunded unless they are gift cards.",
        "但礼品卡不退。",
        "礼品卡除外。",
        "不包括礼品卡。",
        "仅限欧盟境内。",
    ],
)
def test_every_way_to_make_an_exception_is_kept(scorer, evidence, exception):
    text = f"We hike. We refund it all. {exception} We also ski."
    draft = quote(scorer, {"refund": 0.9}, [evidence(text)])
    assert exception in draft.text
    assert "ski" not in draft.text


def test_an_it_brings_its_noun(scorer, evidence):
    text = "We like maps. The reset link comes by e-mail. It is valid for 30 minutes. Enjoy."
    draft = quote(scorer, {"30 minutes": 0.9}, [evidence(text)])
    assert draft.text == "The reset link comes by e-mail. It is valid for 30 minutes."


def test_a_list_item_brings_the_line_above_the_list(scorer, evidence):
    draft = quote(scorer, {"Gift": 0.9}, [evidence(LIST)])
    assert draft.text == "We cannot take back:\n• Gift cards"


def test_the_line_above_a_list_brings_its_items(scorer, evidence):
    draft = quote(scorer, {"take back": 0.9}, [evidence(LIST)])
    assert draft.text == ("We cannot take back:\n• Gift cards\n• Personalised items\n• Opened food")


def test_a_long_list_is_cut_to_its_nearest_items(scorer, evidence):
    text = "We send to:\n" + "\n".join(f"• Country{i:02}" for i in range(20))
    draft = quote(scorer, {"send": 0.9, "Country17": 0.6}, [evidence(text)])
    lines = draft.text.split("\n")
    assert lines[0] == "We send to:"
    assert "• Country17" in lines
    assert len(lines) == 9


def test_numbered_steps_keep_their_numbers(scorer, evidence):
    text = "Do this:\n1. Open the account.\n2. Press return."
    draft = quote(scorer, {"Do this": 0.9}, [evidence(text)])
    assert draft.text == text


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("how much is the Heron 2?", ["Heron 2 costs EUR 289.00."]),
        ("what does a heron 2 weigh", ["Heron 2 weighs 2150 g (2.15 kg)."]),
        ("Is the Heron 2 available?", ["Heron 2 is in stock."]),
        ("heron 2 in green?", ["Colours of Heron 2: moss, sand."]),
        (
            "price and weight of the Heron 2?",
            ["Heron 2 costs EUR 289.00.", "Heron 2 weighs 2150 g (2.15 kg)."],
        ),
        (
            "Tell me about the Heron 2",
            [
                "Heron 2: A light tent for two with room for both packs.",
                "Heron 2 costs EUR 289.00.",
            ],
        ),
    ],
)
def test_a_product_answers_what_was_asked_and_not_with_its_data_sheet(
    scorer, evidence, question, expected
):
    # Every line names the product, so the nearest is no guide: the shortest is.
    found = evidence(PRODUCT, kind="product", title="Heron 2")
    draft = quote(scorer, {"in stock": 0.9, "Brand": 0.85}, [found], question=question)
    assert draft.text.split("\n") == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("苍鹭帐篷多少钱？", "苍鹭帐篷的价格是 289.00 欧元。"),
        ("苍鹭帐篷有多重", "苍鹭帐篷的重量是 2150 克。"),
        ("介绍一下苍鹭帐篷", "苍鹭帐篷：双人轻量帐篷。\n苍鹭帐篷的价格是 289.00 欧元。"),
    ],
)
def test_a_product_in_chinese(scorer, evidence, question, expected):
    text = (
        "双人轻量帐篷。\n苍鹭帐篷的价格是 289.00 欧元。\n苍鹭帐篷有现货。\n"
        "苍鹭帐篷的重量是 2150 克。\n类别：tents。"
    )
    found = evidence(text, kind="product", language="zh", title="苍鹭帐篷")
    draft = quote(scorer, {"现货": 0.9, "类别": 0.8}, [found], "zh", question)
    assert draft.text == expected


@pytest.mark.parametrize(
    ("question", "name"),
    [("heron 2 price", "product"), ("heron 3 price", "guide"), ("tent price", "guide")],
)
def test_a_product_that_is_named_comes_before_a_guide(scorer, evidence, question, name):
    found = [
        evidence("Tents have a price. And a weight.", 0.9, kind="faq", name="guide"),
        evidence(PRODUCT, 0.6, kind="product", title="Heron 2 tent", name="product"),
    ]
    draft = quote(scorer, {}, found, question=question)
    assert draft.citations[0].passage_id == f"en/{name}"


def test_that_a_product_is_sold_out_is_always_said(scorer, evidence):
    text = "A tent.\nHeron 2 costs EUR 289.00.\nHeron 2 is out of stock at the moment."
    found = evidence(text, kind="product", title="Heron 2")
    draft = quote(scorer, {}, [found], question="how much is the Heron 2?")
    assert draft.text == "Heron 2 costs EUR 289.00.\nHeron 2 is out of stock at the moment."


def test_sentences_within_the_margin_are_quoted_in_reading_order(scorer, evidence):
    text = "One is cheap. Two is near. Three is far. Four is best."
    draft = quote(scorer, {"Two": 0.75, "Four": 0.9, "Three": 0.6}, [evidence(text)])
    assert draft.text == "Two is near. Four is best."


def test_no_more_sentences_than_allowed(scorer, evidence):
    text = "Aa one. Aa two. Aa three. Aa four. Aa five."
    draft = quote(scorer, {"Aa": 0.9}, [evidence(text)])
    assert draft.text == "Aa one. Aa two. Aa three."


def test_a_short_faq_answer_is_quoted_whole(scorer, evidence):
    text = "Yes, for three years. The balance stays. Ask us."
    draft = quote(scorer, {"balance": 0.9}, [evidence(text, kind="faq")])
    assert draft.text == text


def test_the_citation_names_the_passage_and_quotes_it(scorer, evidence):
    draft = quote(scorer, {"60 days": 0.9}, [evidence(RETURNS)])
    [citation] = draft.citations
    assert (citation.passage_id, citation.title, citation.url) == ("en/p", "Returns", "/help/p")
    assert citation.quote == draft.text


def test_a_passage_ranked_second_with_the_nearest_sentence_is_preferred(scorer, evidence):
    draft = quote(
        scorer,
        {"balance": 0.95, "cards": 0.3},
        [
            evidence("We sell gift cards.", 0.80, name="a"),
            evidence("See your balance online.", 0.78, name="b"),
        ],
    )
    assert draft.text == "See your balance online."
    assert [citation.passage_id for citation in draft.citations] == ["en/b"]


def test_a_second_passage_as_good_that_says_other_things_is_added(scorer, evidence):
    draft = quote(
        scorer,
        {"standard": 0.9, "Express": 0.9},
        [
            evidence("Delivery standard takes two days.", 0.80, name="a"),
            evidence("Express arrives tomorrow before noon.", 0.79, name="b"),
        ],
    )
    assert draft.text == (
        "Delivery standard takes two days.\n\nExpress arrives tomorrow before noon."
    )
    assert [citation.passage_id for citation in draft.citations] == ["en/a", "en/b"]


@pytest.mark.parametrize(
    ("second", "score"),
    [
        ("Delivery standard takes only two days.", 0.80),  # says the same
        ("Express arrives tomorrow before noon.", 0.20),  # is further away
    ],
)
def test_a_second_passage_that_adds_nothing_stays_away(scorer, evidence, second, score):
    draft = quote(
        scorer,
        {"standard": 0.9, "Express": 0.9},
        [
            evidence("Delivery standard takes two days.", 0.80, name="a"),
            evidence(second, score, name="b"),
        ],
    )
    assert draft.text == "Delivery standard takes two days."


def test_without_a_sentence_there_is_no_draft(scorer, evidence):
    assert quote(scorer, {}, []) is None
    assert quote(scorer, {}, [evidence("  \n ")]) is None


def test_invisible_signs_do_not_reach_the_customer(scorer, evidence):
    draft = quote(scorer, {}, [evidence("Free\u202e of\u200b charge.\x07")])
    assert draft.text == "Free of charge."
