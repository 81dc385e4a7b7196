"""Any sentence-transformers model, from a folder or a hub, as an `Embedder`."""

import hashlib
from collections.abc import Sequence
from functools import cached_property

import numpy as np
from sentence_transformers import SentenceTransformer

from knowledge_base.passages import LANGUAGES, Language
from retriever._quiet import quiet
from retriever.embedder import Vectors
from retriever.errors import EncoderError

_WORD_BEGINS = ("▁", "Ġ")


class HubEmbedder:
    """A sentence-transformers model on torch.

    Weights are read from safetensors only and no code of the model's author is run: a pickle or a
    remote module could do anything on the shop's server.

    Args:
        source: folder of the model, or its name on a hub.
        revision: commit of a hub model, so that it cannot change unnoticed.
        query_prefix: put before every question.
        passage_prefix: put before every text to be found.
        languages: the languages it understands.

    Raises:
        EncoderError: when the model cannot be loaded so.
    """

    def __init__(
        self,
        source: str,
        *,
        revision: str | None = None,
        query_prefix: str = "",
        passage_prefix: str = "",
        languages: tuple[Language, ...] = LANGUAGES,
    ) -> None:
        try:
            with quiet():
                self._model = SentenceTransformer(
                    source,
                    revision=revision,
                    device="cpu",
                    trust_remote_code=False,
                    model_kwargs={"use_safetensors": True},
                )
        except (OSError, ValueError, RuntimeError) as error:
            raise EncoderError(
                f"Cannot load the embedding model {source!r} ({error}). Expected a folder or hub "
                "name of a sentence-transformers model with safetensors weights that needs no code "
                "of its own. Correct the setting, or fetch the model first."
            ) from error
        self._query_prefix = query_prefix
        self._passage_prefix = passage_prefix
        self._languages = languages
        self._fingerprint = self._make_fingerprint()

    @property
    def fingerprint(self) -> str:
        return self._fingerprint

    @property
    def dimensions(self) -> int:
        return int(self._model.get_embedding_dimension() or 0)

    @property
    def languages(self) -> tuple[Language, ...]:
        return self._languages

    @cached_property
    def words(self) -> frozenset[str]:
        # Sentence-piece and byte-level vocabularies mark where a word begins; the pieces inside
        # words have no mark there, and WordPiece marks those instead.
        vocabulary = self._model.tokenizer.get_vocab()
        begins = [token[1:] for token in vocabulary if token[:1] in _WORD_BEGINS]
        return frozenset(token.lower() for token in begins or vocabulary if token.isalpha())

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self._embed(self._query_prefix, texts)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self._embed(self._passage_prefix, texts)

    def _embed(self, prefix: str, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        vectors = self._model.encode(
            [prefix + text for text in texts],
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        return np.asarray(vectors, dtype=np.float32)

    def _make_fingerprint(self) -> str:
        """Of the weights themselves: a name or a path says nothing about what lies there now."""
        digest = hashlib.sha256()
        for name, tensor in sorted(self._model.state_dict().items()):
            digest.update(name.encode())
            digest.update(tensor.contiguous().cpu().float().numpy().tobytes())
        digest.update(f"{self._query_prefix}\0{self._passage_prefix}".encode())
        return f"hub:{digest.hexdigest()}"
