"""The examples in the docstrings do what they say."""

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = (
    "actions", "bot", "commerce", "evaluation", "gateway", "generator", "knowledge_base",
    "retriever", "shopdesk", "store",
)  # fmt: skip
FILES = sorted(
    file.relative_to(ROOT)
    for room in ROOMS
    for file in (ROOT / room).rglob("*.py")
    if ">>> " in file.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("file", FILES, ids=str)
def test_the_examples_of_a_module_are_true(file: Path) -> None:
    parts = file.with_suffix("").parts
    module = importlib.import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    found = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
    assert found.failed == 0, "its output is above"
