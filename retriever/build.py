"""Build the index, save it, and load it again.

An index folder holds one sub-folder for each build and a ``manifest.json`` that names the current
one. Replacing that file is the one moment at which an index changes: before it the old one is
whole, after it the new one is, and nothing ever reads half of either.
"""

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from knowledge_base.load import content_hash
from knowledge_base.passages import LANGUAGES, Language, Passage
from retriever._files import read_json, write_json
from retriever.calibration import FITTED, Calibration
from retriever.dense import DenseIndex
from retriever.embedder import Embedder, Vectors, load_embedder
from retriever.errors import StaleIndexError
from retriever.lexical import LexicalIndex
from retriever.search import Searcher, Shelf
from retriever.tokens import warm_up
from retriever.units import units_of

FORMAT = 3
"""Of the files; raised whenever they or `retriever.units` change their meaning: vectors are taken
over from the last index by their unit's text, which must mean the same in both."""

Progress = Callable[[int, int], None]
"""Called with how many texts are embedded and how many have to be."""

_REMEDY = "Run `shopdesk index build`."
_CHUNK = 256


def build_index(
    passages: Sequence[Passage],
    encoder_dir: Path | str,
    index_dir: Path | str,
    progress: Progress | None = None,
) -> bool:
    """Index ``passages`` with the encoder in ``encoder_dir`` and save the index to ``index_dir``.

    Args:
        passages: the whole knowledge base, each id once.
        encoder_dir: folder of the encoder; see `retriever.embedder.load_embedder`.
        index_dir: is made when there is none.
        progress: told from time to time how far it is.

    Returns:
        Whether anything was built; False when the index was up to date.

    Raises:
        EncoderError: when there is no usable encoder.
        ValueError: when there are no passages or an id is used twice.
    """
    return build_index_with(load_embedder(encoder_dir, threads=2), passages, index_dir, progress)


def build_index_with(
    embedder: Embedder,
    passages: Sequence[Passage],
    index_dir: Path | str,
    progress: Progress | None = None,
) -> bool:
    """Like `build_index`, with an embedder that is loaded already."""
    ids = {passage.id for passage in passages}
    if not passages or len(ids) != len(passages):
        raise ValueError(f"{len(passages)} passages with {len(ids)} ids; expected some, all unlike")
    target = Path(index_dir)
    wanted = {
        "format": FORMAT,
        "content_sha256": content_hash(passages),
        "encoder": embedder.fingerprint,
        "dimensions": embedder.dimensions,
    }
    current = read_json(target / "manifest.json") or {}
    if wanted.items() <= current.items() and (target / str(current.get("folder"))).is_dir():
        return False
    target.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="build-", dir=target))
    try:
        folder.chmod(0o755)
        known = _known_vectors(target, current, embedder)
        _write(folder, _shelves(_Encoder(embedder, known, progress), passages))
        write_json(target / "manifest.json", {**wanted, "folder": folder.name})
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    # Also what a killed build left. Whoever has an older one loaded holds it in memory.
    for old in target.glob("build-*"):
        if old != folder:
            shutil.rmtree(old, ignore_errors=True)
    return True


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
    source = Path(index_dir)
    manifest = read_json(source / "manifest.json")
    if manifest is None:
        raise StaleIndexError(f"No index in {source}. {_REMEDY}")
    expected = {"format": FORMAT, "encoder": embedder.fingerprint}
    for name, value in expected.items():
        if manifest.get(name) != value:
            raise StaleIndexError(
                f"The index in {source} has {name} {manifest.get(name)!r}, expected {value!r}. "
                f"{_REMEDY}"
            )
    folder = source / str(manifest.get("folder"))
    shelves = {
        language: _read_shelf(folder / language, language)
        for language in LANGUAGES
        if (folder / language).is_dir()
    }
    if not shelves:
        raise StaleIndexError(f"The index folder {folder} is empty or missing. {_REMEDY}")
    if "zh" in shelves:
        warm_up()
    return Searcher(shelves, embedder, calibration)


class _Encoder:
    """Embeds texts that the last index did not hold, telling how far it is."""

    def __init__(
        self, embedder: Embedder, known: Mapping[str, Vectors], progress: Progress | None
    ) -> None:
        self.languages = embedder.languages
        self._embedder = embedder
        self._known = dict(known)
        self._progress = progress

    def embed(self, texts: Sequence[str]) -> Vectors:
        new = list(dict.fromkeys(text for text in texts if text not in self._known))
        for start in range(0, len(new), _CHUNK):
            chunk = new[start : start + _CHUNK]
            self._known.update(zip(chunk, self._embedder.embed_passages(chunk), strict=True))
            if self._progress:
                self._progress(start + len(chunk), len(new))
        return np.stack([self._known[text] for text in texts])


def _known_vectors(
    target: Path, manifest: Mapping[str, object], embedder: Embedder
) -> dict[str, Vectors]:
    """What the index in ``target`` has embedded with the same encoder: no need to do it twice."""
    known: dict[str, Vectors] = {}
    if manifest.get("format") != FORMAT or manifest.get("encoder") != embedder.fingerprint:
        return known
    for language in embedder.languages:
        try:
            shelf = _read_shelf(target / str(manifest.get("folder")) / language, language)
        except StaleIndexError:
            continue
        if shelf.dense is not None:
            texts = [unit.text for unit in shelf.units]
            known.update(zip(texts, shelf.dense.vectors(), strict=True))
    return known


def _shelves(encoder: _Encoder, passages: Sequence[Passage]) -> dict[Language, Shelf]:
    shelves: dict[Language, Shelf] = {}
    for language in LANGUAGES:
        found = [passage for passage in passages if passage.language == language]
        if not found:
            continue
        units = units_of(found)
        texts = [unit.text for unit in units]
        dense = None
        if language in encoder.languages:
            dense = DenseIndex.build(encoder.embed(texts), [unit.row for unit in units])
        shelves[language] = Shelf(found, units, LexicalIndex.build(texts, language), dense)
    return shelves


def _write(folder: Path, shelves: Mapping[Language, Shelf]) -> None:
    for language, shelf in shelves.items():
        (folder / language).mkdir()
        with (folder / language / "passages.jsonl").open("w", encoding="utf-8") as file:
            for passage in shelf.passages:
                file.write(json.dumps(asdict(passage), ensure_ascii=False) + "\n")
        shelf.lexical.save(folder / language / "lexical")
        if shelf.dense is not None:
            shelf.dense.save(folder / language / "dense.faiss")


def _read_shelf(folder: Path, language: Language) -> Shelf:
    try:
        with (folder / "passages.jsonl").open(encoding="utf-8") as file:
            rows = [json.loads(line) for line in file]
        passages = [Passage(**{**row, "questions": tuple(row["questions"])}) for row in rows]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise StaleIndexError(
            f"Cannot read the passages of the index {folder} ({error}). {_REMEDY}"
        ) from error
    units = units_of(passages)
    path = folder / "dense.faiss"
    dense = DenseIndex.load(path, [unit.row for unit in units]) if path.exists() else None
    return Shelf(passages, units, LexicalIndex.load(folder / "lexical", language), dense)
