"""A build is killed at any moment: the index stays usable, and the next build gives the same."""

import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from retriever import encode
from retriever._files import read_json
from retriever.build import build_index_with, load_searcher_with
from tests.retriever.slow_build import CHUNK, SlowEmbedder, shop

ROOT = Path(__file__).parents[2]
BEFORE, AFTER = 30, 400


def start(index_dir: Path, count: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.retriever.slow_build", str(index_dir), str(count)]
    return subprocess.Popen(command, cwd=ROOT)


def hashes(index_dir: Path) -> list[object]:
    """What each segment that counts consists of, by content."""
    manifest = read_json(index_dir / "manifest.json") or {}
    headers = (read_json(index_dir / s["name"] / "segment.json") for s in manifest["segments"])  # type: ignore[attr-defined]
    return [header and header["files"] for header in headers]


@pytest.mark.integration
def test_a_build_that_is_killed_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encode, "CHUNK", CHUNK)
    before, whole = tmp_path / "before", tmp_path / "whole"
    build_index_with(SlowEmbedder(), shop(BEFORE), before)
    shutil.copytree(before, whole)
    began = time.monotonic()
    assert start(whole, AFTER).wait() == 0
    duration = time.monotonic() - began
    wanted = hashes(whole)
    moments = random.Random(5)
    reused = 0
    for number in range(10):
        index_dir = tmp_path / f"killed{number}"
        shutil.copytree(before, index_dir)
        build = start(index_dir, AFTER)
        time.sleep(moments.uniform(0.1, 1.0) * duration)
        build.kill()
        build.wait()
        assert len(load_searcher_with(SlowEmbedder(), index_dir)) in (BEFORE, AFTER)
        embedder = SlowEmbedder()
        build_index_with(embedder, shop(AFTER), index_dir)
        assert hashes(index_dir) == wanted
        assert len(load_searcher_with(embedder, index_dir)) == AFTER
        assert len(list(index_dir.glob("segment-*"))) == 2
        reused += len(embedder.embedded) < 2 * (AFTER - BEFORE)
    # Some were killed late enough to have embedded something.
    assert reused >= 3
