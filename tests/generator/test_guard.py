"""What the guard stops, and what it lets pass."""

import pytest

from generator.guard import check
from generator.writer import Citation, Draft, cite

SHIPPING = (
    "Standard delivery to the Netherlands takes 2-4 working days and costs EUR 4.95. "
    "Orders from EUR 60 are delivered free of charge. "
    "We do not deliver to PO boxes. "
    "Duties are paid by the customer, except in the UK. "
    "You can return items within 60 days. However, opened socks stay with you. "
    "Questions: help@larkfield.example or +31 10 555 0142, see larkfield.example/help."
)
SHIPPING_ZH = (
    "荷兰境内标准配送需要2-4个工作日，运费4.95欧元。满60欧元免运费。我们不寄送到邮政信箱。"
    "关税由顾客承担，英国除外。收货后60天内可以退货。但拆封的袜子不可退。"
)


def finding(evidence, text, source=SHIPPING, language="en"):
    scored = evidence(source, language=language)
    return check(Draft(text, (cite(scored.passage, source),)), [scored], language)


@pytest.mark.parametrize(
    "text",
    [
        "Standard delivery to the Netherlands takes 2 to 4 working days and costs €4.95.",
        "From EUR 60, orders are delivered free of charge.",
        "We do not deliver to PO boxes.",
        "Duties are paid by the customer, except in the UK.",
        "You can return items within sixty days. However, opened socks stay with you.",
        "Questions? Write to help@larkfield.example or see https://larkfield.example/help.",
        SHIPPING,
    ],
)
def test_a_true_answer_passes(evidence, text):
    assert finding(evidence, text) is None


@pytest.mark.parametrize(
    "text",
    [
        "荷兰标准配送需要2至4个工作日，运费为4.95欧元。",
        "我们不寄送到邮政信箱。",
        "关税由顾客承担，英国除外。",
        SHIPPING_ZH,
    ],
)
def test_a_true_chinese_answer_passes(evidence, text):
    assert finding(evidence, text, SHIPPING_ZH, "zh") is None


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "empty"),
        ("标准配送需要2-4个工作日。", "language"),
        ("Standard delivery takes 3-4 working days.", "quantity"),
        ("Standard delivery takes 2-4 days.", "quantity"),
        ("Standard delivery takes two weeks.", "quantity"),
        ("Standard delivery costs USD 4.95.", "quantity"),
        ("Standard delivery costs EUR 4.59.", "quantity"),
        ("Write to support@larkfield.example.", "contact"),
        ("See larkfield.example/refunds.", "contact"),
        ("See https://evil.example/help.", "contact"),
        ("Call +31 10 555 0143.", "contact"),
        ("Standard delivery to Brazil and to Belgium costs EUR 4.95.", "name"),
        ("Our friendly team wraps presents beautifully with ribbon and love.", "unsupported"),
        ("We deliver to PO boxes.", "negation"),
        ("Standard delivery to the Netherlands never takes 2-4 working days.", "negation"),
        ("Duties are paid by the customer.", "condition"),
        ("Only orders from EUR 60 are delivered.", "condition"),
        ("You can return items within 60 days.", "condition"),
        ("We do not deliver to PO boxes. We do not deliver to PO boxes.", "repetition"),
        ("delivered free of charge " * 4, "repetition"),
    ],
)
def test_a_false_answer_is_stopped(evidence, text, rule):
    assert finding(evidence, text).rule == rule


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Standard delivery takes 2-4 working days.", "language"),
        ("标准配送需要2-5个工作日。", "quantity"),
        ("标准配送需要2-4天。", "quantity"),
        ("运费4.95美元。", "quantity"),
        ("我们可以寄送到邮政信箱。", "negation"),
        ("关税由顾客承担。", "condition"),
        ("收货后60天内可以退货。", "condition"),
        ("我们不寄送到邮政信箱。我们不寄送到邮政信箱。", "repetition"),
    ],
)
def test_a_false_chinese_answer_is_stopped(evidence, text, rule):
    assert finding(evidence, text, SHIPPING_ZH, "zh").rule == rule


@pytest.mark.parametrize(
    ("text", "language", "source"),
    [
        (
            "Gift cards can be returned, nor can a balance be paid out.",
            "en",
            "Gift cards cannot be returned, nor can a balance be paid out.",
        ),
        ("礼品卡能退货，余额也不能提现。", "zh", "礼品卡不能退货，余额也不能提现。"),
    ],
)
def test_one_denial_of_two_is_missed(evidence, text, language, source):
    assert finding(evidence, text, source, language).rule == "negation"


def test_a_list_item_alone_does_not_say_what_the_list_says(evidence):
    source = "We cannot take back:\n• Gift cards with a balance"
    assert finding(evidence, "Gift cards with a balance.", source).rule == "negation"


def test_a_name_as_often_as_the_source_says_it_is_no_repetition(evidence):
    source = "\n".join(f"The Heron 2 tent {fact}." for fact in ("is light", "is green", "is dry"))
    assert finding(evidence, source, source) is None


def test_brands_do_not_make_a_chinese_answer_english(evidence):
    assert finding(evidence, "品牌：Cairnlight。", "品牌：Cairnlight。", "zh") is None


def test_free_must_be_said_by_the_source(evidence):
    found = finding(evidence, "Delivery is free.", "Delivery costs EUR 4.95.")
    assert found.rule == "quantity"


def test_a_fact_of_a_passage_that_is_not_cited_does_not_count(evidence):
    cited = evidence("Returns are accepted within 60 days.", name="a")
    other = evidence("Sale items are accepted within 30 days.", name="b")
    draft = Draft("Returns are accepted within 30 days.", (cite(cited.passage, ""),))
    assert check(draft, [cited, other], "en").rule == "quantity"


def test_what_an_faq_asks_is_no_fact(evidence):
    scored = evidence("We deliver to the EU.", kind="faq", title="Do you deliver to Brazil?")
    draft = Draft("We deliver to Brazil.", (cite(scored.passage, ""),))
    assert check(draft, [scored], "en").rule == "name"


def test_a_products_name_may_be_said(evidence):
    scored = evidence("It costs EUR 289.00.", kind="product", title="Heron 2 tent")
    draft = Draft("The Heron 2 tent costs EUR 289.", (cite(scored.passage, ""),))
    assert check(draft, [scored], "en") is None


@pytest.mark.parametrize("citations", [(), (Citation("en/made-up", "Made up", None, "…"),)])
def test_a_citation_must_exist(evidence, citations):
    draft = Draft("We do not deliver to PO boxes.", citations)
    assert check(draft, [evidence(SHIPPING)], "en").rule == "citation"


def test_a_finding_names_its_words(evidence):
    assert str(finding(evidence, "It costs EUR 5.95.")) == "quantity: 5.95 eur"
