"""Embedding on Ray: on a stand-in that runs at once, and on a Ray of this machine where it is."""

import random
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from retriever import ray_engine as engine_module
from retriever.embedder import Vectors, load_embedder
from retriever.encode import CHUNK
from retriever.errors import EncoderError
from retriever.export import export_minilm
from retriever.ray_engine import _Workers, ray_engine
from tests.retriever.conftest import WordEmbedder

needs_ray = pytest.mark.skipif(
    find_spec("ray") is None,
    reason="Ray is not installed: uv pip install --python .venv -r requirements/ray.lock",
)


class InlineRay:
    """Runs what it is given at once, and says in any order that it is done."""

    def __init__(self) -> None:
        self._any = random.Random(3)
        self.most_waiting = 0

    def put(self, value: object) -> object:
        return value

    def cluster_resources(self) -> dict[str, float]:
        return {"CPU": 3.0}

    def remote(self, **_: object) -> Any:
        return lambda kind: SimpleNamespace(remote=lambda _: _Worker())

    def wait(self, results: list[Any], num_returns: int) -> tuple[list[Any], list[Any]]:
        self.most_waiting = max(self.most_waiting, len(results))
        return [self._any.choice(results)], []

    def get(self, result: Any) -> Vectors:
        vectors: Vectors = result.vectors
        return vectors


class _Result:
    def __init__(self, vectors: Vectors) -> None:
        self.vectors = vectors


class _Worker:
    def __init__(self) -> None:
        self.embed = SimpleNamespace(
            remote=lambda texts: _Result(WordEmbedder().embed_passages(texts))
        )


def test_chunks_come_back_in_their_order_and_are_not_asked_for_all_at_once(tmp_path: Path) -> None:
    ray = InlineRay()
    chunks = [[f"text {number}", f"also {number}"] for number in range(40)]
    taken: list[Sequence[str]] = []
    found = _Workers(ray, tmp_path).embed(taken.append(chunk) or chunk for chunk in chunks)
    first = next(found)
    assert len(taken) < len(chunks)
    vectors = [first, *found]
    assert np.array_equal(
        np.concatenate(vectors), np.concatenate([WordEmbedder().embed_passages(c) for c in chunks])
    )
    assert ray.most_waiting == 6
    assert list(_Workers(ray, tmp_path).embed([])) == []


def test_without_ray_the_remedy_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "find_spec", lambda _: None)
    with (
        pytest.raises(EncoderError, match=r"Ray is not installed.*ray\.lock"),
        ray_engine(tmp_path),
    ):
        pass


@needs_ray
@pytest.mark.integration
@pytest.mark.filterwarnings("ignore")
def test_ray_gives_the_vectors_of_this_process(tmp_path: Path) -> None:
    export_minilm(tmp_path)
    texts = [f"How long does delivery number {number} take?" for number in range(2 * CHUNK + 40)]
    chunks = [texts[start : start + CHUNK] for start in range(0, len(texts), CHUNK)]
    local = load_embedder(tmp_path, threads=2)
    with ray_engine(tmp_path) as engine:
        vectors = list(engine(chunks))
    for found, chunk in zip(vectors, chunks, strict=True):
        assert np.abs(found - local.embed_passages(chunk)).max() < 1e-6
