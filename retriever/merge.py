"""Merge small segments: with each other when they are many, with the large one when it is worth it.

It takes minutes where the large one is large, so nobody waits for it: while the merged segment is
written the index can be changed, and what has changed by then does not count in it.
"""

import shutil
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from knowledge_base.passages import LANGUAGES, Language
from retriever._files import alone
from retriever.dense import kind_for
from retriever.embedder import Embedder
from retriever.encode import Known
from retriever.errors import StaleIndexError
from retriever.load import open_segments
from retriever.manifest import Manifest, SegmentEntry, read_manifest, replaced, write_manifest
from retriever.segment import Segment
from retriever.segment_writer import write_segment
from retriever.stock import PREFIX, Stock, in_order, new_folder, sweep
from retriever.update import GRACE_SECONDS, SHARE, Options

MOST_SMALL = 8
"""Small segments of a language; more are merged, as each is asked at every search."""

_PREFIX = "merging-"


def is_due(index_dir: Path, encoder: str) -> bool:
    """Whether there is anything to merge in the index that was built with ``encoder``."""
    try:
        manifest = read_manifest(index_dir, encoder)
        opened = open_segments(index_dir, manifest)
    except StaleIndexError:
        return False
    return any(_due(manifest, opened, language) for language in LANGUAGES)


def merge(embedder: Embedder, index_dir: Path, options: Options) -> bool:
    """Merge what is due; True when something was.

    To be called by one at a time; others may change the index meanwhile.

    Raises:
        StaleIndexError: the index is missing or damaged.
        OSError: the merged segment cannot be written; the index stays as it is.
    """
    for left in index_dir.glob(f"{_PREFIX}*"):
        shutil.rmtree(left, ignore_errors=True)
    done = False
    for language in LANGUAGES:
        manifest = read_manifest(index_dir, embedder.fingerprint)
        opened = open_segments(index_dir, manifest)
        if merged := _due(manifest, opened, language):
            _merge(embedder, index_dir, options, manifest, opened, merged)
            done = True
    return done


def _due(
    manifest: Manifest, opened: dict[str, Segment], language: Language
) -> Sequence[SegmentEntry]:
    """The segments that are to become one; none where all is well."""
    entries = [entry for entry in manifest.segments if entry.language == language]
    if not entries:
        return ()
    stock = Stock(opened, {name: source.segments for name, source in manifest.sources.items()})
    large, *small = entries
    kept = stock.live(large)
    total = kept + sum(stock.live(entry) for entry in small)
    if (total - kept + large.passages - kept) * SHARE > total:
        return entries
    return small if len(small) > MOST_SMALL else ()


def _merge(
    embedder: Embedder,
    index_dir: Path,
    options: Options,
    manifest: Manifest,
    opened: dict[str, Segment],
    merged: Sequence[SegmentEntry],
) -> None:
    language = merged[0].language
    large = next(entry for entry in manifest.segments if entry.language == language)
    homes = {name: source.segments for name, source in manifest.sources.items()}
    passages = in_order(Stock(opened, homes).passages(merged), homes)
    length = opened[large.name].parts.postings.average_length
    with new_folder(index_dir, _PREFIX) as folder:
        digest = write_segment(
            folder,
            passages,
            language,
            Known(opened.values(), embedder.dimensions).embed
            if language in embedder.languages
            else None,
            dimensions=embedder.dimensions,
            kind=options.kind if large in merged else None,
            average_length=None if large in merged else length,
        )
        with alone(index_dir):
            segment = folder.rename(folder.with_name(PREFIX + folder.name.removeprefix(_PREFIX)))
            entry = SegmentEntry(segment.name, language, digest, len(passages))
            _put_in_place(embedder, index_dir, merged, entry)
    if large in merged and options.chosen and language in embedder.languages:
        texts = Segment(segment, digest).texts
        options.chosen(language, texts, kind_for(texts, options.kind))


def _put_in_place(
    embedder: Embedder, index_dir: Path, merged: Sequence[SegmentEntry], entry: SegmentEntry
) -> None:
    now = read_manifest(index_dir, embedder.fingerprint)
    if not set(merged) <= set(now.segments):
        # Somebody has built all of it anew meanwhile.
        sweep(index_dir, now)
        return
    left = {each.name for each in merged}
    sources = {
        name: replace(
            source,
            segments=tuple(
                dict.fromkeys(entry.name if home in left else home for home in source.segments)
            ),
        )
        for name, source in now.sources.items()
    }
    place = now.segments.index(merged[0])
    rest = [each for each in now.segments if each.name not in left]
    segments = (*rest[:place], entry, *rest[place:])
    new = replace(now, version=now.version + 1, segments=segments, sources=sources)
    new = replaced(now, new, time.time(), GRACE_SECONDS)
    write_manifest(index_dir, new)
    sweep(index_dir, new)
