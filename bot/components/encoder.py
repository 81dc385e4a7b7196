"""Sentence embeddings by onnxruntime, without torch: MiniLM's, or another exported model's.

Rasa's environment has TensorFlow in it already; torch beside it would double the memory, and is
slower for one short text (13 ms against 6 ms).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

from bot.components.cores import cores

Vectors = npt.NDArray[np.float32]

MAX_TOKENS = 128
"""MiniLM was trained on texts of at most 128 tokens; what comes after is cut. Other models
read on, but a message that long is rare, and each token costs time."""

MANY = 64
"""From so many texts on it is worth starting threads."""

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
"""What a model can take; which of them a model does take, its file says."""


class EncoderError(Exception):
    """The encoder cannot be loaded."""


class Encoder:
    """Embeds texts; vectors are of unit length, so a dot product is their cosine.

    Example:
        >>> encoder = Encoder(Path("var/models/minilm"))  # doctest: +SKIP
        >>> encoder.encode(["Where is my parcel?"]).shape  # doctest: +SKIP
        (1, 384)
    """

    def __init__(self, directory: Path) -> None:
        """Load ``model.onnx`` and ``tokenizer.json`` from ``directory``.

        What the model wants beyond MiniLM's habits is read from ``manifest.json``, where there is
        one.

        Raises:
            EncoderError: a file is missing, or the manifest is no JSON object.
        """
        model, tokenizer = directory / "model.onnx", directory / "tokenizer.json"
        for file in (model, tokenizer):
            if not file.is_file():
                raise EncoderError(
                    f"The encoder's file {file} does not exist; expected an exported model there. "
                    "Export it first, or name its directory in SHOPDESK_ENCODER_DIR."
                )
        manifest = _manifest(directory / "manifest.json")
        self._prefix = str(manifest.get("prefix", ""))
        self._languages = tuple(map(str, manifest.get("languages", ["en"])))
        self._tokenizer: Any = Tokenizer.from_file(str(tokenizer))
        # The published tokenizer pads everything to 128 tokens, which costs ten times the time.
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(min(MAX_TOKENS, manifest.get("max_tokens", MAX_TOKENS)))
        options = onnxruntime.SessionOptions()
        # One short text gains nothing from a second thread, and Rasa's own work needs the core.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        # Else what the weights are rearranged from stays in the arena: 13 MB, for nothing.
        options.add_session_config_entry("session.use_device_allocator_for_initializers", "1")
        self._session = onnxruntime.InferenceSession(
            str(model), options, providers=["CPUExecutionProvider"]
        )

        taken = {node.name for node in self._session.get_inputs()}
        self._inputs = tuple(name for name in INPUTS if name in taken)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that it reads as they are; MiniLM reads English only."""
        return self._languages

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Embed ``texts``: float32 of shape (number of texts, the model's dimensions).

        One text at a time: padding a batch to its longest text costs more on one thread than the
        calls do. Many texts are shared out among the cores.
        """
        if not texts:
            return self._encode_one("")[None][:0]
        if len(texts) < MANY:
            return np.stack([self._encode_one(text) for text in texts])
        with ThreadPoolExecutor(cores()) as pool:
            return np.stack(list(pool.map(self._encode_one, texts)))

    def _encode_one(self, text: str) -> Vectors:
        encoding = self._tokenizer.encode(self._prefix + text)
        rows = (encoding.ids, encoding.attention_mask, encoding.type_ids)
        feed = {
            name: np.array([row], dtype=np.int64)
            for name, row in zip(INPUTS, rows, strict=True)
            if name in self._inputs
        }
        vector: Vectors = self._session.run(["sentence_embedding"], feed)[0][0]
        return vector


def _manifest(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        values = None
    if not isinstance(values, dict):
        raise EncoderError(f"{file} is damaged: expected a JSON object. Export the encoder anew.")
    return values
