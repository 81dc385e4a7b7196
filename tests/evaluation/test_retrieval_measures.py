import pytest

from evaluation.questions import Question
from evaluation.retrieval import answers, evaluate
from knowledge_base.passages import Language, Passage, ScoredPassage


def passage(name: str, text: str) -> Passage:
    return Passage(f"en/{name}", "faq", "en", name, text, f"{name}.md", 1)


DELIVERY = passage("delivery", "Takes 2-4 working days and costs EUR 1,500.")
RETURNS = passage("returns", "You have 60 days.")


class Scripted:
    """Gives what each question is told to find."""

    def __init__(self, found: dict[str, list[ScoredPassage]]) -> None:
        self.found = found

    def search(self, query: str, language: Language, k: int = 5) -> list[ScoredPassage]:
        return self.found[query][:k]


def question(text: str, *facts: tuple[str, ...]) -> Question:
    return Question(text, "en", "dev", text, bool(facts), facts)


@pytest.mark.parametrize(
    ("facts", "right"),
    [
        ([("2 - 4",)], True),
        ([("EUR1500",), ("2-4", "two to four")], True),
        ([("2-4",), ("60 days",)], False),
        ([], False),
    ],
)
def test_facts(facts: list[tuple[str, ...]], right: bool) -> None:
    assert answers(DELIVERY, question("How long?", *facts)) is right


def test_measures() -> None:
    searcher = Scripted(
        {
            "first": [ScoredPassage(DELIVERY, 0.95), ScoredPassage(RETURNS, 0.1)],
            "second": [ScoredPassage(RETURNS, 0.55), ScoredPassage(DELIVERY, 0.5)],
            "never": [ScoredPassage(RETURNS, 0.65)],
            "none": [ScoredPassage(RETURNS, 0.6)],
            "empty": [],
        }
    )
    items = [question(text, ("2-4",)) for text in ("first", "second", "never")]
    items += [question(text) for text in ("none", "empty")]
    report = evaluate(searcher, items, (1, 2))  # type: ignore[arg-type]
    assert report.recall == {1: pytest.approx(1 / 3), 2: pytest.approx(2 / 3)}
    assert report.auroc == pytest.approx(5 / 6)
    # Bins: 0.95 right; 0.55 wrong; 0.65 and 0.6 wrong; 0 wrong.
    assert report.ece == pytest.approx((0.05 + 0.55 + 0.65 + 0.6 + 0) / 5)
    assert report.p95_ms >= report.p50_ms >= 0


def test_answerable_questions_alone_are_refused() -> None:
    with pytest.raises(ValueError, match="1 questions; expected answerable ones and others"):
        evaluate(Scripted({}), [question("q", ("a",))], (1,))  # type: ignore[arg-type]
