"""What the customer reads, whatever the writer does."""

import pytest

from generator.answer import Answerer
from generator.errors import DeadlineExceededError
from generator.writer import Draft, cite

TEXT = "You can return items within 60 days."
QUESTION = "When can I return items?"


@pytest.fixture
def quoting(writer):
    return writer("extractive").enqueue(TEXT)


def test_the_writers_answer_is_given(writer, evidence, quoting):
    found = [evidence(TEXT)]
    answer = Answerer(writer("causal").enqueue("Within 60 days you can return items."), quoting)
    got = answer.answer(QUESTION, found, "en")
    assert (got.text, got.writer) == ("Within 60 days you can return items.", "causal")
    assert (got.answered, got.reason, got.detail) == (True, None, None)
    assert got.citations == (cite(found[0].passage, TEXT),)
    assert got.evidence == tuple(found)
    assert got.language == "en"
    assert got.latency_ms >= 0


def test_no_evidence_is_no_answer(writer):
    model = writer()
    got = Answerer(model).answer(QUESTION, [], "en")
    assert (got.answered, got.reason, got.writer) == (False, "no_evidence", None)
    assert (got.citations, got.confidence) == ((), 0.0)
    assert model.asked == []


@pytest.mark.parametrize(
    ("language", "person"), [("en", ("colleague", "talk to them")), ("zh", ("人工客服",))]
)
def test_weak_evidence_is_said_honestly_with_a_person_offered(writer, evidence, language, person):
    model = writer()
    for question in ("Do you sell kayaks?", "你们卖皮划艇吗？", "kayak", "Kayaks then?", "x", "y"):
        found = [evidence("We hire out tents.", 0.02, language=language)]
        got = Answerer(model).answer(question, found, language)
        assert (got.answered, got.reason, got.citations) == (False, "weak_evidence", ())
        assert got.language == language
        assert any(words in got.text for words in person)
        assert "tents" not in got.text
    assert model.asked == []


def test_the_same_question_gets_the_same_refusal_and_others_vary(writer):
    answerer = Answerer(writer())
    texts = [answerer.answer(f"question {i}", [], "en").text for i in range(30)]
    assert texts == [answerer.answer(f"question {i}", [], "en").text for i in range(30)]
    assert len(set(texts)) == 3


def test_each_language_has_its_own_threshold(writer, evidence):
    thresholds = {"en": 0.1, "zh": 0.95}
    answerer = Answerer(writer().enqueue(TEXT), thresholds=thresholds)
    assert answerer.answer(QUESTION, [evidence(TEXT, 0.5)], "en").answered
    chinese = [evidence("60天内可以退货。", 0.5, language="zh")]
    assert answerer.answer("可以退货吗", chinese, "zh").reason == "weak_evidence"


@pytest.mark.parametrize(
    ("reply", "reason", "detail"),
    [
        ("You can return items within 90 days.", "guard", "quantity: 90 day"),
        ("You cannot return items within 60 days.", "guard", "negation"),
        (DeadlineExceededError("not done within 20 s"), "writer_silent", "not done within 20 s"),
        (RuntimeError("CUDA is gone"), "writer_silent", "RuntimeError: CUDA is gone"),
        (None, "writer_silent", "saw no answer"),
    ],
)
def test_a_failed_writer_is_replaced_by_the_quote(writer, evidence, quoting, reply, reason, detail):
    got = Answerer(writer("causal").enqueue(reply), quoting).answer(
        QUESTION, [evidence(TEXT)], "en"
    )
    assert (got.text, got.writer, got.answered) == (TEXT, "extractive", True)
    assert got.reason == reason
    assert detail in got.detail


def test_when_the_quote_fails_too_a_person_is_offered(writer, evidence):
    answerer = Answerer(writer().enqueue(None), writer().enqueue(OSError("gone")))
    got = answerer.answer(QUESTION, [evidence(TEXT)], "en")
    assert (got.answered, got.writer, got.reason) == (False, None, "writer_silent")
    assert "colleague" in got.text or "talk to them" in got.text


def test_the_quoting_writer_is_not_held_back_by_the_guard(writer, evidence):
    text = "Sent within 60 days. Sent within 60 days."
    got = Answerer(writer().enqueue(text)).answer("When sent?", [evidence(text)], "en")
    assert got.text == text


def test_the_text_is_safe_to_show(writer, evidence, quoting):
    found = evidence(TEXT)
    draft = Draft("You can\x00 return\u202e items  within 60 days.", (cite(found.passage, TEXT),))
    got = Answerer(writer().enqueue(draft), quoting).answer(QUESTION, [found], "en")
    assert got.text == TEXT


def test_naming_what_no_passage_holds_lowers_the_confidence(writer, evidence):
    answerer = Answerer(writer().enqueue(TEXT, TEXT))
    sure = answerer.answer("Can I return items?", [evidence(TEXT)], "en").confidence
    unsure = answerer.answer("Can I return dinosaurs?", [evidence(TEXT)], "en").confidence
    assert sure > unsure


@pytest.mark.parametrize(
    ("question", "text", "language", "answered"),
    [
        ("how much is your tent", "This tent costs EUR 99.", "en", True),
        ("your cheapest tent", "This tent costs EUR 99.", "en", False),
        ("your lightest tent", "Our lightest tent.", "en", True),
        ("帐篷多少钱", "帐篷的价格是 99 欧元。", "zh", True),
        ("最便宜的帐篷", "帐篷的价格是 99 欧元。", "zh", False),
    ],
)
def test_one_product_is_no_answer_to_which_is_the_most(
    writer, evidence, question, text, language, answered
):
    found = [evidence(text, kind="product", language=language, title="Tent")]
    answerer = Answerer(writer().enqueue(text), thresholds={"en": 0.4, "zh": 0.4})
    assert answerer.answer(question, found, language).answered is answered


@pytest.mark.parametrize("thresholds", [{"en": 0.5}, {"en": 0.5, "zh": 1.5}])
def test_a_threshold_that_makes_no_sense_is_refused(writer, thresholds):
    with pytest.raises(ValueError, match=r"threshold for 'zh' is .*, expected a number"):
        Answerer(writer(), thresholds=thresholds)
