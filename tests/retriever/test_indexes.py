"""Each measure of nearness by itself: what it finds in all units, and in a part of a large one."""

from collections.abc import Sequence

import bm25s
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retriever import lexical
from retriever.ann import Ann
from retriever.dense import DenseIndex, Texts, kind_for, single
from retriever.errors import StaleIndexError
from retriever.lexical import LexicalIndex, Lexicon
from retriever.matches import Layout
from retriever.postings import K1, B, count
from retriever.tokens import tokens

VECTORS = np.eye(4, dtype=np.float32)
TEXTS = ["how long does delivery take", "can I return a tent", "delivery of a tent abroad"]
GROUPS = Layout(np.array([0, 2, 3, 4]))
EACH = np.arange(4, dtype=np.int32)


def dense(layout: Layout = GROUPS) -> DenseIndex:
    return DenseIndex(VECTORS, Texts.grouped(EACH, 4), layout)


def coverage(texts: Sequence[str], question: str) -> np.ndarray:
    lexicon = Lexicon([count(texts, "en")], "en")
    matches = lexicon.matches(lexicon.ask(question), 0, Layout(np.arange(len(texts) + 1)))
    return matches.of(np.arange(len(texts)))


def test_the_best_vector_of_a_passage_counts() -> None:
    matches = dense().matches(np.array([0.1, 0.8, 0.5, 0.2], dtype=np.float32))
    assert matches.best(2).ranked().tolist() == [0, 1]
    assert matches.best(9).ranked().tolist() == [0, 1, 2]
    assert matches.of(np.array([3, 1])) == pytest.approx([0.2, 0.8])
    assert matches.of(np.array([], dtype=np.int64)).shape == (0,)


def test_what_is_deleted_is_not_found() -> None:
    layout = Layout(GROUPS.starts, np.array([False, True, True]))
    matches = dense(layout).matches(np.array([0.1, 0.8, 0.5, 0.2], dtype=np.float32))
    assert matches.best(1).ranked().tolist() == [1]
    assert matches.best(9).ranked().tolist() == [1, 2]


def test_a_vector_that_is_no_number_is_told() -> None:
    vectors = VECTORS.copy()
    vectors[1, 2] = np.nan
    index = DenseIndex.of_vectors(vectors)
    with pytest.raises(StaleIndexError, match="damaged"):
        index.matches(np.array([1, 0, 0, 0], dtype=np.float32))


def test_half_floats_become_single_ones_exactly() -> None:
    bits = np.arange(2**16, dtype=np.uint16).view(np.float16)
    finite = bits[np.isfinite(bits)]
    assert np.array_equal(single(finite), finite.astype(np.float32))
    assert np.all(np.abs(single(bits[~np.isfinite(bits)])) >= 2**16)


@pytest.mark.parametrize("kind", ["hnsw", "ivfpq"])
def test_large_indexes_find_what_comparing_all_finds(kind: str) -> None:
    rng = np.random.default_rng(1)
    middles = rng.standard_normal((40, 32))
    vectors = (middles[rng.integers(0, 40, 3000)] + 0.3 * rng.standard_normal((3000, 32))).astype(
        np.float32
    )
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    ann = Ann.build(kind, lambda start, end: vectors[start:end], *vectors.shape)  # type: ignore[arg-type]
    units = np.arange(3000, dtype=np.int32)
    alive = rng.random(1500) > 0.2
    layout = Layout(np.arange(0, 3001, 2), alive)
    exact = DenseIndex(vectors, Texts.grouped(units, 3000), layout)
    near = DenseIndex(vectors.astype(np.float16), Texts.grouped(units, 3000), layout, ann)
    found = 0
    for query in vectors[:50]:
        wanted, got = exact.matches(query).best(10), near.matches(query).best(50)
        assert np.all(alive[got.rows])
        found += len(set(wanted.rows) & set(got.rows))
        places = near.matches(query).of(np.array([5, 1, 5]))
        assert places == pytest.approx(exact.matches(query).of(np.array([5, 1, 5])), abs=2e-3)
    assert found >= 0.95 * 500


def test_the_kind_goes_by_the_size() -> None:
    assert [kind_for(size).kind for size in (0, 20_000, 20_001, 600_000, 600_001)] == [
        *("flat", "flat", "hnsw", "hnsw", "ivfpq")
    ]
    assert kind_for(50_000, "flat").kind == "flat"
    assert kind_for(50_000, "ivfpq").reason == "as the settings ask for"
    assert kind_for(10, "ivfpq").kind == "flat"


def test_coverage_is_the_share_of_the_question() -> None:
    delivery = coverage(TEXTS, "delivery take")
    assert delivery[0] > delivery[2] > delivery[1] == 0
    assert 0 < delivery[0] < 1
    assert coverage(TEXTS, "delivery take unknownword")[0] < delivery[0]
    assert coverage(TEXTS, "?!").tolist() == [0, 0, 0]
    assert LexicalIndex(TEXTS, "en").best("delivery take", 2).ranked().tolist() == [0, 2]


def test_rare_words_tell_more() -> None:
    lexicon = Lexicon([count(TEXTS, "en")], "en")
    weights = [lexicon.weight(token) for token in ("unknown", "return", "tent")]
    assert weights == sorted(weights, reverse=True)
    assert weights[-1] > 0


WORDS = st.lists(
    st.sampled_from(["tent", "pole", "rope", "bag", "lamp", "stove", "map"]), max_size=9
)


@given(st.lists(WORDS.map(" ".join), min_size=1, max_size=12), WORDS.map(" ".join))
def test_scores_are_those_of_bm25s(texts: list[str], question: str) -> None:
    found = tokens(question, "en")
    lexicon = Lexicon([count(texts, "en")], "en")
    ideal = sum(lexicon.weight(token) for token in found)
    if not ideal or not any(texts):
        return
    scorer = bm25s.BM25(method="lucene", k1=K1, b=B, backend="numpy")
    scorer.index([tokens(text, "en") for text in texts], show_progress=False)
    assert coverage(texts, question) == pytest.approx(scorer.get_scores(found) / ideal, abs=1e-5)


@settings(deadline=None)
@given(st.lists(WORDS.map(" ".join), min_size=3, max_size=40), WORDS.map(" ".join))
def test_a_large_corpus_gives_the_scores_of_a_small_one(texts: list[str], question: str) -> None:
    """The candidates are some of the texts; their scores are the same."""
    lexicon, layout = Lexicon([count(texts, "en")], "en"), Layout(np.arange(len(texts) + 1))
    asked = lexicon.ask(question)
    every = lexicon.matches(asked, 0, layout)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lexical, "_FEW", 0)
        some = lexicon.matches(asked, 0, layout)
        assert some.of(np.arange(len(texts))) == pytest.approx(every.of(np.arange(len(texts))))
        found, wanted = some.best(2), every.best(2)
        if wanted.values.max() > 0:
            assert found.values.max() == pytest.approx(wanted.values.max())


def test_the_words_of_two_segments_are_weighed_together() -> None:
    halves = Lexicon([count(TEXTS[:1], "en", 5.0), count(TEXTS[1:], "en", 5.0)], "en")
    whole = Lexicon([count(TEXTS, "en", 5.0)], "en")
    assert halves.weight("tent") == whole.weight("tent")
    asked = halves.ask("delivery of a tent")
    second = halves.matches(asked, 1, Layout(np.arange(3))).of(np.arange(2))
    every = whole.matches(whole.ask("delivery of a tent"), 0, Layout(np.arange(4))).of(np.arange(3))
    assert second == pytest.approx(every[1:])
