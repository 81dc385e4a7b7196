from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from knowledge_base.passages import Language, Passage
from retriever.build import build_index_with, load_searcher_with
from retriever.calibration import FEATURES
from retriever.embedder import Embedder
from retriever.search import Searcher


@pytest.fixture
def searcher(embedder: Embedder, passages: list[Passage], index_dir: Path) -> Searcher:
    build_index_with(embedder, passages, index_dir)
    return load_searcher_with(embedder, index_dir)


@pytest.mark.parametrize(
    ("query", "language", "wanted"),
    [
        ("when does my parcel arrive", "en", "en/delivery"),
        ("i forgot the password", "en", "en/password"),
        ("what does the Heron 2 cost", "en", "en/tent"),
        ("We love it. Had fun in Norway. can i return an item?", "en", "en/returns"),
        ("包裹几时到", "zh", "zh/delivery"),
        ("能退货吗", "zh", "zh/returns"),
    ],
)
def test_the_answering_passage_comes_first(
    searcher: Searcher, query: str, language: Language, wanted: str
) -> None:
    found = searcher.search(query, language, k=2)
    assert found[0].passage.id == wanted
    assert len(found) == 2
    assert 1 >= found[0].score >= found[1].score >= 0


def test_passages_come_back_as_they_went_in(searcher: Searcher, passages: list[Passage]) -> None:
    found = {scored.passage for scored in searcher.search("parcel", "en", k=100)}
    assert found == {passage for passage in passages if passage.language == "en"}
    assert len(searcher) == len(passages)


def test_candidates_tell_why(searcher: Searcher) -> None:
    (first,) = searcher.candidates("When will my parcel arrive?", "en", k=1)
    told = dict(zip(FEATURES, first.similarities, strict=True))
    assert told["dense_question"] == pytest.approx(1, abs=1e-5)
    assert 1 > told["lexical_question"] > told["lexical_sentence"]


def test_chinese_is_searched_by_its_words_alone(searcher: Searcher) -> None:
    (first,) = searcher.candidates("包裹什么时候到", "zh", k=1)
    assert first.similarities[:3] == (0, 0, 0)
    assert min(first.similarities[3:5]) > 0


@pytest.mark.parametrize("query", ["", "  \n", "\0\x1b"])
def test_empty_query_finds_nothing(searcher: Searcher, query: str) -> None:
    assert searcher.search(query, "en") == []
    assert searcher.score(query, ["A.", "B."], "en") == [0, 0]


def test_language_without_passages_finds_nothing(
    embedder: Embedder, passages: list[Passage], index_dir: Path
) -> None:
    build_index_with(embedder, passages[:3], index_dir)
    searcher = load_searcher_with(embedder, index_dir)
    assert searcher.languages == ("en",)
    assert searcher.search("退货", "zh") == []
    assert searcher.score("退货", ["可以退货。"], "zh") == [0]


def test_k_below_one_is_refused(searcher: Searcher) -> None:
    with pytest.raises(ValueError, match="k = 0; expected at least 1"):
        searcher.search("delivery", "en", k=0)


def test_nearest_sentence_scores_highest(searcher: Searcher) -> None:
    sentences = ["Express arrives the next day.", "The parcel must be complete.", "Unheard words."]
    scores = searcher.score("does express arrive the next day", sentences, "en")
    assert scores[0] == max(scores)
    assert all(0 <= score <= 1 for score in scores)
    chinese = searcher.score(
        "次日达多少钱", ["标准配送需要 2-4 个工作日。", "次日达另付 9.90 欧元。"], "zh"
    )
    assert 1 >= chinese[1] > chinese[0] >= 0
    assert searcher.score("delivery", [], "en") == []


def test_known_sentences_are_not_embedded_again(searcher: Searcher, embedder: Embedder) -> None:
    before = len(embedder.embedded)  # type: ignore[attr-defined]
    searcher.score("express", ["Express arrives the next day."], "en")
    assert len(embedder.embedded) == before  # type: ignore[attr-defined]
    searcher.score("express", ["Never seen.", "Never seen."], "en")
    searcher.score("parcel", ["Never seen."], "en")
    assert embedder.embedded[before:] == ["Never seen."]  # type: ignore[attr-defined]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    query=st.text(alphabet=st.characters(), max_size=80) | st.text("退货?？ parcel.", max_size=40),
    language=st.sampled_from(["en", "zh"]),
)
@example(query="0䚓1退", language="zh")
def test_any_query_gives_scores_in_range(
    searcher: Searcher, query: str, language: Language
) -> None:
    scores = [scored.score for scored in searcher.search(query, language, k=3)]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert all(0 <= score <= 1 for score in searcher.score(query, [query, "退 a"], language))
