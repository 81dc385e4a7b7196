from pathlib import Path

import numpy as np
import pytest

from retriever.dense import DenseIndex
from retriever.errors import StaleIndexError
from retriever.lexical import LexicalIndex

VECTORS = np.eye(4, dtype=np.float32)
TEXTS = ["how long does delivery take", "can I return a tent", "delivery of a tent abroad"]


def test_the_best_vector_of_a_group_counts() -> None:
    index = DenseIndex.build(VECTORS, [0, 0, 1, 2])
    query = np.array([0.1, 0.8, 0.5, 0.2], dtype=np.float32)
    assert index.nearest(query, 2).tolist() == [0, 1]
    assert index.nearest(query, 9).tolist() == [0, 1, 2]
    assert index.similarities(query, np.array([3, 1])) == pytest.approx([0.2, 0.8])
    assert index.similarities(query, np.array([], dtype=np.int64)).shape == (0,)


def test_dense_index_survives_saving(tmp_path: Path) -> None:
    DenseIndex.build(VECTORS, [0, 0, 1, 2]).save(tmp_path / "dense")
    index = DenseIndex.load(tmp_path / "dense", [0, 0, 1, 2])
    assert np.array_equal(index.vectors(), VECTORS)


def test_dense_index_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "dense"
    DenseIndex.build(VECTORS, [0, 0, 1, 2]).save(path)
    with pytest.raises(StaleIndexError, match="4 vectors for 3 units"):
        DenseIndex.load(path, [0, 1, 2])
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(StaleIndexError, match="Cannot read the dense index"):
        DenseIndex.load(path, [0, 0, 1, 2])


def test_coverage_is_the_share_of_the_question() -> None:
    index = LexicalIndex.build(TEXTS, "en")
    delivery = index.coverage("delivery take")
    assert delivery[0] > delivery[2] > delivery[1] == 0
    assert 0 < delivery[0] < 1
    assert index.coverage("delivery take unknownword")[0] < delivery[0]
    assert index.coverage("?!").tolist() == [0, 0, 0]


def test_rare_words_tell_more() -> None:
    index = LexicalIndex.build(TEXTS, "en")
    weights = [index.weight(token) for token in ("unknown", "return", "tent")]
    assert weights == sorted(weights, reverse=True)
    assert weights[-1] > 0


def test_lexical_index_survives_saving(tmp_path: Path) -> None:
    built = LexicalIndex.build(TEXTS, "en")
    built.save(tmp_path / "lexical")
    loaded = LexicalIndex.load(tmp_path / "lexical", "en")
    assert np.array_equal(loaded.coverage(TEXTS[0]), built.coverage(TEXTS[0]))
    assert loaded.weight("tent") == built.weight("tent")
    next((tmp_path / "lexical").glob("*.npy")).unlink()
    with pytest.raises(StaleIndexError, match="Cannot read the lexical index"):
        LexicalIndex.load(tmp_path / "lexical", "en")
