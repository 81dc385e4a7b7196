"""The guard on the demo shop's own words: true as they stand, false with one thing changed."""

import re
from pathlib import Path

import pytest

from generator.guard import check
from generator.writer import Draft, cite
from knowledge_base.load import load_passages
from knowledge_base.passages import ScoredPassage
from knowledge_base.sentences import split_sentences

pytestmark = pytest.mark.integration

CONTENT = Path(__file__).parents[2] / "knowledge_base" / "content"


@pytest.fixture(scope="module")
def passages():
    return load_passages(CONTENT)


def finding(text, passage):
    return check(
        Draft(text, (cite(passage, text),)), [ScoredPassage(passage, 0.9)], passage.language
    )


def test_every_passage_may_be_said_as_it_stands(passages):
    caught = {passage.id: finding(passage.text, passage) for passage in passages}
    assert {name: str(found) for name, found in caught.items() if found} == {}


@pytest.mark.parametrize(
    ("pattern", "instead"),
    [
        (r"(?<=EUR )\d+", "7777"),
        (r"\d+(?=[ -]working days)", "77"),
        (r"\bworking days\b", "weeks"),
        (r"\bEUR\b", "USD"),
        (r"\d+(?= ?个工作日)", "77"),
        (r"个工作日", "周"),
        (r"(?<=\d )欧元", "美元"),
        (r"\b(is|are|can|do|does) not\b", r"\1"),
        (r"\bcannot\b", "can"),
        (r"不能", "能"),
        (r"不会", "会"),
        (r"larkfield\.example", "larkfie1d.example"),
    ],
)
def test_hardly_a_sentence_with_one_thing_changed_gets_through(passages, pattern, instead):
    changed = [
        (re.sub(pattern, instead, sentence.text, count=1), passage)
        for passage in passages
        if passage.kind != "product"
        for sentence in split_sentences(passage.text)
        if re.search(pattern, sentence.text)
    ]
    assert len(changed) >= 5
    missed = [text for text, passage in changed if finding(text, passage) is None]
    # What is left: a passage that says both, as "USD" beside "EUR" where it speaks of both.
    assert len(missed) <= 0.05 * len(changed), missed
