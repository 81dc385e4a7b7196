"""A build in a process of its own, that is slow enough to be killed: INDEX COUNT."""

import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from knowledge_base.passages import Passage
from retriever import encode
from retriever.build import build_index_with
from retriever.embedder import Vectors
from tests.retriever.conftest import WordEmbedder, passage

CHUNK = 16


class SlowEmbedder(WordEmbedder):
    """Takes its time."""

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        time.sleep(0.01)
        return super().embed_passages(texts)


def shop(count: int) -> list[Passage]:
    """So many passages, in files of ten; each text is another's neighbour."""
    return [
        replace(
            passage(f"page{row // 10}", f"Item {row} costs {row % 7} euros.", f"Price {row}?"),
            id=f"en/page{row // 10}#{row}",
        )
        for row in range(count)
    ]


if __name__ == "__main__":
    encode.CHUNK = CHUNK
    build_index_with(SlowEmbedder(), shop(int(sys.argv[2])), Path(sys.argv[1]))
