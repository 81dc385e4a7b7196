"""Embed on several machines at once, through Ray."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

from retriever.embedder import Embedder, Vectors, load_embedder
from retriever.encode import Engine
from retriever.errors import EncoderError

_AHEAD = 2
"""Chunks that wait at each worker, so that none is idle."""


@contextmanager
def ray_engine(encoder_dir: Path, address: str = "") -> Iterator[Engine]:
    """An engine with a worker on each processor of a Ray cluster; ends with the block.

    The encoder travels to the machines with the first chunk. They need this version of Shopdesk in
    Ray's Python environment.

    Args:
        encoder_dir: what `retriever.export.export_minilm` wrote.
        address: of the cluster; empty, Ray is started on this machine alone.

    Raises:
        EncoderError: Ray is not installed, or does not answer at ``address``.
    """
    if find_spec("ray") is None:
        raise EncoderError(
            "Ray is not installed. Run `.venv/bin/python -m pip install -r requirements/ray.lock` "
            "(with uv: `uv pip install --python .venv -r requirements/ray.lock`)."
        )
    import ray

    try:
        ray.init(address=address or "local", log_to_driver=False, logging_level="error")
    except (ConnectionError, OSError, RuntimeError, ValueError) as error:
        raise EncoderError(
            f"Cannot reach Ray at {address or 'this machine'!r} ({error}). Start it with "
            "`ray start --head`, or correct the address."
        ) from error
    try:
        yield _Workers(ray, encoder_dir).embed
    finally:
        ray.shutdown()


class _Workers:
    """One worker a processor, each with the encoder loaded once."""

    def __init__(self, ray: Any, encoder_dir: Path) -> None:
        self._ray = ray
        files = {path.name: path.read_bytes() for path in encoder_dir.iterdir() if path.is_file()}
        shared = ray.put(files)
        count = max(1, int(ray.cluster_resources().get("CPU", 1)))
        worker = ray.remote(num_cpus=1)(_Worker)
        self._workers = [worker.remote(shared) for _ in range(count)]

    def embed(self, chunks: Iterable[Sequence[str]]) -> Iterator[Vectors]:
        """The vectors of each chunk, in their order, whoever is done first."""
        numbered = enumerate(chunks)
        waiting: dict[Any, int] = {}
        done: dict[int, Vectors] = {}
        free = [worker for _ in range(_AHEAD) for worker in self._workers]
        at_work: dict[Any, Any] = {}
        wanted = 0
        while True:
            for number, chunk in islice(numbered, len(free)):
                worker = free.pop()
                result = worker.embed.remote(list(chunk))
                waiting[result], at_work[result] = number, worker
            if not waiting:
                return
            (first, *_), _ = self._ray.wait(list(waiting), num_returns=1)
            free.append(at_work.pop(first))
            done[waiting.pop(first)] = self._ray.get(first)
            while wanted in done:
                yield done.pop(wanted)
                wanted += 1


class _Worker:
    """Loads the encoder once, from the files that were sent."""

    def __init__(self, files: dict[str, bytes]) -> None:
        folder = Path(tempfile.mkdtemp(prefix="shopdesk-encoder-"))
        try:
            for name, content in files.items():
                (folder / name).write_bytes(content)
            self._embedder: Embedder = load_embedder(folder)
        finally:
            shutil.rmtree(folder)

    def embed(self, texts: list[str]) -> Vectors:
        """The vectors of one chunk."""
        return self._embedder.embed_passages(texts)
