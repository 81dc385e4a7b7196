"""One change of the index: write what is new, make it count, then merge what has become many."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from knowledge_base.passages import LANGUAGES, Language, Passage
from retriever.content import Content, Stamp
from retriever.dense import Choice, Kind, kind_for
from retriever.embedder import Embedder
from retriever.encode import Encoder, Engine, Progress
from retriever.errors import StaleIndexError
from retriever.journal import Journal
from retriever.load import open_segments
from retriever.manifest import (
    Manifest,
    SegmentEntry,
    Source,
    read_manifest,
    replaced,
    write_manifest,
)
from retriever.segment import Segment
from retriever.segment_writer import write_segment

GRACE_SECONDS = 60.0
"""How long a segment stays after the index has left it, for those who are just opening it."""

_FEW = 2_000
"""Passages of a language that are all written anew at each change: it takes a second."""

_SHARE = 10
"""One of so many passages: when more than that are new or gone, all are written anew."""

_MOST_SMALL = 8
"""Small segments of a language; more are merged, as each is asked at every search."""

_PREFIX = "segment-"


@dataclass(frozen=True, slots=True)
class Options:
    """How an index is built.

    Attributes:
        kind: of the index over the vectors; None to choose by their number.
        fresh: trust nothing of the index that is there.
        progress: told from time to time how far the embedding is.
        waiting: told when another build has to end first.
        chosen: told the language, number of texts and kind of each large segment.
        engine: embeds chunks; None for this process.
    """

    kind: Kind | None = None
    fresh: bool = False
    progress: Progress | None = None
    waiting: Callable[[], None] | None = None
    chosen: Callable[[Language, int, Choice], None] | None = None
    engine: Engine | None = None


DEFAULTS = Options()


class Update:
    """One update, while nobody else changes the index; see `retriever.build.update_index`."""

    def __init__(
        self, embedder: Embedder, content: Content, index_dir: Path, options: Options
    ) -> None:
        self._embedder = embedder
        self._content = content
        self._index_dir = index_dir
        self._options = options
        self._engine: Engine = options.engine or (
            lambda chunks: (embedder.embed_passages(chunk) for chunk in chunks)
        )
        self._manifest, self._opened = self._current()
        known = self._manifest
        if known and (known.rules, known.kind) != (content.rules, options.kind or ""):
            known = None
        self._old: Mapping[str, Source] = known.sources if known else {}
        # What the update makes of it: the segments, the large one of each language first, and
        # those that each source is read from.
        self._entries = {entry.name: entry for entry in (known.segments if known else ())}
        self._homes: dict[str, tuple[str, ...]] = {}
        self._stamps: Mapping[str, Stamp] = {}

    def run(self) -> bool:
        """Bring the index up to date; False when it was."""
        self._stamps = self._content.stamps(self._old)
        changed = [
            name
            for name, stamp in self._stamps.items()
            if name not in self._old or self._old[name].sha256 != stamp.sha256
        ]
        passages = self._content.read(changed)
        if self._manifest and not changed and self._stamps.keys() == self._old.keys():
            self._keep(self._manifest)
            return False
        self._homes = {
            name: () if name in set(changed) else self._old[name].segments for name in self._stamps
        }
        with Journal(
            self._index_dir / "journal", self._embedder.fingerprint, self._embedder.dimensions
        ) as journal:
            for language in LANGUAGES:
                new = [passage for passage in passages if passage.language == language]
                self._take_in(language, new, journal)
            self._commit()
            for language in LANGUAGES:
                self._tidy(language, journal)
            journal.clear()
        return True

    def _current(self) -> tuple[Manifest | None, dict[str, Segment]]:
        """What there is; nothing where it is of no use."""
        if self._options.fresh:
            return None, {}
        try:
            manifest = read_manifest(self._index_dir, self._embedder.fingerprint)
            return manifest, open_segments(self._index_dir, manifest)
        except StaleIndexError:
            return None, {}

    def _keep(self, manifest: Manifest) -> None:
        """Nothing has changed but, perhaps, the times of files."""
        self._homes = {name: source.segments for name, source in self._old.items()}
        sources = self._sources()
        now = replaced(manifest, replace(manifest, sources=sources), time.time(), GRACE_SECONDS)
        if now != manifest:
            write_manifest(self._index_dir, now)
        self._sweep(now)

    def _take_in(self, language: Language, new: Sequence[Passage], journal: Journal) -> None:
        """Write the segment that ``new`` passages need."""
        entries = self._of(language)
        live = sum(self._live(entry) for entry in entries)
        gone = sum(entry.passages for entry in entries) - live
        total = live + len(new)
        if not total:
            self._drop(entries)
        elif (new or gone) and (total <= _FEW or len(new) * _SHARE > total):
            self._write(language, entries, new, journal)
        elif new:
            self._write(language, (), new, journal)

    def _tidy(self, language: Language, journal: Journal) -> None:
        """Merge the small segments with the large one, or with each other."""
        entries = self._of(language)
        if not entries:
            return
        large, *small = entries
        kept = self._live(large)
        total = sum(self._live(entry) for entry in entries)
        if (total - kept + large.passages - kept) * _SHARE > total:
            self._write(language, entries, (), journal)
        elif len(small) > _MOST_SMALL:
            self._write(language, small, (), journal)
        else:
            return
        self._commit()

    def _write(
        self,
        language: Language,
        merged: Sequence[SegmentEntry],
        new: Sequence[Passage],
        journal: Journal,
    ) -> None:
        """Write a segment of ``new`` passages and of what counts in those that it replaces."""
        large = next(iter(self._of(language)), None)
        replaces_large = large is None or large in merged
        known = None if replaces_large or not large else self._opened[large.name]
        embedder = self._embedder
        encoder = Encoder(
            embedder, self._engine, list(self._opened.values()), journal, self._options.progress
        )
        passages = self._in_order([*self._passages_of(merged), *new])
        with self._new_folder() as folder:
            digest = write_segment(
                folder,
                passages,
                language,
                encoder.embed if language in embedder.languages else None,
                dimensions=embedder.dimensions,
                kind=self._options.kind if replaces_large else None,
                average_length=known.parts.postings.average_length if known else None,
            )
            segment = Segment(folder, digest)
        self._opened[segment.name] = segment
        if replaces_large and segment.meaning and self._options.chosen:
            choice = kind_for(segment.texts, self._options.kind)
            self._options.chosen(language, segment.texts, choice)
        left = {entry.name for entry in merged}
        for name in {passage.source for passage in passages}:
            homes = (home for home in self._homes[name] if home not in left)
            self._homes[name] = (*homes, segment.name)
        self._drop(merged)
        entry = SegmentEntry(segment.name, language, digest, len(passages))
        # The large ones stand first.
        first, rest = ({entry.name: entry}, self._entries)
        self._entries = {**first, **rest} if replaces_large else {**rest, **first}

    def _drop(self, entries: Sequence[SegmentEntry]) -> None:
        for entry in entries:
            del self._entries[entry.name]

    def _of(self, language: Language) -> list[SegmentEntry]:
        return [entry for entry in self._entries.values() if entry.language == language]

    def _live(self, entry: SegmentEntry) -> int:
        """How many of a segment's passages count."""
        parts = self._opened[entry.name].parts
        counts = [entry.name in self._homes.get(source, ()) for source in parts.sources]
        return int(np.array(counts)[parts.source_of].sum())

    def _passages_of(self, entries: Sequence[SegmentEntry]) -> Iterator[Passage]:
        for entry in entries:
            for passage in self._opened[entry.name].parts.passages:
                if entry.name in self._homes.get(passage.source, ()):
                    yield passage

    def _in_order(self, passages: Sequence[Passage]) -> list[Passage]:
        """As in the content, whatever segments they were in."""
        place = {name: number for number, name in enumerate(self._stamps)}
        return sorted(passages, key=lambda passage: place[passage.source])

    @contextmanager
    def _new_folder(self) -> Iterator[Path]:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=self._index_dir))
        try:
            folder.chmod(0o755)
            yield folder
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def _sources(self) -> dict[str, Source]:
        return {
            name: Source(stamp.sha256, self._homes[name], stamp.size, stamp.mtime_ns)
            for name, stamp in self._stamps.items()
        }

    def _commit(self) -> None:
        """Make what was written count."""
        before = self._manifest
        manifest = Manifest(
            version=before.version + 1 if before else 1,
            encoder=self._embedder.fingerprint,
            dimensions=self._embedder.dimensions,
            rules=self._content.rules,
            kind=self._options.kind or "",
            segments=tuple(self._entries.values()),
            sources=self._sources(),
        )
        manifest = replaced(before, manifest, time.time(), GRACE_SECONDS)
        write_manifest(self._index_dir, manifest)
        self._manifest = manifest
        self._sweep(manifest)

    def _sweep(self, manifest: Manifest) -> None:
        """Delete what no version within the grace time names, also what a killed build left."""
        kept = {entry.name for entry in manifest.segments} | manifest.retired.keys()
        for folder in self._index_dir.glob(f"{_PREFIX}*"):
            if folder.name not in kept:
                shutil.rmtree(folder, ignore_errors=True)
        # Of format 3 and before, which no version of this names.
        for folder in self._index_dir.glob("build-*"):
            shutil.rmtree(folder, ignore_errors=True)
