"""The search over an index of any size: its time beside embedding and bare FAISS, memory, recall.

python -m benchmarks.index 1000 100000 1000000

Passages are made up: a dozen words each, as frequent as words are (Zipf), and vectors in topics and
subtopics, of 96 directions in 384 numbers. A question is embedded by MiniLM, which takes its time,
and then gets the made-up vector that lies near a passage's.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import faiss
import numpy as np

from knowledge_base.passages import Language, Passage
from retriever.build import build_index_with, load_searcher_with
from retriever.embedder import Embedder, Vectors, load_embedder
from retriever.segment import View

ROOT = Path(__file__).parents[1]
_QUESTIONS, _RECALLED = 300, 100
_BEFORE = 2_000
"""Questions asked first: a server that has just started meets pages that are not mapped yet."""
_TOPICS, _DIRECTIONS, _DIMENSIONS = 2_000, 96, 384


class MadeUpEmbedder:
    """Vectors in topics; the number in front of a text decides.

    Args:
        real: embeds the questions, for its time alone.
    """

    dimensions = _DIMENSIONS
    fingerprint = "made-up:1"
    languages: tuple[Language, ...] = ("en",)

    def __init__(self, real: Embedder | None = None) -> None:
        rng = np.random.default_rng(0)
        self._topics = rng.standard_normal((_TOPICS, _DIRECTIONS)).astype(np.float32)
        self._turn = rng.standard_normal((_DIRECTIONS, _DIMENSIONS)).astype(np.float32)
        self._real = real
        self.words = real.words if real else frozenset[str]()

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self._vectors(texts, 0)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        if self._real:
            self._real.embed_queries(texts)
        return self._vectors(texts, 1)

    def _vectors(self, texts: Sequence[str], asked: int) -> Vectors:
        rows = np.empty((len(texts), _DIRECTIONS), dtype=np.float32)
        for place, text in enumerate(texts):
            number = int(text.split(" ", 1)[0])
            rng = np.random.default_rng(number)
            topic = self._topics[number % _TOPICS]
            part = np.random.default_rng(number % (40 * _TOPICS)).standard_normal(_DIRECTIONS)
            rows[place] = topic + 0.7 * part + 0.7 * rng.standard_normal(_DIRECTIONS)
            if asked:
                rows[place] += 0.5 * rng.standard_normal(_DIRECTIONS)
        vectors = rows @ self._turn
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def passages(count: int) -> Iterator[Passage]:
    """Passages of one sentence, so that each is one text, in files of fifty."""
    rng = np.random.default_rng(1)
    for number in range(count):
        words = " ".join(f"w{word}" for word in np.minimum(rng.zipf(1.3, 12), 200_000))
        yield Passage(
            id=f"en/page{number // 50}#{number}",
            kind="policy",
            language="en",
            title="",
            text=f"{number} {words}",
            source=f"en/policies/page{number // 50}.md",
            line=1,
        )


def measure(index_dir: Path, count: int) -> dict[str, object]:
    """Ask an index of ``count`` passages, in this process."""
    real = load_embedder(ROOT / "var/models/minilm")
    searcher = load_searcher_with(MadeUpEmbedder(real), index_dir)
    (view,) = searcher._shelves["en"]
    rng = np.random.default_rng(2)
    asked = [
        f"{number} how do I w{word} the {number % 7} w{word + 3}"
        for number, word in zip(
            rng.integers(0, count, _QUESTIONS + _BEFORE).tolist(),
            np.minimum(rng.zipf(1.3, _QUESTIONS + _BEFORE), 200_000).tolist(),
            strict=True,
        )
    ]
    for text in asked[_QUESTIONS:]:
        searcher.search(text, "en")
    embedder, bare = MadeUpEmbedder(real), _bare(view)
    searches: list[float] = []
    alone: list[tuple[float, float]] = []
    found = 0
    # In turns, once the one and once the other first, so that what else the machine does, and what
    # the last one left in the caches, weigh on both alike.
    for number, text in enumerate(asked[:_QUESTIONS]):
        for searching in (True, False) if number % 2 else (False, True):
            began = time.perf_counter()
            if searching:
                searcher.search(text, "en")
                searches.append(time.perf_counter() - began)
                continue
            vector = embedder.embed_queries([text])[0]
            embedded = time.perf_counter()
            bare(vector)
            alone.append((embedded - began, time.perf_counter() - embedded))
    memory = _memory()
    for text in asked[:_RECALLED]:
        vector = embedder.embed_queries([text])[0]
        assert view.dense
        matches = view.dense.matches(vector)
        rows = matches.best(50).rows
        ours = rows[np.argsort(-matches.of(view.layout.starts[rows]))[:10]]
        found += len(_exact(view, vector) & set(ours.tolist()))
    search = 1000 * statistics.median(searches)
    embedding, found_alone = (
        1000 * statistics.median(column) for column in zip(*alone, strict=True)
    )
    return {
        "passages": count,
        "kind": view.segment.meaning.kind if view.segment.meaning else None,
        "search_p50_ms": round(search, 2),
        "embedding_p50_ms": round(embedding, 2),
        "faiss_p50_ms": round(found_alone, 2),
        "ratio": round(search / (embedding + found_alone), 3),
        "recall_at_10": found / (10 * _RECALLED),
        **memory,
    }


def _bare(view: View) -> Callable[[Vectors], object]:
    """FAISS alone, for ten vectors, with the parameters that the search gives it."""
    ann, meaning = view.segment.ann, view.segment.meaning
    if ann:
        return lambda vector: ann.search(vector, 10)
    assert meaning
    index = faiss.IndexFlatIP(_DIMENSIONS)
    index.add(np.asarray(meaning.vectors, dtype=np.float32))
    return lambda vector: index.search(vector[None, :], 10)


def _exact(view: View, vector: Vectors) -> set[int]:
    """The ten nearest passages, all compared; each passage has one text here."""
    meaning = view.segment.meaning
    assert meaning
    best: list[tuple[float, int]] = []
    for start in range(0, len(meaning.vectors), 65_536):
        cosines = meaning.vectors[start : start + 65_536].astype(np.float32) @ vector
        rows = np.argpartition(-cosines, min(10, len(cosines) - 1))[:10]
        best += zip(cosines[rows].tolist(), (rows + start).tolist(), strict=True)
    return {row for _, row in sorted(best, reverse=True)[:10]}


def _memory() -> dict[str, int]:
    """What the process holds, in MB: of its own, of files (shared by all that map them), both."""
    names = {"RssAnon": "own_mb", "RssFile": "files_mb", "VmRSS": "resident_mb"}
    lines = (line.split() for line in Path("/proc/self/status").read_text().splitlines())
    return {names[line[0][:-1]]: int(line[1]) // 1024 for line in lines if line[0][:-1] in names}


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("passages", type=int, nargs="+")
    parser.add_argument("--folder", type=Path, help="where the indexes are kept and looked for")
    parser.add_argument("--ask", action="store_true", help="the one index that is there")
    options = parser.parse_args()
    if options.ask:
        (count,) = options.passages
        print(json.dumps(measure(options.folder / str(count), count)))
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        for count in options.passages:
            if not (folder / str(count) / "manifest.json").exists():
                began = time.monotonic()
                build_index_with(MadeUpEmbedder(), list(passages(count)), folder / str(count))
                print(f"{count} passages built in {time.monotonic() - began:.0f} s", flush=True)
            # In a process of its own, whose memory is that of a server.
            command = [sys.executable, "-m", "benchmarks.index", "--ask", str(count)]
            subprocess.run([*command, "--folder", str(folder)], check=True)


if __name__ == "__main__":
    _main()
