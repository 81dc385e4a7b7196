"""How often the passage that answers comes first, and whether the score can be believed.

python -m evaluation.retrieval                 measure on the development questions
python -m evaluation.retrieval --fit           print the calibration fitted on them
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from evaluation.calibration_error import expected_calibration_error
from evaluation.questions import Question, holds_facts, load_questions
from evaluation.search_sets import Query, load_query_set, with_history
from knowledge_base.load import load_passages
from knowledge_base.passages import LANGUAGES, Language, Passage
from retriever.build import build_index, load_searcher
from retriever.calibration import Calibration
from retriever.fitting import Example, fit_calibration
from retriever.search import Candidate, Searcher

_ROOT = Path(__file__).parents[1]
_ALL = 50


@dataclass(frozen=True, slots=True)
class Report:
    """Measures in one language; shares from 0 to 1.

    Attributes:
        recall: by k, the share of answerable questions with a passage that holds the facts among
            the first k.
        auroc: of the first score, for telling answerable questions from others; 0.5 is chance.
        ece: expected calibration error: how far the first score is from how often that passage
            answers, in ten bins of equal width.
        p50_ms: median time of a search.
        p95_ms: time that 95 of 100 searches stay under.
    """

    questions: int
    recall: Mapping[int, float]
    auroc: float
    ece: float
    p50_ms: float
    p95_ms: float


def answers(passage: Passage, question: Question) -> bool:
    """Whether ``passage`` holds the facts that ``question`` asks for."""
    return bool(question.facts) and holds_facts(f"{passage.title}\n{passage.text}", question)


def evaluate(searcher: Searcher, items: Sequence[Question], cutoffs: Sequence[int]) -> Report:
    """Measure ``searcher`` on questions of one language, answerable and not.

    Raises:
        ValueError: when ``items`` lacks one of the two.
    """
    answerable = [bool(item.facts) for item in items]
    if len(set(answerable)) < 2:
        raise ValueError(f"{len(items)} questions; expected answerable ones and others")
    times, tops, first_right = [], [], []
    ranks: list[int | None] = []
    for item in items:
        begin = time.perf_counter()
        found = searcher.search(item.text, item.language, k=max(cutoffs))
        times.append((time.perf_counter() - begin) * 1000)
        right = [answers(scored.passage, item) for scored in found]
        tops.append(found[0].score if found else 0.0)
        first_right.append(bool(right and right[0]))
        if item.facts:
            ranks.append(right.index(True) if any(right) else None)
    return Report(
        questions=len(items),
        recall={
            k: sum(rank is not None and rank < k for rank in ranks) / len(ranks) for k in cutoffs
        },
        auroc=float(roc_auc_score(answerable, tops)),
        ece=expected_calibration_error(np.array(tops), np.array(first_right)),
        p50_ms=statistics.median(times),
        p95_ms=float(np.percentile(times, 95)),
    )


def fit(
    passages: Sequence[Passage],
    items: Sequence[Question],
    queries: Sequence[Query],
    encoder: Path,
) -> dict[Language, Calibration]:
    """The calibration of each language: ranking from all, what a score means from ``items``.

    Beside ``items`` and ``queries``, one phrasing of each FAQ entry is taken out of the index and
    asked, and every product by its name: the questions written for measuring are few.
    """
    kept, held_out = _hold_out(passages)
    with tempfile.TemporaryDirectory() as folder:
        # Into the same folder, one after the other: the second needs few new embeddings.
        build_index(passages, encoder, folder)
        whole = load_searcher(folder, encoder)
        build_index(kept, encoder, folder)
        without = load_searcher(folder, encoder)
    fitted: dict[Language, Calibration] = {}
    for language in LANGUAGES:
        judged = [
            Example(found, [answers(candidate.passage, item) for candidate in found])
            for item in items
            if item.language == language and (found := whole.candidates(item.text, language, _ALL))
        ]
        asked = [
            Example(found, [candidate.passage.id == wanted for candidate in found])
            for text, wanted in held_out[language]
            if (found := _without_policies(without.candidates(text, language, _ALL)))
        ]
        # A product's name, typed as it stands, asks for that product.
        named = [
            Example(found, [candidate.passage.id == product.id for candidate in found])
            for product in passages
            if (product.kind, product.language) == ("product", language)
            and (found := whole.candidates(product.title, language, _ALL))
        ]
        paraphrased = [
            Example(found, [candidate.passage.id in query.relevant for candidate in found])
            for query in queries
            if query.language == language
            and (found := whole.candidates(with_history(query), language, _ALL))
        ]
        # Not judged by: half of the queries were made so that what does not answer looks as if.
        fitted[language] = fit_calibration([judged, asked, named, paraphrased], judged)
    return fitted


def _hold_out(
    passages: Sequence[Passage],
) -> tuple[list[Passage], dict[Language, list[tuple[str, str]]]]:
    kept: list[Passage] = []
    held_out: dict[Language, list[tuple[str, str]]] = {language: [] for language in LANGUAGES}
    for passage in passages:
        if len(passage.questions) > 1:
            *questions, asked = passage.questions
            held_out[passage.language].append((asked, passage.id))
            passage = replace(passage, questions=tuple(questions))
        kept.append(passage)
    return kept, held_out


def _without_policies(found: Sequence[Candidate]) -> list[Candidate]:
    """A policy often says the same as the FAQ entry that is looked for: neither right nor wrong."""
    return [candidate for candidate in found if candidate.passage.kind != "policy"]


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fit", action="store_true", help="print a newly fitted calibration")
    parser.add_argument("--split", default="dev", choices=("dev", "test", "held_out", "plain"))
    parser.add_argument("--content", type=Path, default=_ROOT / "knowledge_base" / "content")
    parser.add_argument("--index", type=Path, default=_ROOT / "var" / "index")
    parser.add_argument("--encoder", type=Path, default=_ROOT / "var" / "models" / "minilm")
    options = parser.parse_args()
    split = "dev" if options.fit else options.split
    items = load_questions(_ROOT / "evaluation" / "demo_shop" / "questions.jsonl", split)
    if options.fit:
        passages = load_passages(options.content)
        queries = load_query_set(_ROOT / "evaluation/demo_shop/retrieval.jsonl", passages, split)
        for language, calibration in fit(passages, items, queries, options.encoder).items():
            print(f"{language}: {calibration}")
        return
    searcher = load_searcher(options.index, options.encoder)
    for language in searcher.languages:
        of_language = [item for item in items if item.language == language]
        print(
            json.dumps({"language": language, **asdict(evaluate(searcher, of_language, (1, 3, 5)))})
        )


if __name__ == "__main__":
    _main()
