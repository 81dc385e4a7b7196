"""When to answer: fits the answerer's confidence, and shows what each threshold costs.

python -m evaluation.confidence                 what the thresholds cost, cross-validated
python -m evaluation.confidence --fit           print the constants of generator/evidence.py

A question counts as right when the quoted answer holds its facts. The figures are of the demo
shop's development questions, half of which the knowledge base does not answer; real customers ask
fewer of those.
"""

import argparse
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from evaluation.questions import Question, holds_facts, load_questions
from generator.evidence import signals
from generator.extractive import ExtractiveWriter
from knowledge_base.passages import LANGUAGES, Language
from retriever.build import load_searcher
from retriever.search import Searcher

_ROOT = Path(__file__).parents[1]
_PASSAGES = 5
_THRESHOLDS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7)


@dataclass(frozen=True, slots=True)
class Case:
    """One question with what the confidence is made from.

    Attributes:
        signals: as numbers, in the order of their fields.
        right: whether the quote answers the question.
    """

    question: Question
    signals: tuple[float, ...]
    right: bool


def collect(searcher: Searcher, questions: Sequence[Question]) -> list[Case]:
    """Search and quote for each question."""
    writer = ExtractiveWriter(searcher)
    cases = []
    for question in questions:
        evidence = searcher.search(question.text, question.language, _PASSAGES)
        draft = writer.write(question.text, evidence, question.language)
        answers = question.answerable and draft is not None and holds_facts(draft.text, question)
        found = signals(question.text, evidence, question.language)
        cases.append(Case(question, astuple(found), answers))
    return cases


def regression() -> LogisticRegression:
    """A logistic regression with the little regularisation that four signals need."""
    return LogisticRegression(C=10.0)


def _arrays(cases: Sequence[Case]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    return np.array([case.signals for case in cases]), np.array([case.right for case in cases])


def show(cases: Sequence[Case], language: Language) -> None:
    """Print, for each threshold, how many questions are answered rightly and wrongly."""
    found, right = _arrays(cases)
    folds = StratifiedKFold(10, shuffle=True, random_state=0)
    sure = cross_val_predict(regression(), found, right, cv=folds, method="predict_proba")[:, 1]
    answerable = np.array([case.question.answerable for case in cases])
    print(f"{language}: AUROC {roc_auc_score(right, sure):.3f}, {len(cases)} questions")
    print("threshold  right  wrong  of the unanswerable answered")
    for threshold in _THRESHOLDS:
        answered = sure >= threshold
        shares = (
            (answered & right)[answerable].mean(),
            (answered & ~right)[answerable].mean(),
            answered[~answerable].mean(),
        )
        print(f"{threshold:9.1f}", *(f"{share:6.3f}" for share in shares))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--fit", action="store_true", help="print newly fitted constants")
    parser.add_argument("--index", type=Path, default=_ROOT / "var" / "index")
    parser.add_argument("--encoder", type=Path, default=_ROOT / "var" / "models" / "minilm")
    options = parser.parse_args()
    searcher = load_searcher(options.index, options.encoder)
    questions = load_questions(_ROOT / "evaluation" / "demo_shop" / "questions.jsonl", "dev")
    for language in LANGUAGES:
        cases = collect(searcher, [q for q in questions if q.language == language])
        if options.fit:
            fitted = regression().fit(*_arrays(cases))
            weights = ", ".join(f"{weight:.2f}" for weight in fitted.coef_[0])
            print(f'"{language}": _Fit({fitted.intercept_[0]:.2f}, Signals({weights})),')
        else:
            show(cases, language)


if __name__ == "__main__":
    main()
