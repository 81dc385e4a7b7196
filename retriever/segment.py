"""One part of the index on disk: some files of the knowledge base, in one language.

A segment never changes once it is written (as in Lucene). What is changed or deleted later is not
taken out of it; the index's manifest says which segment a source file is to be read from, and the
passages of any other segment that came from it no longer count.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from knowledge_base.passages import Kind as PassageKind
from knowledge_base.passages import Language
from retriever._arrays import RowFile, map_array
from retriever._files import read_json, sha256_of
from retriever.ann import Ann
from retriever.dense import DenseIndex, Kind, Texts, single, stored_as
from retriever.embedder import Vectors
from retriever.errors import StaleIndexError
from retriever.keys import TextKeys, TokenKeys, find, text_keys
from retriever.matches import Layout, Rows
from retriever.passages import PassageFile
from retriever.postings import Postings
from retriever.spelling import LONGEST, WordCounts

PASSAGE_KINDS: tuple[PassageKind, ...] = get_args(PassageKind)

HEADER, VECTORS, FAISS = "segment.json", "vectors.npy", "dense.faiss"

ARRAYS: Mapping[str, str] = {
    "unit_starts": "int64",
    "fields": "uint8",
    "kinds": "uint8",
    "source_of": "int32",
    "name_starts": "int64",
    "names": "uint64",
    "words": f"S{LONGEST}",
    "word_counts": "int32",
    "text_of": "int32",
    "text_units": "int32",
    "text_starts": "int64",
    "text_keys": "S16",
    "text_order": "int32",
}
"""The arrays beside those of the postings and the passages; their shapes are in the header."""

_LARGE = frozenset({VECTORS, FAISS, "units.npy", "weights.npy", "passages.jsonl"})
"""Hashed when they are opened only while they are small: what is read of them is looked at again
where it is used. The others say where to read, and are always hashed."""

_SMALL = 16_000_000
"""Bytes that are hashed in a hundredth of a second."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a segment consists of.

    Attributes:
        passages: in the order that all rows count.
        sources: the files they came from.
        source_of: int32, shape (passages,): which of them.
        kinds: uint8, shape (passages,): of `PASSAGE_KINDS`.
        unit_starts: int64, shape (passages + 1,): see `retriever.matches.Layout`.
        fields: uint8, shape (units,): see `retriever.units.Unit`.
        name_starts: int64, shape (passages + 1,): where in ``names`` each product's begin.
        names: keys of the tokens of the products' names, each once.
        postings: of the units.
        counts: the words that slips are mended to.
    """

    passages: PassageFile
    sources: Sequence[str]
    source_of: NDArray[np.int32]
    kinds: NDArray[np.uint8]
    unit_starts: Rows
    fields: NDArray[np.uint8]
    name_starts: Rows
    names: TokenKeys
    postings: Postings
    counts: WordCounts


@dataclass(frozen=True, slots=True)
class Meaning:
    """The vectors of a segment's texts, where the embedder understands its language.

    Attributes:
        kind: how the nearest are found.
        vectors: shape (texts, dimensions), float32 or float16.
        texts: which units they stand for.
        keys: of the texts, sorted.
        order: int32, shape (texts,): the text of each key.
    """

    kind: Kind
    vectors: NDArray[np.floating]
    texts: Texts
    keys: TextKeys
    order: NDArray[np.int32]


class Segment:
    """An opened segment; its files are mapped, so they may be deleted while it is in use.

    Args:
        folder: holds what `retriever.segment_writer.write_segment` wrote.
        sha256: of its header, as the manifest has it.
        thorough: compare the hashes of all files, not only of the small ones.

    Raises:
        StaleIndexError: a file is missing, damaged, or of another segment.
    """

    def __init__(self, folder: Path, sha256: str, *, thorough: bool = False) -> None:
        self.name = folder.name
        self.folder = folder
        path = folder / HEADER
        if not path.is_file():
            raise StaleIndexError(f"{path} is missing. Run `shopdesk index build`.")
        if sha256_of(path) != sha256:
            raise StaleIndexError(
                f"{path} is damaged: its sha256 is not {sha256}. Run `shopdesk index build`."
            )
        header: dict[str, Any] = read_json(path) or {}
        self._check_files(header["files"], thorough=thorough)
        self._faiss_sha256 = str(header["files"].get(FAISS, {}).get("sha256"))
        self.language: Language = header["language"]
        self.texts = int(header["shapes"].get("text_keys", [0])[0])
        arrays = {
            name: map_array(folder / f"{name}.npy", ARRAYS[name], tuple(shape))
            for name, shape in header["shapes"].items()
        }
        self.parts = Parts(
            passages=PassageFile(folder, int(header["passages"])),
            sources=header["sources"],
            source_of=arrays["source_of"],
            kinds=arrays["kinds"],
            unit_starts=arrays["unit_starts"],
            fields=arrays["fields"],
            name_starts=arrays["name_starts"],
            names=arrays["names"],
            postings=Postings.load(folder, **header["postings"]),
            counts=WordCounts(arrays["words"], arrays["word_counts"]),
        )
        self.meaning = self._meaning(header, arrays) if header["kind"] else None

    def __len__(self) -> int:
        return len(self.parts.passages)

    def _meaning(self, header: Mapping[str, Any], arrays: Mapping[str, Any]) -> Meaning:
        kind: Kind = header["kind"]
        shape = (self.texts, int(header["dimensions"]))
        vectors = map_array(self.folder / VECTORS, stored_as(kind), shape)
        # A search looks at what it compares; this is for what is wrong as a whole. Of the graph's
        # vectors it is also the first look, which maps them: that would cost a question 20 µs each.
        looked_at = vectors[:: {"flat": 1, "hnsw": 8}.get(kind, 1 + len(vectors) // 256)]
        if not np.isfinite(looked_at).all():
            raise StaleIndexError(
                f"{self.folder / VECTORS} holds what is no number. "
                "Run `shopdesk index build --fresh`."
            )
        return Meaning(
            kind,
            vectors,
            Texts(arrays["text_of"], arrays["text_units"], arrays["text_starts"]),
            arrays["text_keys"],
            arrays["text_order"],
        )

    @cached_property
    def ann(self) -> Ann | None:
        """What finds the nearest vectors; None where all are compared. Read when first asked for.

        Raises:
            StaleIndexError: its file is damaged.
        """
        if self.meaning is None or self.meaning.kind == "flat":
            return None
        # FAISS trusts its file, and would end the process over a damaged one.
        _check_hash(self.folder / FAISS, self._faiss_sha256)
        return Ann.load(self.folder / FAISS, *self.meaning.vectors.shape)

    @cached_property
    def rows(self) -> NDArray[np.floating] | RowFile:
        """The vectors to compare with: mapped, or where they are many only read."""
        if self.meaning is None or self.meaning.kind != "ivfpq":
            return self.meaning.vectors if self.meaning else np.zeros((0, 0), dtype=np.float32)
        shape = (self.texts, self.meaning.vectors.shape[1])
        return RowFile(self.folder / VECTORS, stored_as("ivfpq"), shape)

    def _check_files(self, files: Mapping[str, Mapping[str, Any]], *, thorough: bool) -> None:
        for name, expected in files.items():
            path = self.folder / name
            found = path.stat().st_size if path.is_file() else "no"
            if found != expected["bytes"]:
                raise StaleIndexError(
                    f"{path} has {found} bytes, expected {expected['bytes']}. "
                    "Run `shopdesk index build`."
                )
            if thorough or name not in _LARGE or expected["bytes"] <= _SMALL:
                _check_hash(path, expected["sha256"])

    def rows_of_texts(self, keys: TextKeys) -> Rows:
        """Which texts have these keys; -1 where there is none."""
        if self.meaning is None:
            return np.full(len(keys), -1, dtype=np.int64)
        places = find(self.meaning.keys, keys)
        return np.where(places < 0, -1, self.meaning.order[places]) if self.texts else places

    def vectors(self, rows: Rows) -> Vectors:
        """The vectors of texts, float32, shape (len(rows), dimensions)."""
        if self.meaning is None:
            raise ValueError(f"segment {self.name} has no vectors; expected an embedded language")
        return single(self.meaning.vectors[rows])


class View:
    """A segment as one version of the index sees it.

    Args:
        segment: what is seen.
        sources: the source files that are read from this segment.
    """

    def __init__(self, segment: Segment, sources: Collection[str]) -> None:
        parts = segment.parts
        counts = np.array([source in sources for source in parts.sources], dtype=bool)
        alive = None if counts.all() else counts[parts.source_of]
        self.segment = segment
        self.layout = Layout(parts.unit_starts, alive)
        self.size = len(segment) if alive is None else int(alive.sum())
        meaning = segment.meaning
        self.dense = meaning and DenseIndex(segment.rows, meaning.texts, self.layout, segment.ann)

    def vector(self, text: str) -> Vectors | None:
        """The vector of an indexed text, shape (dimensions,); None where it is not indexed."""
        row = self.segment.rows_of_texts(text_keys([text]))
        return None if row[0] < 0 else self.segment.vectors(row)[0]


def _check_hash(path: Path, sha256: str) -> None:
    if sha256_of(path) != sha256:
        raise StaleIndexError(
            f"{path} is damaged: its sha256 is not {sha256}. Run `shopdesk index build --fresh`."
        )
