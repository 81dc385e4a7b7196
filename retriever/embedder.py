"""What turns text into vectors, and the choice between the ways to do it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge_base.passages import LANGUAGES, Language

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """A text encoder whose vectors compare by inner product.

    Queries and passages are two methods because many models want them marked differently.
    """

    @property
    def fingerprint(self) -> str:
        """Names the weights and how they are used; vectors of two of them do not compare."""

    @property
    def dimensions(self) -> int:
        """Length of a vector."""

    @property
    def languages(self) -> tuple[Language, ...]:
        """The languages it understands; the others are searched by their words."""

    @property
    def words(self) -> frozenset[str]:
        """Lower-case words it knows whole: what is among them is no typing slip. May be empty."""

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of questions, float32, shape (len(texts), dimensions)."""

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of texts to be found, float32, shape (len(texts), dimensions)."""


def load_embedder(
    source: Path | str,
    *,
    revision: str | None = None,
    query_prefix: str = "",
    passage_prefix: str = "",
    languages: tuple[Language, ...] = LANGUAGES,
    threads: int = 1,
) -> Embedder:
    """The embedder that ``source`` names.

    Args:
        source: a folder that `retriever.export.export_minilm` wrote, which runs on onnxruntime;
            or else a sentence-transformers model, by its folder or its name on a hub.
        revision: the commit of a hub model, so that it cannot change unnoticed.
        query_prefix: put before every question ("query: " for the e5 family); not for MiniLM.
        passage_prefix: put before every text to be found.
        languages: what a sentence-transformers model understands. The exported one knows itself.
        threads: CPU threads of the exported one. One is the fastest for single questions.

    Raises:
        EncoderError: when there is no usable model.
    """
    # Loaded where chosen: torch alone takes seconds, and the default does not need it.
    if (Path(source) / "model.onnx").exists() or (Path(source) / "manifest.json").exists():
        from retriever.onnx_embedder import OnnxEmbedder

        return OnnxEmbedder(Path(source), threads=threads)
    from retriever.hub_embedder import HubEmbedder

    return HubEmbedder(
        str(source),
        revision=revision,
        query_prefix=query_prefix,
        passage_prefix=passage_prefix,
        languages=languages,
    )
