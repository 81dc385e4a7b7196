"""MiniLM sentence embeddings by onnxruntime, without torch.

Rasa's environment has TensorFlow in it already; torch beside it would double the memory, and is
slower for one short text (13 ms against 6 ms).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

Vectors = npt.NDArray[np.float32]

MAX_TOKENS = 128
"""MiniLM was trained on texts of at most 128 tokens; what comes after is cut."""


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

        Raises:
            EncoderError: a file is missing.
        """
        model, tokenizer = directory / "model.onnx", directory / "tokenizer.json"
        for file in (model, tokenizer):
            if not file.is_file():
                raise EncoderError(
                    f"The encoder's file {file} does not exist; expected an exported MiniLM there. "
                    "Export it first, or name its directory in SHOPDESK_ENCODER_DIR."
                )
        self._tokenizer: Any = Tokenizer.from_file(str(tokenizer))
        # The published tokenizer pads everything to 128 tokens, which costs ten times the time.
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS)
        options = onnxruntime.SessionOptions()
        # One short text gains nothing from a second thread, and Rasa's own work needs the core.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(model), options, providers=["CPUExecutionProvider"]
        )

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Embed ``texts``: float32 of shape (number of texts, 384).

        One text at a time: padding a batch to its longest text costs more on one thread than the
        calls do.
        """
        if not texts:
            return np.empty((0, 384), dtype=np.float32)
        return np.stack([self._encode_one(text) for text in texts])

    def _encode_one(self, text: str) -> Vectors:
        ids = np.array([self._tokenizer.encode(text).ids], dtype=np.int64)
        inputs = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.zeros_like(ids),
        }
        vector: Vectors = self._session.run(["sentence_embedding"], inputs)[0][0]
        return vector
