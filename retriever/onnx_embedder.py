"""MiniLM on onnxruntime: a question in about 5 ms on one thread, against 13 ms in torch."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Encoding, Tokenizer

from knowledge_base.passages import Language
from retriever._files import read_json, sha256_of
from retriever.embedder import Vectors
from retriever.errors import EncoderError

_BATCH = 16


class OnnxEmbedder:
    """The encoder in a folder that `retriever.export.export_minilm` wrote.

    Args:
        directory: holds ``model.onnx``, ``tokenizer.json`` and ``manifest.json``.
        threads: CPU threads for one call.

    Raises:
        EncoderError: when a file is missing or does not match the manifest.
    """

    def __init__(self, directory: Path, threads: int = 1) -> None:
        remedy = "Remove the folder and run `shopdesk index build`, which makes it anew."
        manifest = read_json(directory / "manifest.json")
        if manifest is None:
            raise EncoderError(
                f"No readable manifest.json in the encoder folder {directory}. {remedy}"
            )
        files = manifest.get("files")
        for name, expected in (files if isinstance(files, dict) else {}).items():
            path = directory / str(name)
            found = sha256_of(path) if path.is_file() else "no such file"
            if found != expected:
                raise EncoderError(
                    f"{path} is damaged: sha256 {found}, expected {expected}. {remedy}"
                )
        self._dimensions = int(str(manifest["dimensions"]))
        self._fingerprint = f"minilm-onnx:{manifest['weights_sha256']}"
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Threads that wait by spinning starve each other where the cores are shared.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(
            str(directory / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
        # The file asks for padding to a fixed length, which would make every question as slow as
        # the longest.
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(int(str(manifest["max_tokens"])))

    @property
    def fingerprint(self) -> str:
        return self._fingerprint

    @property
    def dimensions(self) -> int:
        return self._dimensions

    @property
    def languages(self) -> tuple[Language, ...]:
        """MiniLM has read English only: on Chinese it finds 15 of 100 where words find 88."""
        return ("en",)

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(token for token in self._tokenizer.get_vocab() if token.isalpha())

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self._embed(texts)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self._embed(texts)

    def _embed(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self._dimensions), dtype=np.float32)
        encodings = self._tokenizer.encode_batch([_encodable(text) for text in texts])
        # Texts of like length together, as a batch takes as long as its longest.
        order = sorted(range(len(texts)), key=lambda row: len(encodings[row].ids))
        for rows in _batches(order):
            feed = _feed([encodings[row] for row in rows])
            vectors[rows] = self._session.run(["sentence_embedding"], feed)[0]
        return vectors


def _encodable(text: str) -> str:
    """Half a surrogate pair, which a broken client can send, has no UTF-8 form."""
    return text.encode("utf-8", errors="replace").decode("utf-8")


def _batches(order: list[int]) -> list[list[int]]:
    return [order[start : start + _BATCH] for start in range(0, len(order), _BATCH)]


def _feed(encodings: list[Encoding]) -> dict[str, np.ndarray[tuple[int, int], np.dtype[np.int64]]]:
    shape = (len(encodings), max(len(encoding.ids) for encoding in encodings))
    ids = np.zeros(shape, dtype=np.int64)
    mask = np.zeros(shape, dtype=np.int64)
    for row, encoding in enumerate(encodings):
        ids[row, : len(encoding.ids)] = encoding.ids
        mask[row, : len(encoding.ids)] = 1
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
