"""Load a saved index."""

from collections.abc import Mapping
from pathlib import Path

from knowledge_base.passages import LANGUAGES, Language
from retriever.calibration import FITTED, Calibration
from retriever.embedder import Embedder, load_embedder
from retriever.errors import StaleIndexError
from retriever.manifest import Manifest, read_manifest
from retriever.search import Searcher
from retriever.segment import Segment, View
from retriever.tokens import warm_up

_TRIES = 5

Segments = Mapping[str, Segment]
"""Opened segments, by their names."""


def load_searcher(
    index_dir: Path | str,
    encoder_dir: Path | str,
    calibration: Mapping[Language, Calibration] = FITTED,
) -> Searcher:
    """The search over a saved index, ready for its first question.

    Raises:
        EncoderError: when there is no usable encoder.
        StaleIndexError: when the index is missing, damaged, or was built with another encoder.
    """
    return load_searcher_with(load_embedder(encoder_dir), index_dir, calibration)


def load_searcher_with(
    embedder: Embedder,
    index_dir: Path | str,
    calibration: Mapping[Language, Calibration] = FITTED,
) -> Searcher:
    """Like `load_searcher`, with an embedder that is loaded already."""
    manifest, segments = open_index(Path(index_dir), embedder)
    return searcher_of(manifest, segments, embedder, calibration)


def open_index(
    index_dir: Path, embedder: Embedder, opened: Segments | None = None
) -> tuple[Manifest, Segments]:
    """The manifest that counts, with its segments.

    Args:
        opened: those that are open already; what is still needed of them is used again.

    Raises:
        StaleIndexError: when the index is missing, damaged, or was built with another encoder.
    """
    manifest = read_manifest(index_dir, embedder.fingerprint)
    for _ in range(_TRIES):
        try:
            return manifest, open_segments(index_dir, manifest, opened)
        except StaleIndexError:
            # It may have been replaced, and its segments deleted, since the manifest was read.
            now = read_manifest(index_dir, embedder.fingerprint)
            if now == manifest:
                raise
            manifest = now
    raise StaleIndexError(
        f"The index in {index_dir} changed {_TRIES} times while it was opened. Run "
        "`shopdesk index build`, and only one at a time."
    )


def open_segments(
    index_dir: Path, manifest: Manifest, opened: Segments | None = None, *, thorough: bool = False
) -> dict[str, Segment]:
    """The segments of ``manifest``, by their names, the large one of each language first.

    Raises:
        StaleIndexError: when one is missing or damaged.
    """
    kept = opened or {}
    return {
        entry.name: kept.get(entry.name)
        or Segment(index_dir / entry.name, entry.sha256, thorough=thorough)
        for entry in manifest.segments
    }


def check_index(index_dir: Path, encoder: str) -> Manifest:
    """Compare every file of the index with its hash; returns the manifest.

    Args:
        encoder: fingerprint of the embedder that it was built with.

    Raises:
        StaleIndexError: when the index is missing, damaged, or was built with another encoder.
    """
    manifest = read_manifest(index_dir, encoder)
    open_segments(index_dir, manifest, thorough=True)
    return manifest


def searcher_of(
    manifest: Manifest,
    segments: Segments,
    embedder: Embedder,
    calibration: Mapping[Language, Calibration] = FITTED,
) -> Searcher:
    """The search over opened segments, those parts of them that ``manifest`` names."""
    views = [View(segment, manifest.sources_of(name)) for name, segment in segments.items()]
    shelves = {
        language: found
        for language in LANGUAGES
        if (found := [view for view in views if view.segment.language == language and view.size])
    }
    if "zh" in shelves:
        warm_up()
    return Searcher(shelves, embedder, calibration)
