import json
from pathlib import Path

import pytest

from evaluation.public_sets import covid_faq, doc2dial
from evaluation.questions import QuestionsError
from evaluation.search_sets import Query, load_passage_set, load_query_set

PASSAGE = {"id": "returns#1", "text": "You have 60 days.", "title": "Returns"}


def lines(path: Path, *rows: object) -> Path:
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows))
    return path


def test_passages(tmp_path: Path) -> None:
    faq = {"id": "faq", "text": "两天。", "question": "多久到？", "language": "zh"}
    page, entry = load_passage_set(lines(tmp_path / "p", PASSAGE, "", faq))
    assert (page.kind, page.language, page.title, page.questions) == ("policy", "en", "Returns", ())
    assert (entry.kind, entry.language, entry.title) == ("faq", "zh", "多久到？")
    assert entry.questions == ("多久到？",)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "p is empty, expected a JSON object a line"),
        (["{"], "p:1: .*, expected JSON"),
        (["[]"], r"p:1: \[\], expected a JSON object"),
        ([{"id": "a"}], "p:1: text is None, expected a text"),
        ([{**PASSAGE, "text": " "}], "p:1: text is ' ', expected a text"),
        ([{**PASSAGE, "id": 3}], "p:1: id is 3, expected a text"),
        ([{**PASSAGE, "title": ["a"]}], "p:1: title is"),
        ([PASSAGE, {**PASSAGE, "language": "fr"}], "p:2: language is 'fr', expected one of"),
        ([PASSAGE, PASSAGE], "p: the id 'returns#1' stands twice"),
    ],
)
def test_what_is_no_passage_is_told_apart(tmp_path: Path, rows: list[object], message: str) -> None:
    with pytest.raises(QuestionsError, match=message):
        load_passage_set(lines(tmp_path / "p", *rows))


def test_what_is_no_text_file(tmp_path: Path) -> None:
    (tmp_path / "p").write_bytes(b'{"id": "\xff"}')
    with pytest.raises(QuestionsError, match="expected UTF-8"):
        load_passage_set(tmp_path / "p")


def test_queries_for_passages_and_for_documents(tmp_path: Path) -> None:
    passages = load_passage_set(lines(tmp_path / "p", PASSAGE, {**PASSAGE, "id": "returns#2"}))
    asked = {"query": "How long?", "history": ["newest", "older"]}
    path = lines(
        tmp_path / "q",
        {**asked, "relevant": ["returns"]},
        {**asked, "relevant": ["returns#2"]},
        {"query": "Why?", "relevant": []},
    )
    of_document, of_passage, unanswerable = load_query_set(path, passages)
    assert of_document.history == ("newest", "older")
    assert of_document.ranked(["x#1", "returns#2", "returns#1"]) == ("x", "returns")
    assert of_passage.ranked(["returns#1", "returns#2"]) == ("returns#1", "returns#2")
    assert unanswerable == Query("Why?", "en", frozenset())


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"query": "a"}, "q:1: relevant is None, expected a list of texts"),
        ({"query": "a", "relevant": "b"}, "q:1: relevant is 'b', expected a list of texts"),
        ({"query": "a", "relevant": [], "history": [1]}, "q:1: history is"),
        ({"query": "a", "relevant": ["shipping"]}, "q:1: relevant holds 'shipping'"),
        ({"query": "", "relevant": []}, "q:1: query is ''"),
    ],
)
def test_what_is_no_query_is_told(tmp_path: Path, row: object, message: str) -> None:
    passages = load_passage_set(lines(tmp_path / "p", PASSAGE))
    with pytest.raises(QuestionsError, match=message):
        load_query_set(lines(tmp_path / "q", row), passages)


def test_one_split_of_the_queries(tmp_path: Path) -> None:
    passages = load_passage_set(lines(tmp_path / "p", PASSAGE))
    rows = [{"query": split, "relevant": [], "split": split} for split in ("dev", "test")]
    path = lines(tmp_path / "q", *rows)
    assert [query.text for query in load_query_set(path, passages, "test")] == ["test"]
    with pytest.raises(QuestionsError, match="no query of the split 'train'"):
        load_query_set(path, passages, "train")


def compressed(path: Path, *rows: object) -> None:
    import lzma

    path.parent.mkdir(exist_ok=True)
    path.write_bytes(lzma.compress("\n".join(map(json.dumps, rows)).encode()))


def test_doc2dial(tmp_path: Path) -> None:
    sentence = "A sentence of the page that is long enough to fill it. "
    compressed(tmp_path / "documents.jsonl.xz", {"title": "Moving#3_0", "text": sentence * 20})
    said = "user:And abroad? \tagent:Within ten days.\tuser:When must I tell?"
    compressed(tmp_path / "turns.jsonl.xz", {"history": said, "title": "Moving#3_0"})
    passages, queries = doc2dial(tmp_path)
    assert [row["id"] for row in passages] == ["Moving#3_0#0", "Moving#3_0#1"]
    assert all(len(row["text"]) <= 900 and row["title"] == "Moving" for row in passages)
    assert queries == [
        {
            "query": "And abroad?",
            "history": ["agent:Within ten days.", "When must I tell?"],
            "relevant": ["Moving#3_0"],
        }
    ]


def test_covid_faq(tmp_path: Path) -> None:
    compressed(
        tmp_path / "pairs.jsonl.xz",
        {"label": 1, "query_type": "faq", "question": "What is it?", "answer": "A virus."},
        {"label": 1, "query_type": "user_query", "question": "wat is it", "answer": "A virus."},
        {"label": 0, "query_type": "user_query", "question": "where", "answer": "A virus."},
    )
    passages, queries = covid_faq(tmp_path)
    assert passages == [{"id": "0", "question": "What is it?", "text": "A virus."}]
    assert queries == [{"query": "wat is it", "relevant": ["0"]}]
