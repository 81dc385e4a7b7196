"""What an index consists of: the one file that says which segments count.

Replacing it is the one moment at which an index changes: before it the old one is whole, after it
the new one is, and nothing ever reads half of either.
"""

import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from knowledge_base.passages import Language
from retriever._files import read_json, write_json
from retriever.errors import StaleIndexError

FORMAT = 4
"""Of the files; raised whenever they, `retriever.units` or `retriever.tokens` change meaning."""

FILE = "manifest.json"


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """A segment that counts.

    Attributes:
        name: of its folder.
        language: of its passages.
        sha256: of its header.
        passages: how many it holds, those that no longer count included.
    """

    name: str
    language: Language
    sha256: str
    passages: int


@dataclass(frozen=True, slots=True)
class Source:
    """A file of the knowledge base, as it was indexed.

    Attributes:
        sha256: of its content.
        segments: the names of those that its passages are read from, one a language.
        size: bytes; 0 where there is no file.
        mtime_ns: when it was last changed; 0 where that tells nothing, because it was so shortly
            before it was read that another change might bear the same time.
    """

    sha256: str
    segments: tuple[str, ...]
    size: int = 0
    mtime_ns: int = 0


@dataclass(frozen=True, slots=True)
class Manifest:
    """One version of an index.

    Attributes:
        version: counts up with each change.
        encoder: fingerprint of the embedder.
        dimensions: of a vector.
        rules: sha256 of what reads the knowledge base: see `retriever.build`.
        kind: the kind of index that the settings asked for; empty where they left it open.
        segments: the large one of each language first.
        sources: by their path relative to the content folder.
        retired: segments of former versions and when each was left, in seconds since 1970; they
            are deleted when nobody can still be about to open them.
    """

    version: int
    encoder: str
    dimensions: int
    rules: str
    kind: str
    segments: tuple[SegmentEntry, ...]
    sources: Mapping[str, Source]
    retired: Mapping[str, float] = field(default_factory=dict)

    @property
    def content_sha256(self) -> str:
        """The sha256 of everything that is indexed."""
        return content_sha256({name: source.sha256 for name, source in self.sources.items()})

    def sources_of(self, segment: str) -> frozenset[str]:
        """The source files whose passages are read from ``segment``."""
        return frozenset(
            name for name, source in self.sources.items() if segment in source.segments
        )


def content_sha256(sources: Mapping[str, str]) -> str:
    """One sha256 for a knowledge base, from that of each source."""
    lines = sorted(f"{digest} {name}\n" for name, digest in sources.items())
    return sha256("".join(lines).encode()).hexdigest()


def write_manifest(index_dir: Path, manifest: Manifest) -> None:
    """Make ``manifest`` the one that counts."""
    values = {"format": FORMAT, **_as_json(manifest), "content_sha256": manifest.content_sha256}
    write_json(index_dir / FILE, {**values, "check": _check(values)})


def read_manifest(index_dir: Path, encoder: str) -> Manifest:
    """The manifest of the index in ``index_dir``, which was built with ``encoder``.

    Raises:
        StaleIndexError: there is none, it is damaged, or of another format or encoder.
    """
    remedy = "Run `shopdesk index build`."
    values: dict[str, Any] | None = read_json(index_dir / FILE)
    if values is None:
        raise StaleIndexError(f"No index in {index_dir}. {remedy}")
    for name, expected in {"format": FORMAT, "encoder": encoder}.items():
        if values.get(name) != expected:
            raise StaleIndexError(
                f"The index in {index_dir} has {name} {values.get(name)!r}, expected "
                f"{expected!r}. {remedy}"
            )
    given = values.pop("check", None)
    if given != _check(values):
        raise StaleIndexError(f"{index_dir / FILE} is damaged: its checksum is wrong. {remedy}")
    return _from_json(values)


def replaced(old: Manifest | None, new: Manifest, now: float, grace: float) -> Manifest:
    """``new`` with the segments of ``old`` that it leaves retired, and long retired ones gone."""
    if old is None:
        return new
    kept = {entry.name for entry in new.segments}
    retired = {name: since for name, since in old.retired.items() if now - since < grace}
    left = {entry.name: now for entry in old.segments}
    both = {**left, **retired}
    return replace(new, retired={name: since for name, since in both.items() if name not in kept})


def _check(values: Mapping[str, Any]) -> int:
    return zlib.crc32(json.dumps(values, sort_keys=True).encode())


def _as_json(manifest: Manifest) -> dict[str, Any]:
    names = Manifest.__dataclass_fields__
    values = {name: getattr(manifest, name) for name in names}
    return {
        **values,
        "segments": [asdict(entry) for entry in manifest.segments],
        "sources": {
            name: [source.sha256, source.size, source.mtime_ns, *source.segments]
            for name, source in manifest.sources.items()
        },
        "retired": dict(manifest.retired),
    }


def _from_json(values: Mapping[str, Any]) -> Manifest:
    names = Manifest.__dataclass_fields__
    return Manifest(
        **{
            **{name: values[name] for name in names},
            "segments": tuple(SegmentEntry(**entry) for entry in values["segments"]),
            "sources": {
                name: Source(digest, tuple(segments), size, mtime)
                for name, (digest, size, mtime, *segments) in values["sources"].items()
            },
        }
    )
