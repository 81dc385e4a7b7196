"""Write a segment: passages, what is counted and embedded of them, and the indexes over that."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from knowledge_base.passages import Language, Passage
from retriever._arrays import map_array, write_array, write_blocks
from retriever._files import sha256_of, sync_files, write_json
from retriever.ann import Ann
from retriever.dense import Kind, Texts, kind_for, single, stored_as
from retriever.embedder import Vectors
from retriever.keys import text_keys, token_keys
from retriever.passages import write_passages
from retriever.postings import count
from retriever.segment import ARRAYS, FAISS, HEADER, PASSAGE_KINDS, VECTORS
from retriever.spelling import WordCounts
from retriever.tokens import tokens
from retriever.units import units_of

Embed = Callable[[Sequence[str]], Iterator[Vectors]]
"""The vectors of texts, block by block, in their order."""


def write_segment(
    folder: Path,
    passages: Sequence[Passage],
    language: Language,
    embed: Embed | None,
    *,
    dimensions: int,
    kind: Kind | None = None,
    average_length: float | None = None,
) -> str:
    """Write ``passages``, all of ``language``, to the empty ``folder``.

    Args:
        embed: None where the embedder does not understand the language.
        dimensions: of a vector.
        kind: of index over the vectors; None to choose by their number.
        average_length: see `retriever.postings.count`.

    Returns:
        The sha256 of the header, which holds those of all other files.
    """
    units = [units_of(passage) for passage in passages]
    said = [unit.text for of_passage in units for unit in of_passage]
    sources = dict.fromkeys(passage.source for passage in passages)
    number = {source: place for place, source in enumerate(sources)}
    names = [
        list(dict.fromkeys(tokens(passage.title, language))) if passage.kind == "product" else []
        for passage in passages
    ]
    counts = WordCounts.of(said if language == "en" else ())
    arrays = {
        "unit_starts": _starts([len(of_passage) for of_passage in units]),
        "fields": np.array([unit.fields for of_passage in units for unit in of_passage]),
        "kinds": np.array([PASSAGE_KINDS.index(passage.kind) for passage in passages]),
        "source_of": np.array([number[passage.source] for passage in passages]),
        "name_starts": _starts([len(name) for name in names]),
        "names": token_keys(token for name in names for token in name),
        "words": counts.words,
        "word_counts": counts.counts,
    }
    postings = count(said, language, average_length)
    chosen: Kind | None = None
    if embed:
        texts = dict.fromkeys(said)
        row = {text: place for place, text in enumerate(texts)}
        grouped = Texts.grouped(np.array([row[text] for text in said], dtype=np.int32), len(texts))
        keys = text_keys(texts)
        order = np.argsort(keys, kind="stable")
        arrays |= {
            "text_of": grouped.of,
            "text_units": grouped.units,
            "text_starts": grouped.starts,
            "text_keys": keys[order],
            "text_order": order,
        }
        chosen = kind_for(len(texts), kind).kind
        _write_vectors(folder, embed(list(texts)), chosen, (len(texts), dimensions))
    write_passages(folder, passages)
    for name, values in arrays.items():
        write_array(folder / f"{name}.npy", values.astype(ARRAYS[name]))
    header = {
        "language": language,
        "kind": chosen,
        "dimensions": dimensions,
        "passages": len(passages),
        "shapes": {name: list(values.shape) for name, values in arrays.items()},
        "postings": postings.save(folder),
        "sources": list(sources),
    }
    files = {
        path.name: {"bytes": path.stat().st_size, "sha256": sha256_of(path)}
        for path in sorted(folder.iterdir())
    }
    write_json(folder / HEADER, {**header, "files": files})
    sync_files(folder)
    return sha256_of(folder / HEADER)


def _write_vectors(
    folder: Path, blocks: Iterator[Vectors], kind: Kind, shape: tuple[int, int]
) -> None:
    dtype = stored_as(kind)
    write_blocks(folder / VECTORS, dtype, shape, blocks)
    if kind == "flat":
        return
    vectors = map_array(folder / VECTORS, dtype, shape)
    index = Ann.build(kind, lambda start, end: single(vectors[start:end]), *shape)
    index.save(folder / FAISS)


def _starts(lengths: Sequence[int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.concatenate([[0], np.cumsum(np.array(lengths, dtype=np.int64))])
