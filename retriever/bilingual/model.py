"""MiniLM with rows for Chinese words, in torch: for training, and to be exported."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch.nn import functional

from retriever.bilingual.tokenizer import extended
from retriever.bilingual.vocabulary import Word

MAX_TOKENS = 256


class Rows(torch.nn.Module):
    """An embedding table in which several tokens share a row.

    Args:
        table: shape (rows, dimensions).
        rows: for each token its row, shape (tokens,).
        known: the rows that English has; those behind it are Chinese.
    """

    def __init__(self, table: torch.Tensor, rows: NDArray[np.int32], known: int) -> None:
        super().__init__()
        self.english = torch.nn.Parameter(table[:known].clone())
        self.chinese = torch.nn.Parameter(table[known:].clone())
        self.rows: torch.Tensor
        self.register_buffer("rows", torch.from_numpy(rows.astype(np.int64)))

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        table = torch.cat([self.english, self.chinese])
        return functional.embedding(self.rows[ids], table)


class Encoder(torch.nn.Module):
    """Texts into unit vectors: the mean of the last layer's tokens."""

    def __init__(self, transformer: torch.nn.Module, tokenizer: Tokenizer) -> None:
        super().__init__()
        self.transformer = transformer
        self._tokenizer = tokenizer
        tokenizer.no_padding()
        tokenizer.enable_truncation(MAX_TOKENS)

    @property
    def words(self) -> torch.nn.Module:
        """The embedding table."""
        return self.transformer.get_submodule("embeddings.word_embeddings")

    @words.setter
    def words(self, table: torch.nn.Module) -> None:
        self.transformer.get_submodule("embeddings").word_embeddings = table

    def english_words(self) -> torch.nn.Parameter:
        """The rows that MiniLM had, shape (30522, dimensions)."""
        return self.words.get_parameter("english" if isinstance(self.words, Rows) else "weight")

    def chinese_words(self) -> torch.nn.Parameter:
        """The rows behind them, shape (words, dimensions)."""
        return self.words.get_parameter("chinese")

    def embed(self, texts: Sequence[str]) -> torch.Tensor:
        """Unit vectors, shape (len(texts), dimensions); with a gradient."""
        encodings = self._tokenizer.encode_batch(list(texts))
        longest = max(len(each.ids) for each in encodings)
        ids = np.zeros((len(texts), longest), dtype=np.int64)
        mask = np.zeros((len(texts), longest), dtype=np.int64)
        for row, each in enumerate(encodings):
            ids[row, : len(each.ids)] = each.ids
            mask[row, : len(each.ids)] = 1
        device = next(self.parameters()).device
        attention = torch.from_numpy(mask).to(device)
        with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
            states = self.transformer(
                input_ids=torch.from_numpy(ids).to(device), attention_mask=attention
            ).last_hidden_state
        weights = attention.unsqueeze(-1).float()
        pooled = (states.float() * weights).sum(1) / weights.sum(1)
        return functional.normalize(pooled, dim=-1)

    @torch.no_grad()
    def embed_all(self, texts: Sequence[str], batch: int = 512) -> torch.Tensor:
        """Like `embed` for many texts, without a gradient."""
        order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        vectors = None
        for start in range(0, len(texts), batch):
            rows = order[start : start + batch]
            found = self.embed([texts[row] for row in rows])
            if vectors is None:
                vectors = found.new_zeros(len(texts), found.shape[1])
            vectors[rows] = found
        if vectors is None:
            raise ValueError("no texts; expected at least one")
        return vectors


def load_base(directory: Path) -> Encoder:
    """The encoder in ``directory`` (config.json, model.safetensors, tokenizer.json) as it is."""
    from transformers import AutoModel

    transformer = AutoModel.from_pretrained(
        directory, local_files_only=True, use_safetensors=True, dtype=torch.float32
    )
    return Encoder(transformer.eval(), Tokenizer.from_file(str(directory / "tokenizer.json")))


def with_words(directory: Path, words: Sequence[Word]) -> tuple[Encoder, str]:
    """The encoder in ``directory`` with ``words``, each as the mean of its meaning's tokens.

    Returns:
        The encoder, and its tokenizer.json.
    """
    encoder = load_base(directory)
    content = json.loads((directory / "tokenizer.json").read_text("utf-8"))
    plain = Tokenizer.from_str(json.dumps(content))
    plain.no_padding()
    table = encoder.english_words().detach()
    known = len(table)
    neutral = table[1000:].mean(0)
    chinese = torch.stack(
        [
            table[ids].mean(0)
            if (ids := plain.encode(word.gloss, add_special_tokens=False).ids)
            else neutral
            for word in words
        ]
    )
    extension, rows = extended(content, words)
    serialized = json.dumps(extension, ensure_ascii=False)
    encoder.words = Rows(torch.cat([table, chinese]), rows, known)
    return Encoder(encoder.transformer, Tokenizer.from_str(serialized)), serialized
