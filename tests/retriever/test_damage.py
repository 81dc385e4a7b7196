"""Files that are cut, altered, or those of something else; questions of any kind."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from knowledge_base.passages import Language, Passage
from retriever import ann, dense, segment
from retriever.build import build_index_with, load_searcher_with
from retriever.errors import EncoderError, StaleIndexError
from retriever.load import check_index
from retriever.segment import VECTORS
from tests.retriever.conftest import WordEmbedder
from tests.retriever.slow_build import shop

NO_LIMIT = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60
)


@pytest.fixture(scope="module", params=["flat", "hnsw", "ivfpq"])
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small index of each kind; only the tests of large files look at its files as if large."""
    index_dir = tmp_path_factory.mktemp("index")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dense, "FLAT_UP_TO", 0 if request.param != "flat" else 10**6)
        patch.setattr(dense, "HNSW_UP_TO", 0 if request.param == "ivfpq" else 10**6)
        patch.setattr(ann, "_cells", lambda _: 4)
        build_index_with(WordEmbedder(), shop(300), index_dir)
    return index_dir


def ask(index_dir: Path) -> int:
    """How many passages are found in all, by questions of all parts of the index."""
    searcher = load_searcher_with(WordEmbedder(), index_dir)
    return sum(
        len(searcher.search(f"What is the price of item {number}?", "en", 9))
        for number in range(0, 300, 30)
    )


def damaged(built: Path, tmp_path: Path, name: str, change: Callable[[bytes], bytes]) -> Path:
    copy = Path(tempfile.mkdtemp(dir=tmp_path))
    shutil.copytree(built, copy, dirs_exist_ok=True)
    path = next(copy.rglob(name))
    path.write_bytes(change(path.read_bytes()))
    return copy


def names(built: Path) -> list[str]:
    return sorted(path.name for path in built.rglob("*") if path.suffix and path.stat().st_size)


@NO_LIMIT
@given(data=st.data())
def test_a_file_that_is_cut_short_is_refused(built: Path, tmp_path: Path, data: st.DataObject):
    name = data.draw(st.sampled_from(names(built)))
    share = data.draw(st.floats(0, 0.999))
    copy = damaged(built, tmp_path, name, lambda content: content[: int(len(content) * share)])
    with pytest.raises(StaleIndexError, match="shopdesk index build"):
        ask(copy)
    shutil.rmtree(copy)


@NO_LIMIT
@given(data=st.data())
def test_altered_bytes_are_told_or_do_no_harm(built: Path, tmp_path: Path, data: st.DataObject):
    """As in a large index, of which no start reads all: what is looked at later tells, or not."""
    name = data.draw(st.sampled_from(names(built)))
    places = data.draw(st.lists(st.floats(0, 0.999), min_size=1, max_size=8))
    value = data.draw(st.integers(1, 255))

    def alter(content: bytes) -> bytes:
        altered = bytearray(content)
        for place in {int(len(altered) * share) for share in places}:
            altered[place] ^= value
        return bytes(altered)

    copy = damaged(built, tmp_path, name, alter)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segment, "_SMALL", 0)
        told = ""
        try:
            assert 0 <= ask(copy) <= 90
        except StaleIndexError as error:
            told = str(error)
        assert not told or "shopdesk index build" in told
    if (copy / "manifest.json").read_bytes() == (built / "manifest.json").read_bytes():
        with pytest.raises(StaleIndexError, match="damaged"):
            check_index(copy, "words:1")
    shutil.rmtree(copy)


def test_files_of_another_index_are_refused(built: Path, tmp_path: Path) -> None:
    for name in names(built):
        copy = damaged(built, tmp_path, name, lambda content: b"x" * len(content))
        with pytest.raises(StaleIndexError, match="shopdesk index build"):
            ask(copy)


@pytest.mark.parametrize("rows", [slice(None), slice(3, 4)])
def test_vectors_that_are_no_numbers_are_refused(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: slice
) -> None:
    """All of them at once, and one where it is compared, if no sooner."""
    monkeypatch.setattr(segment, "_SMALL", 0)

    def spoil(content: bytes) -> bytes:
        path = tmp_path / "vectors.npy"
        path.write_bytes(content)
        vectors = np.load(path)
        vectors[rows, 2] = np.nan
        np.save(path, vectors)
        return path.read_bytes()

    copy = damaged(built, tmp_path, VECTORS, spoil)
    with pytest.raises(StaleIndexError, match=r"no number|none of length 1"):
        load_searcher_with(WordEmbedder(), copy).search("Price 1?", "en")


def test_a_model_that_gives_no_vectors_is_told(
    passages: list[Passage], index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedder = WordEmbedder()
    monkeypatch.setattr(
        embedder, "embed_passages", lambda texts: np.full((len(texts), 64), np.nan, np.float32)
    )
    with pytest.raises(EncoderError, match="vector of length nan"):
        build_index_with(embedder, passages, index_dir)


QUERIES = (
    st.text(alphabet=st.characters(), max_size=60)
    | st.text("\ud800\udfff\0\x1b\u202e​ \n", max_size=20)
    | st.text("😀👩‍👩‍👧🇩🇪✈️ tent", max_size=20)
    | st.text("价格 цена price τιμή 30", max_size=30)
)


@NO_LIMIT
@given(query=QUERIES, language=st.sampled_from(["en", "zh"]), k=st.integers(1, 200))
@example(query="", language="en", k=1)
@example(query="price " * 17_000, language="en", k=5)
@example(query="价" * 100_000, language="zh", k=5)
@example(query="\ud800 price", language="en", k=5)
@example(query="ﬁ ſize K pricſe", language="en", k=5)
def test_any_question_is_answered(query: str, language: Language, k: int, searcher_of_all) -> None:
    found = searcher_of_all.search(query, language, k)
    assert len(found) <= k
    assert all(0 <= each.score <= 1 for each in found)


@pytest.fixture(scope="module")
def searcher_of_all(built: Path):
    return load_searcher_with(WordEmbedder(), built)
