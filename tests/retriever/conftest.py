import re
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from knowledge_base.passages import Kind, Language, Passage
from retriever.embedder import Vectors


class WordEmbedder:
    """Texts with the same words are near: each word is a direction, the sum is the text."""

    dimensions = 64
    words: frozenset[str] = frozenset()

    def __init__(self, languages: tuple[Language, ...] = ("en",)) -> None:
        self.languages = languages
        self.fingerprint = "words:1"
        self.embedded: list[str] = []

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self._embed(texts)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.embedded += texts
        return self._embed(texts)

    def _embed(self, texts: Sequence[str]) -> Vectors:
        rows = []
        for text in texts:
            words = re.findall(r"\w+", text.lower()) or [""]
            seeds = [np.random.default_rng(zlib.crc32(word.encode())) for word in words]
            total = np.sum([seed.standard_normal(self.dimensions) for seed in seeds], axis=0)
            rows.append(total / np.linalg.norm(total))
        return np.array(rows, dtype=np.float32).reshape(len(texts), self.dimensions)


def passage(
    name: str,
    text: str,
    *questions: str,
    language: Language = "en",
    kind: Kind = "faq",
    title: str = "",
) -> Passage:
    return Passage(
        id=f"{language}/{name}",
        kind=kind,
        language=language,
        title=title or (questions[0] if questions else name),
        text=text,
        source=f"{language}/{name}.md",
        line=1,
        questions=questions,
    )


@pytest.fixture
def embedder() -> WordEmbedder:
    return WordEmbedder()


@pytest.fixture
def passages() -> list[Passage]:
    return [
        passage(
            "delivery",
            "Standard delivery takes 2-4 working days. Express arrives the next day.",
            "How long does delivery take?",
            "When will my parcel arrive?",
        ),
        passage(
            "returns",
            "You have 60 days. The parcel must be complete.",
            "Can I return an item?",
            "May I send something back?",
        ),
        passage("password", "Use the reset link.", "I forgot my password."),
        passage(
            "tent",
            "Heron 2 is a light tent for two.\nHeron 2 costs EUR 289.00.",
            kind="product",
            title="Heron 2",
        ),
        passage(
            "delivery",
            "标准配送需要 2-4 个工作日。次日达另付 9.90 欧元。",
            "配送需要多长时间？",
            "我的包裹什么时候到？",
            language="zh",
        ),
        passage(
            "returns",
            "收货后 60 天内可以退货。",
            "可以退货吗？",
            "怎么把东西退回去？",
            language="zh",
        ),
    ]


@pytest.fixture
def index_dir(tmp_path: Path) -> Path:
    return tmp_path / "index"
