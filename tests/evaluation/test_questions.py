"""Reading question files and judging answers."""

import pytest

from evaluation.chat import Outcome, summary
from evaluation.questions import Question, QuestionsError, holds_facts, load_questions, percentile
from shopdesk.settings import ROOT


def question(*facts: tuple[str, ...], answerable: bool = True) -> Question:
    return Question("q", "en", "test", "How long?", answerable, facts)


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ("It takes 2-4 working days and costs EUR 1,500.", True),
        ("2 to 4 days; eur1500", True),
        ("It takes 2-4 working days.", False),
        ("EUR 1500", False),
        ("", False),
    ],
)
def test_every_fact_is_needed_in_any_spelling(answer, right):
    asked = question(("2-4", "2 to 4"), ("EUR 1,500", "1500 euros"))
    assert holds_facts(answer, asked) is right


def test_the_demo_shops_questions_are_all_readable():
    path = ROOT / "evaluation/demo_shop/questions.jsonl"
    test = load_questions(path, "test")
    assert sum(q.answerable for q in test) == 20
    assert sum(not q.answerable for q in test) == 6
    assert all(q.facts for q in test if q.answerable)
    assert len({q.text for q in load_questions(path)}) == len(load_questions(path))


@pytest.mark.parametrize("line", ["{", "[]", '{"id": "1"}', '{"id":"1","language":"de",'
    '"split":"t","question":"q","answerable":true}'])  # fmt: skip
def test_a_broken_line_is_named(tmp_path, line):
    path = tmp_path / "questions.jsonl"
    path.write_text("\n" + line)
    with pytest.raises(QuestionsError, match=r"questions\.jsonl:2: .*expected"):
        load_questions(path)


def test_an_empty_split_is_refused(tmp_path):
    path = tmp_path / "questions.jsonl"
    path.write_text("")
    with pytest.raises(QuestionsError, match="no questions of the split 'dev'"):
        load_questions(path, "dev")


def test_summary_counts_wrong_answers_apart_from_missing_ones():
    known, unknown = question(("x",)), question(answerable=False)
    outcomes = [
        Outcome(known, "x", ("p",), answered=True, right=True, milliseconds=10),
        Outcome(known, "y", ("p",), answered=True, right=False, milliseconds=20),
        Outcome(known, "?", (), answered=False, right=False, milliseconds=30),
        Outcome(unknown, "?", (), answered=False, right=True, milliseconds=40),
        Outcome(unknown, "z", ("p",), answered=True, right=False, milliseconds=50),
    ]
    figures = summary(outcomes)
    assert (figures["right"], figures["wrong"], figures["not_answered"]) == (1, 1, 1)
    assert (figures["unanswerable"], figures["refused"]) == (2, 1)
    assert figures["p50_ms"] == 30


def test_percentile_is_one_of_the_values():
    assert percentile([5.0], 0.95) == 5
    assert percentile([1, 2, 3, 4, 100], 0.5) == 3
    assert percentile([1, 2, 3, 4, 100], 1) == 100
