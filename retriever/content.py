"""What is to be indexed, source by source, so that only what has changed is read."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import knowledge_base
from knowledge_base.load import (
    content_hash,
    find_sources,
    misplaced,
    no_content,
    read_sources,
)
from knowledge_base.passages import Passage
from retriever.manifest import Source

_SURE_AFTER_NS = 2_000_000_000
"""How old a file's last change must be for its time to tell it from the next one: the coarsest
file systems count in two seconds."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a source is recognised by; see `retriever.manifest.Source`."""

    sha256: str
    size: int = 0
    mtime_ns: int = 0


class Content(Protocol):
    """What is to be indexed."""

    @property
    def rules(self) -> str:
        """Names how passages are read; other rules may make others of the same source."""

    def stamps(self, known: Mapping[str, Source]) -> dict[str, Stamp]:
        """All sources in their order; what is ``known`` and looks the same is not read again."""

    def read(self, names: Sequence[str]) -> list[Passage]:
        """The passages of some sources, in their order."""


class GivenPassages:
    """Passages that are read already.

    Args:
        passages: the whole knowledge base, each id once.

    Raises:
        ValueError: when there are no passages or an id is used twice.
    """

    rules = ""

    def __init__(self, passages: Sequence[Passage]) -> None:
        ids = {passage.id for passage in passages}
        if not passages or len(ids) != len(passages):
            raise ValueError(
                f"{len(passages)} passages with {len(ids)} ids; expected some, all unlike"
            )
        self._passages: dict[str, list[Passage]] = {}
        for passage in passages:
            self._passages.setdefault(passage.source, []).append(passage)

    def stamps(self, known: Mapping[str, Source]) -> dict[str, Stamp]:
        return {name: Stamp(content_hash(found)) for name, found in self._passages.items()}

    def read(self, names: Sequence[str]) -> list[Passage]:
        return [passage for name in names for passage in self._passages[name]]


class ContentFolder:
    """The folder that the shop's content is kept in.

    Args:
        path: see `knowledge_base.load`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def rules(self) -> str:
        """The sha256 of the code that reads passages: a new version may read the same otherwise."""
        digest = sha256()
        for path in sorted(Path(str(knowledge_base.__file__)).parent.glob("*.py")):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
        return digest.hexdigest()

    def stamps(self, known: Mapping[str, Source]) -> dict[str, Stamp]:
        stamps = {}
        for name, source in find_sources(self.path).items():
            # Before reading it: what is written in between has a later time.
            now, status = time.time_ns(), source.path.stat()
            size, mtime = status.st_size, status.st_mtime_ns
            was = known.get(name)
            if was and (was.size, was.mtime_ns) == (size, mtime):
                stamps[name] = Stamp(was.sha256, size, mtime)
            else:
                digest = sha256(source.path.read_bytes()).hexdigest()
                sure = now - mtime > _SURE_AFTER_NS
                stamps[name] = Stamp(digest, size, mtime if sure else 0)
        return stamps

    def read(self, names: Sequence[str]) -> list[Passage]:
        """Raises ContentError: with all that is wrong with these files, and with others' places."""
        sources = find_sources(self.path)
        wrong = misplaced(self.path, sources)
        if not sources:
            wrong.append(no_content(self.path))
        return read_sources({name: sources[name] for name in names if name in sources}, wrong)
