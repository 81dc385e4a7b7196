"""The measures of the intent model, on a small world of two languages."""

import json
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from evaluation.calibration_error import expected_calibration_error
from evaluation.intents import (
    Classifier,
    Message,
    Prediction,
    cross_validate,
    evaluate,
    learning_curve,
    load_messages,
    own_examples,
    report,
    shipped_threshold,
)
from evaluation.questions import QuestionsError

WORDS = ("parcel", "order", "hello", "thanks", "包裹", "你好")
PARCELS = [f"{a} {b}" for a in ("my parcel", "the parcel") for b in "abcdefg"]
GREETINGS = [f"hello {b}" for b in "abcdefghijklmn"]
CHINESE = [(f"我的包裹{b}", "track_order") for b in "甲乙丙丁戊己庚"] + [
    (f"你好{b}", "greet") for b in "甲乙丙丁戊己庚"
]
EXAMPLES = [
    *(Message(text, "track_order", "en") for text in PARCELS),
    *(Message(text, "greet", "en") for text in GREETINGS),
    *(Message(text, intent, "zh") for text, intent in CHINESE),
]


class Words:
    """An encoder that counts a few words, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def vectors(self, texts: Sequence[str], language: str) -> npt.NDArray[np.float32]:
        self.asked += [(text, language) for text in texts]
        counts = [[text.count(word) for word in WORDS] for text in texts]
        rows = np.array(counts, np.float32).reshape(-1, len(WORDS))
        rows += 0.01
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def prediction(intent: str, taken: str, confidence: float, language: str = "en") -> Prediction:
    return Prediction(Message("x", intent, language), taken, confidence)


def test_each_language_is_read_by_a_model_of_its_own() -> None:
    reader = Words()
    classifier = Classifier(reader)
    classifier.train(EXAMPLES)

    found = classifier.predict([Message("包裹呢", "track_order", "zh"), Message("hello", "", "en")])

    assert [p.intent for p in found] == ["track_order", "greet"]
    assert reader.asked[-2:] == [("包裹呢", "zh"), ("hello", "en")]


def test_a_few_messages_without_letters_make_no_model_of_their_own() -> None:
    reader = Words()
    classifier = Classifier(reader)
    english = [m for m in EXAMPLES if m.language == "en"]

    classifier.train([*english, Message("1000", "greet", "en")])

    assert {language for _, language in reader.asked} == {"en"}
    assert len(classifier.predict([Message("42", "greet", "en")])) == 1


def test_predictions_stand_in_the_order_of_the_messages() -> None:
    classifier = Classifier(Words())
    classifier.train(EXAMPLES)
    asked = [EXAMPLES[0], EXAMPLES[-1], EXAMPLES[20]]

    assert [p.message for p in classifier.predict(asked)] == asked


def test_the_report_counts_by_intent_and_not_by_message() -> None:
    known = [prediction("a", "a", 0.9)] * 8 + [prediction("b", "a", 0.6)] * 2

    found = report(known, [], 0.5)

    assert found.accuracy == pytest.approx(0.8)
    assert found.macro_recall == pytest.approx(0.5)
    assert found.macro_precision == pytest.approx(0.4)
    assert found.confusions == (("b", "a", 2),)
    assert found.out_of_scope_auroc is None
    assert found.kept == 1


def test_what_fits_no_intent_is_told_by_the_confidence() -> None:
    known = [prediction("a", "a", 0.9), prediction("a", "a", 0.4)]
    unknown = [prediction("", "a", 0.5), prediction("", "a", 0.1)]

    found = report(known, unknown, 0.45)

    assert found.out_of_scope_auroc == pytest.approx(0.75)
    assert found.out_of_scope_recall == pytest.approx(0.5)
    assert found.kept == pytest.approx(0.5)


def test_the_calibration_error_is_the_distance_between_claim_and_truth() -> None:
    sure = np.array([0.95, 0.95, 0.25, 0.25])

    assert expected_calibration_error(sure, np.array([1, 1, 0, 0])) == pytest.approx(0.15)
    assert expected_calibration_error(np.array([1.0]), np.array([1])) == 0


def test_training_and_measuring_goes_through_the_shipped_pipeline() -> None:
    found, seconds, predictions = evaluate(
        EXAMPLES, EXAMPLES[:4], [Message("thanks", "", "en")], Words(), 0.5
    )

    assert found.accuracy == 1
    assert found.out_of_scope_auroc == 1
    assert seconds > 0
    assert len(predictions) == 4


def test_cross_validation_tells_each_message_once_by_a_model_that_has_not_seen_it() -> None:
    many = [m for m in EXAMPLES if m.language == "en"]

    predictions = cross_validate(many, Words(), folds=2)

    assert sorted(p.message.text for p in predictions) == sorted(m.text for m in many)
    assert report(predictions, [], 0.5).macro_f1 == 1


def test_the_learning_curve_grows_with_the_examples() -> None:
    curve = learning_curve(EXAMPLES, EXAMPLES[:20], Words(), shares=(0.75, 1.0))

    assert list(curve) == ["en"]
    assert [point["examples"] for point in curve["en"]] == [22, 28]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "found no JSON"),
        ("[]", 'expected "text" and "intent"'),
        ('{"intent": "greet"}', 'expected "text" and "intent"'),
        ('{"text": "hi"}', 'found no "intent"'),
        ('{"text": "hi", "intent": 7}', 'expected "text" and "intent"'),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, line: str, told: str) -> None:
    file = tmp_path / "messages.jsonl"
    good = json.dumps({"text": "hi", "intent": "greet"})
    file.write_text(f"{good}\n\n{line}\n", encoding="utf-8")

    with pytest.raises(QuestionsError, match=told) as raised:
        load_messages(file)

    assert "messages.jsonl:3" in str(raised.value)


def test_an_empty_file_and_a_missing_one_are_told(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("\n")

    with pytest.raises(QuestionsError, match="holds no line"):
        load_messages(tmp_path / "empty.jsonl")
    with pytest.raises(QuestionsError, match="no readable"):
        load_messages(tmp_path / "gone.jsonl")


def test_messages_without_an_intent_are_read_where_none_is_wanted(tmp_path: Path) -> None:
    file = tmp_path / "unknown.jsonl"
    file.write_text('{"text": "what is love"}\n{"text": "爱是什么", "intent": null}\n')

    assert [(m.intent, m.language) for m in load_messages(file, labelled=False)] == [
        ("", "en"),
        ("", "zh"),
    ]


def test_the_bots_own_examples_and_threshold_are_found() -> None:
    assert {"track_order", "greet"} <= {m.intent for m in own_examples("zh")}
    assert 0 < shipped_threshold() < 1


def spelt(text: str) -> str:
    """The text without case, punctuation and spaces."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold()) or text


def test_no_message_written_apart_stands_among_the_examples() -> None:
    apart = load_messages(Path(__file__).parents[2] / "evaluation/demo_shop/messages.jsonl")
    seen = {spelt(m.text) for language in ("en", "zh") for m in own_examples(language)}

    assert len(apart) >= 300
    assert [m.text for m in apart if spelt(m.text) in seen] == []
