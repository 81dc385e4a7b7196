"""The demo shop's retrieval queries: readable, labelled with what exists, balanced."""

import json
import re
from collections import Counter

import pytest

from knowledge_base.load import load_passages
from knowledge_base.passages import LANGUAGES
from shopdesk.settings import ROOT

PASSAGES = load_passages(ROOT / "knowledge_base" / "content")
DEMO = ROOT / "evaluation" / "demo_shop"
FIELDS = {"id", "query", "relevant", "language", "answerable", "split", "kind"}
KINDS = {"faq": "faq", "page": "policy", "product": "product"}


def lines(name: str) -> list[dict]:
    return [json.loads(line) for line in (DEMO / name).read_text(encoding="utf-8").splitlines()]


QUERIES = lines("retrieval.jsonl")


def spelt(text: str) -> str:
    """``text`` as two people may both have typed it: no case, no punctuation, no double spaces."""
    return " ".join(re.sub(r"[\W_]+", " ", text.casefold()).split())


def test_every_line_has_its_fields():
    for query in QUERIES:
        assert FIELDS <= query.keys() <= FIELDS | {"history"}, query["id"]
        assert query["query"] == query["query"].strip() != "", query["id"]
        assert query["language"] in LANGUAGES, query["id"]
        assert query["split"] in ("dev", "test"), query["id"]
        assert all(turn.strip() for turn in query.get("history", ["-"])), query["id"]
        assert query.get("history") != [], query["id"]
        group = "a" if query["answerable"] else "u"
        assert re.fullmatch(rf"{query['language']}-{group}-\d{{3}}", query["id"])


def test_ids_are_unique():
    assert max(Counter(query["id"] for query in QUERIES).values()) == 1


def test_labels_are_passages_of_the_querys_language():
    languages = {passage.id: passage.language for passage in PASSAGES}
    for query in QUERIES:
        assert bool(query["relevant"]) is query["answerable"], query["id"]
        assert len(set(query["relevant"])) == len(query["relevant"]), query["id"]
        for label in query["relevant"]:
            assert languages.get(label) == query["language"], (query["id"], label)


def test_the_kind_says_where_the_answer_stands():
    kinds = {passage.id: passage.kind for passage in PASSAGES}
    for query in QUERIES:
        if not query["answerable"]:
            assert query["kind"] == "unanswerable", query["id"]
        elif "history" in query:
            assert query["kind"] == "followup", query["id"]
        else:
            assert KINDS[query["kind"]] == kinds[query["relevant"][0]], query["id"]


def test_nearly_every_passage_is_asked_for():
    # All of them were when the queries were written; content may be added without new queries.
    asked = {label for query in QUERIES for label in query["relevant"]}
    assert len(asked) >= 0.95 * len(PASSAGES)


def test_nothing_is_asked_twice():
    asked = Counter(
        (query["language"], spelt(query["query"]), tuple(map(spelt, query.get("history", []))))
        for query in QUERIES
    )
    assert [words for words, count in asked.items() if count > 1] == []


def test_nothing_is_copied_from_the_content_or_the_other_questions():
    taken = {spelt(words) for passage in PASSAGES for words in (passage.title, *passage.questions)}
    taken |= {spelt(question["question"]) for question in lines("questions.jsonl")}
    assert [q["id"] for q in QUERIES if "history" not in q and spelt(q["query"]) in taken] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_enough_of_each_sort(language):
    of_language = [query for query in QUERIES if query["language"] == language]
    assert sum(query["answerable"] for query in of_language) >= 240
    assert sum(query["kind"] == "followup" for query in of_language) >= 40
    assert sum(not query["answerable"] for query in of_language) >= 220


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [*KINDS, "followup", "unanswerable"])
def test_half_are_for_fitting_and_half_for_reporting(language, kind):
    splits = Counter(q["split"] for q in QUERIES if (q["language"], q["kind"]) == (language, kind))
    assert abs(splits["dev"] - splits["test"]) <= max(2, 0.05 * splits.total())
