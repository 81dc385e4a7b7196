"""A search that is going on while the index changes under it."""

import json
import logging
import shutil
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from knowledge_base.passages import Passage
from retriever import reload, update
from retriever.build import build_index_with
from retriever.reload import ReloadingSearcher
from tests.retriever.conftest import WordEmbedder
from tests.retriever.slow_build import shop


@pytest.fixture
def searcher(
    embedder: WordEmbedder, passages: list[Passage], index_dir: Path
) -> Iterator[ReloadingSearcher]:
    build_index_with(embedder, passages, index_dir)
    searcher = ReloadingSearcher(index_dir, embedder, every=3600)
    yield searcher
    searcher.close()


def test_a_changed_index_is_taken_up(
    searcher: ReloadingSearcher, embedder: WordEmbedder, passages: list[Passage], index_dir: Path
) -> None:
    before = searcher.content_sha256
    assert not searcher.refresh()
    changed = replace(passages[0], text="Pigeons bring it.")
    build_index_with(embedder, [changed, *passages[1:]], index_dir)
    assert searcher.refresh()
    assert searcher.search("pigeons", "en", 1)[0].passage == changed
    assert searcher.content_sha256 != before
    assert (len(searcher), searcher.languages) == (6, ("en", "zh"))
    assert searcher.score("pigeons", ["Pigeons bring it."], "en")[0] > 0
    assert searcher.candidates("pigeons", "en", 1)[0].passage == changed


def test_what_has_not_changed_is_not_opened_again(
    searcher: ReloadingSearcher, embedder: WordEmbedder, passages: list[Passage], index_dir: Path
) -> None:
    chinese = [s for s in searcher._segments.values() if s.language == "zh"]
    build_index_with(embedder, passages[1:], index_dir)
    assert searcher.refresh()
    assert [s for s in searcher._segments.values() if s.language == "zh"] == chinese


@pytest.mark.parametrize("harm", ["cut", "other model", "gone"])
def test_an_index_of_no_use_is_told_once_and_the_old_one_stays(
    searcher: ReloadingSearcher,
    embedder: WordEmbedder,
    passages: list[Passage],
    index_dir: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    harm: str,
) -> None:
    monkeypatch.setattr(reload, "_AGAIN_SECONDS", 0.0)
    build_index_with(embedder, passages[1:], index_dir)
    path = index_dir / "manifest.json"
    good = path.read_text()
    if harm == "cut":
        path.write_text(good[:100])
    elif harm == "other model":
        path.write_text(json.dumps({**json.loads(good), "encoder": "another"}))
    else:
        path.unlink()
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert not searcher.refresh()
    assert len(caplog.records) == (0 if harm == "gone" else 1)
    assert len(searcher.search("parcel", "en", 9)) == 4
    path.write_text(good)
    assert searcher.refresh()
    assert len(searcher.search("parcel", "en", 9)) == 3


def test_no_question_fails_while_the_index_changes(
    embedder: WordEmbedder, index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Old segments are even deleted at once, as if everybody had long gone on to the new ones."""
    monkeypatch.setattr(update, "_FEW", 0)
    monkeypatch.setattr(update, "GRACE_SECONDS", 0.0)
    passages = shop(200)
    build_index_with(embedder, passages, index_dir)
    searcher = ReloadingSearcher(index_dir, embedder, every=0.001)
    stop = threading.Event()

    def ask() -> int:
        asked = 0
        while not stop.is_set():
            assert len(searcher.search(f"price {asked % 200}", "en", 5)) == 5
            assert searcher.score("price", ["Item 3 costs 3 euros."], "en")[0] > 0
            asked += 1
        return asked

    with ThreadPoolExecutor(3) as pool:
        asking = [pool.submit(ask) for _ in range(3)]
        versions = set()
        for change in range(25):
            passages[change] = replace(passages[change], text=f"Version {change}.")
            build_index_with(embedder, passages, index_dir)
            time.sleep(0.02)
            versions.add(searcher.content_sha256)
        stop.set()
        asked = sum(future.result() for future in asking)
    deadline = time.monotonic() + 10
    while searcher.search("version 24", "en", 1)[0].passage.text != "Version 24.":
        assert time.monotonic() < deadline
    searcher.close()
    assert asked > 50
    assert len(versions) > 5


def test_a_deleted_index_can_still_be_searched(
    searcher: ReloadingSearcher, index_dir: Path
) -> None:
    shutil.rmtree(index_dir)
    assert not searcher.refresh()
    assert len(searcher.search("parcel", "en", 9)) == 4
