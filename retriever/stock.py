"""What is in an index's segments, as far as it counts; and the folders that they lie in."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from knowledge_base.passages import Passage
from retriever.manifest import Manifest, SegmentEntry
from retriever.segment import Segment

PREFIX = "segment-"

Homes = Mapping[str, Sequence[str]]
"""Each source file, and the segments that its passages are read from."""


class Stock:
    """The passages that count.

    Args:
        opened: the segments, by their names.
        homes: which of them counts for which source.
    """

    def __init__(self, opened: Mapping[str, Segment], homes: Homes) -> None:
        self._opened = opened
        self._homes = homes

    def live(self, entry: SegmentEntry) -> int:
        """How many of a segment's passages count."""
        parts = self._opened[entry.name].parts
        counts = [entry.name in self._homes.get(source, ()) for source in parts.sources]
        return int(np.array(counts)[parts.source_of].sum())

    def passages(self, entries: Iterable[SegmentEntry]) -> Iterator[Passage]:
        """The passages of some segments that count."""
        for entry in entries:
            for passage in self._opened[entry.name].parts.passages:
                if entry.name in self._homes.get(passage.source, ()):
                    yield passage


def in_order(passages: Iterable[Passage], sources: Iterable[str]) -> list[Passage]:
    """As in the content, whatever segments they were in."""
    place = {name: number for number, name in enumerate(sources)}
    return sorted(passages, key=lambda passage: place[passage.source])


@contextmanager
def new_folder(index_dir: Path, prefix: str) -> Iterator[Path]:
    """A folder for a segment; it is removed where the block fails."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=index_dir))
    try:
        folder.chmod(0o755)
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def sweep(index_dir: Path, manifest: Manifest) -> None:
    """Delete what no version within the grace time names, also what a killed build left."""
    kept = {entry.name for entry in manifest.segments} | manifest.retired.keys()
    for folder in index_dir.glob(f"{PREFIX}*"):
        if folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)
    # Of format 3 and before, which no version of this names.
    for folder in index_dir.glob("build-*"):
        shutil.rmtree(folder, ignore_errors=True)
