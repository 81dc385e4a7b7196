from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retriever.journal import Journal

TEXTS = ["one", "two", "three \ud800", "four"]
VECTORS = np.arange(16, dtype=np.float32).reshape(4, 4)


def write(folder: Path) -> Path:
    with Journal(folder, "model", 4) as journal:
        journal.append(TEXTS[:2], VECTORS[:2])
        journal.append(TEXTS[2:], VECTORS[2:])
    return next(folder.iterdir())


def test_what_was_embedded_is_known_again(tmp_path: Path) -> None:
    write(tmp_path)
    with Journal(tmp_path, "model", 4) as journal:
        assert len(journal) == 4
        for text, vector in zip(TEXTS, VECTORS, strict=True):
            assert journal.get(text).tolist() == vector.tolist()  # type: ignore[union-attr]
        assert journal.get("five") is None
        journal.clear()
    assert not list(tmp_path.iterdir())


def test_another_model_knows_nothing(tmp_path: Path) -> None:
    write(tmp_path)
    with Journal(tmp_path, "other", 4) as other, Journal(tmp_path, "model", 4) as same:
        assert (len(other), len(same)) == (0, 4)


@settings(deadline=None)
@given(cut=st.integers(0, 200), flips=st.lists(st.tuples(st.integers(0, 200), st.integers(1, 255))))
def test_a_damaged_end_is_written_over(
    tmp_path_factory: pytest.TempPathFactory, cut: int, flips: list[tuple[int, int]]
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    path = write(folder)
    content = bytearray(path.read_bytes()[:cut])
    for place, change in flips:
        if place < len(content):
            content[place] ^= change
    path.write_bytes(content)
    with Journal(folder, "model", 4) as journal:
        assert len(journal) in (0, 2, 4)
        for text, vector in zip(TEXTS, VECTORS, strict=True):
            known = journal.get(text)
            assert known is None or known.tolist() == vector.tolist()
        journal.append(["five"], VECTORS[:1])
        found = len(journal)
    with Journal(folder, "model", 4) as journal:
        assert len(journal) == found
        assert journal.get("five").tolist() == VECTORS[0].tolist()  # type: ignore[union-attr]
