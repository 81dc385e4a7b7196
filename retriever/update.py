"""One change of the index: write what is new, and make it count."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from knowledge_base.passages import LANGUAGES, Language, Passage
from retriever.content import Content, Stamp
from retriever.dense import Choice, Kind, kind_for
from retriever.embedder import Embedder
from retriever.encode import Encoder, Engine, Known, Progress
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
from retriever.stock import PREFIX, Stock, in_order, new_folder, sweep

GRACE_SECONDS = 60.0
"""How long a segment stays after the index has left it, for those who are just opening it."""

_FEW = 2_000
"""Passages of a language that are all written anew at each change: it takes a second."""

SHARE = 10
"""One of so many passages: when more than that are new or gone, all are written anew."""


@dataclass(frozen=True, slots=True)
class Options:
    """How an index is built.

    Attributes:
        kind: of the index over the vectors; None to choose by their number.
        fresh: trust nothing of the index that is there.
        merge: merge small segments where that is due.
        progress: told from time to time how far the embedding is.
        waiting: told when another build has to end first.
        chosen: told the language, number of texts and kind of each large segment.
        engine: embeds chunks; None for this process.
    """

    kind: Kind | None = None
    fresh: bool = False
    merge: bool = True
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
        sweep(self._index_dir, now)

    def _take_in(self, language: Language, new: Sequence[Passage], journal: Journal) -> None:
        """Write the segment that ``new`` passages need."""
        entries, stock = self._of(language), self._stock()
        live = sum(stock.live(entry) for entry in entries)
        gone = sum(entry.passages for entry in entries) - live
        total = live + len(new)
        if not total:
            self._drop(entries)
        elif (new or gone) and (total <= _FEW or len(new) * SHARE > total):
            self._write(language, entries, new, journal)
        elif new:
            self._write(language, (), new, journal)

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
        beside = None if replaces_large or not large else self._opened[large.name]
        embedder = self._embedder
        known = Known(self._opened.values(), embedder.dimensions)
        encoder = Encoder(self._engine, known, journal, self._options.progress)
        passages = in_order([*self._stock().passages(merged), *new], self._homes)
        with new_folder(self._index_dir, PREFIX) as folder:
            digest = write_segment(
                folder,
                passages,
                language,
                encoder.embed if language in embedder.languages else None,
                dimensions=embedder.dimensions,
                kind=self._options.kind if replaces_large else None,
                average_length=beside.parts.postings.average_length if beside else None,
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

    def _stock(self) -> Stock:
        return Stock(self._opened, self._homes)

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
        sweep(self._index_dir, manifest)
