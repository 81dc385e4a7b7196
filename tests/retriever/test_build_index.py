import errno
import json
import resource
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from knowledge_base.passages import Passage
from retriever import update
from retriever._files import alone
from retriever.ann import Ann
from retriever.build import build_index_with, load_searcher_with, update_index
from retriever.content import GivenPassages
from retriever.embedder import Embedder
from retriever.errors import IndexWriteError, StaleIndexError
from retriever.update import Options


def test_an_up_to_date_index_is_left_alone(
    embedder: Embedder, passages: list[Passage], index_dir: Path
) -> None:
    assert build_index_with(embedder, passages, index_dir)
    manifest = (index_dir / "manifest.json").read_bytes()
    assert not build_index_with(embedder, passages, index_dir)
    assert (index_dir / "manifest.json").read_bytes() == manifest


def test_only_what_is_new_is_embedded(
    embedder: Embedder, passages: list[Passage], index_dir: Path
) -> None:
    told: list[tuple[int, int]] = []
    build_index_with(embedder, passages, index_dir, lambda done, total: told.append((done, total)))
    first = len(embedder.embedded)  # type: ignore[attr-defined]
    assert told == [(first, first)]
    changed = replace(passages[2], text="Press the button.")
    assert build_index_with(embedder, [*passages[:2], changed, *passages[3:]], index_dir)
    assert embedder.embedded[first:] == [  # type: ignore[attr-defined]
        "I forgot my password.\nPress the button.",
        "Press the button.",
    ]


def test_a_failed_build_leaves_the_old_index(
    embedder: Embedder,
    passages: list[Passage],
    index_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    build_index_with(embedder, passages, index_dir)
    before = sorted(index_dir.glob("segment-*"))

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(update, "write_manifest", fail)
    with pytest.raises(IndexWriteError, match=r"No space left on device.*was there stays"):
        build_index_with(embedder, passages[:3], index_dir)
    build_index_with(embedder, passages, index_dir)
    assert sorted(index_dir.glob("segment-*")) == before
    assert len(load_searcher_with(embedder, index_dir).search("delivery", "en", k=9)) == 4


def test_a_file_that_cannot_be_written_leaves_the_old_index(
    embedder: Embedder, passages: list[Passage], index_dir: Path
) -> None:
    """A limit on the size of files, as a full disk fails where it likes."""
    build_index_with(embedder, passages, index_dir)
    before = (index_dir / "manifest.json").read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    for limit in (100, 1_000, 2_500):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
        try:
            with pytest.raises(IndexWriteError, match="was there stays"):
                build_index_with(embedder, [replace(p, title=p.text) for p in passages], index_dir)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (index_dir / "manifest.json").read_bytes() == before
    assert len(load_searcher_with(embedder, index_dir)) == len(passages)


def test_faiss_failing_to_write_is_an_error_like_any_other(tmp_path: Path) -> None:
    ann = Ann.build("hnsw", lambda start, end: np.eye(8, dtype=np.float32)[start:end], 8, 8)
    with pytest.raises(OSError, match="FAISS cannot write"):
        ann.save(tmp_path / "nowhere" / "dense.faiss")


def test_a_folder_that_cannot_be_made_is_told(
    embedder: Embedder, passages: list[Passage], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(IndexWriteError, match="Cannot write the index in"):
        build_index_with(embedder, passages, tmp_path / "file" / "index")


def test_the_second_of_two_builds_says_so_and_waits(
    embedder: Embedder, passages: list[Passage], index_dir: Path
) -> None:
    index_dir.mkdir()
    told = threading.Event()
    options = Options(waiting=told.set)
    with ThreadPoolExecutor() as pool:
        with alone(index_dir):
            second = pool.submit(
                update_index, embedder, GivenPassages(passages), index_dir, options
            )
            assert told.wait(10)
            assert not second.done()
            assert not (index_dir / "manifest.json").exists()
        assert second.result()


def test_what_a_killed_build_left_is_swept_up(
    embedder: Embedder, passages: list[Passage], index_dir: Path
) -> None:
    (index_dir / "segment-killed" / "en").mkdir(parents=True)
    build_index_with(embedder, passages, index_dir)
    assert not (index_dir / "segment-killed").exists()


def test_missing_index_is_refused(embedder: Embedder, index_dir: Path) -> None:
    with pytest.raises(StaleIndexError, match=r"No index in .*shopdesk index build"):
        load_searcher_with(embedder, index_dir)


@pytest.mark.parametrize(("name", "value"), [("format", 0), ("encoder", "another")])
def test_index_made_otherwise_is_refused_and_made_anew(
    embedder: Embedder, passages: list[Passage], index_dir: Path, name: str, value: object
) -> None:
    build_index_with(embedder, passages, index_dir)
    manifest = json.loads((index_dir / "manifest.json").read_text())
    (index_dir / "manifest.json").write_text(json.dumps({**manifest, name: value}))
    with pytest.raises(StaleIndexError, match=f"has {name} {value!r}, expected"):
        load_searcher_with(embedder, index_dir)
    assert build_index_with(embedder, passages, index_dir)
    assert load_searcher_with(embedder, index_dir).languages == ("en", "zh")


@pytest.mark.parametrize("name", ["passages.jsonl", "vectors.npy", "keys.npy", "segment.json"])
def test_damaged_file_is_refused(
    embedder: Embedder, passages: list[Passage], index_dir: Path, name: str
) -> None:
    build_index_with(embedder, passages, index_dir)
    path = next(index_dir.glob(f"segment-*/{name}"))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(StaleIndexError, match="shopdesk index build"):
        load_searcher_with(embedder, index_dir)
    assert build_index_with(embedder, passages, index_dir)
    assert len(load_searcher_with(embedder, index_dir)) == len(passages)


def test_passages_must_be_some_and_unlike(
    embedder: Embedder, passages: list[Passage], index_dir: Path
) -> None:
    with pytest.raises(ValueError, match="0 passages"):
        build_index_with(embedder, [], index_dir)
    with pytest.raises(ValueError, match="12 passages with 6 ids"):
        build_index_with(embedder, passages * 2, index_dir)
    assert not index_dir.exists()
