"""The one-way doors between the rooms: which package may import which, read with `ast`.

An import counts wherever it stands, in a function or under `TYPE_CHECKING` too: a door is a
statement about what a room may know, not about when it is loaded.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

DOORS: Mapping[str, frozenset[str]] = {
    "knowledge_base": frozenset(),
    "retriever": frozenset({"knowledge_base"}),
    "generator": frozenset({"knowledge_base"}),
    "store": frozenset(),
    "commerce": frozenset(),
    "actions": frozenset({"knowledge_base", "retriever", "generator", "commerce", "store"}),
    "bot": frozenset(),
    "gateway": frozenset({"store", "commerce"}),
    # Not the gateway; and not shopdesk, which calls evaluation: the doors make no circle.
    "evaluation": frozenset(
        {"knowledge_base", "retriever", "generator", "store", "commerce", "actions", "bot"}
    ),
    "shopdesk": frozenset(
        {"knowledge_base", "retriever", "generator", "store", "commerce", "actions", "bot"}
        | {"gateway", "evaluation"}
    ),
    "benchmarks": frozenset(
        {"knowledge_base", "retriever", "generator", "store", "commerce", "actions", "bot"}
        | {"gateway", "evaluation", "shopdesk"}
    ),
}
"""Each room and the other rooms that it may import."""

MODEL_PACKAGES = frozenset(
    {"torch", "transformers", "sentence_transformers", "faiss", "onnxruntime", "tensorflow", "rasa"}
)
"""What the gateway never loads: it stays light and starts in a second."""


@dataclass(frozen=True)
class Import:
    """One imported dotted name (`store.models.Message` or `store.models`) and where it stands."""

    target: str
    file: Path
    line: int

    @property
    def package(self) -> str:
        return self.target.partition(".")[0]

    def __str__(self) -> str:
        return f"{self.file}:{self.line} imports {self.target}"


def imports_of(file: Path, root: Path) -> Iterator[Import]:
    """Every import in `file`, relative ones and `importlib.import_module("name")` resolved."""
    relative = file.relative_to(root)
    package = relative.parent.parts
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"), str(relative))):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join((*above, *filter(None, [node.module])))
            targets = [f"{base}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Call) and _names_import_module(node.func):
            targets = [
                argument.value
                for argument in node.args[:1]
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
            ]
        else:
            continue
        yield from (Import(target, relative, node.lineno) for target in targets)


def _names_import_module(function: ast.expr) -> bool:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name in {"import_module", "__import__"}


def imports_in_room(room: str, root: Path) -> Iterator[Import]:
    for file in sorted((root / room).rglob("*.py")):
        yield from imports_of(file, root)


def closed_doors_passed(room: str, root: Path) -> list[str]:
    """The imports of `room` that reach a room it may not know."""
    allowed = DOORS[room] | {room}
    return [
        str(found)
        for found in imports_in_room(room, root)
        if found.package in DOORS and found.package not in allowed
    ]


def privates_reached(room: str, root: Path) -> list[str]:
    """The imports of `room` that reach another room's private module or name."""
    return [
        str(found)
        for found in imports_in_room(room, root)
        if found.package in DOORS
        and found.package != room
        and any(
            part.startswith("_") and not part.endswith("__") for part in found.target.split(".")
        )
    ]


def import_closure(room: str, root: Path) -> Iterator[Import]:
    """All imports that can run once `room` is imported, followed through our own modules."""
    waiting = sorted((root / room).rglob("*.py"))
    seen: set[Path] = set()
    while waiting:
        file = waiting.pop()
        if file in seen:
            continue
        seen.add(file)
        for found in imports_of(file, root):
            yield found
            if found.package in DOORS:
                waiting.extend(_files_loaded_by(found.target, root))


def _files_loaded_by(target: str, root: Path) -> Iterator[Path]:
    """The files that importing `target` runs: each package's `__init__` on the way, the module."""
    place = root
    for part in target.split("."):
        place = place / part
        candidates = (place / "__init__.py", place.with_suffix(".py"))
        yield from (file for file in candidates if file.is_file())


@pytest.mark.parametrize("room", DOORS)
def test_the_room_passes_only_open_doors(room: str) -> None:
    assert closed_doors_passed(room, ROOT) == []


@pytest.mark.parametrize("room", DOORS)
def test_the_room_leaves_the_private_modules_of_others_alone(room: str) -> None:
    assert privates_reached(room, ROOT) == []


def test_the_gateway_loads_no_model() -> None:
    assert [str(found) for found in import_closure("gateway", ROOT) if _is_a_model(found)] == []


def _is_a_model(found: Import) -> bool:
    return found.package in MODEL_PACKAGES


def test_every_package_at_the_top_is_a_room_with_doors() -> None:
    packages = {file.parent.name for file in ROOT.glob("*/__init__.py")}
    assert packages == set(DOORS)


def test_the_doors_turn_in_one_direction() -> None:
    visited: set[str] = set()

    def visit(room: str, way: tuple[str, ...]) -> None:
        assert room not in way, f"a circle of doors: {' -> '.join((*way, room))}"
        if room not in visited:
            for other in DOORS[room]:
                visit(other, (*way, room))
            visited.add(room)

    for room in DOORS:
        visit(room, ())


# The checks themselves, on a small house with every kind of breach.


@pytest.fixture
def house(tmp_path: Path) -> Path:
    files = {
        "store/__init__.py": "",
        "store/models.py": "import sqlalchemy\n",
        "store/_rows.py": "from transformers import pipeline\n",
        "gateway/__init__.py": "",
        "gateway/app.py": "from store import models\nfrom .inner.deep import thing\n",
        "gateway/inner/__init__.py": "",
        "gateway/inner/deep.py": "from ..app import make\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_a_house_in_order_passes(house: Path) -> None:
    assert closed_doors_passed("gateway", house) == []
    assert privates_reached("gateway", house) == []
    assert not any(map(_is_a_model, import_closure("gateway", house)))


@pytest.mark.parametrize(
    "breach",
    [
        "import retriever.search",
        "from retriever.search import Searcher",
        "from retriever import search",
        "def late():\n    import retriever",
        "import importlib\nimportlib.import_module('retriever.search')",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import retriever",
        "from ...retriever import search",
    ],
)
def test_a_closed_door_is_seen(house: Path, breach: str) -> None:
    (house / "gateway/inner/deep.py").write_text(breach, encoding="utf-8")

    (found,) = closed_doors_passed("gateway", house)

    assert found.startswith("gateway/inner/deep.py:")
    assert "imports retriever" in found


@pytest.mark.parametrize(
    "breach", ["from store import _rows", "import store._rows", "from store.models import _row"]
)
def test_a_private_module_is_seen(house: Path, breach: str) -> None:
    (house / "gateway/app.py").write_text(breach, encoding="utf-8")

    assert len(privates_reached("gateway", house)) == 1


def test_dunder_names_and_ones_own_private_modules_are_free(house: Path) -> None:
    (house / "gateway/app.py").write_text("from store import __version__", encoding="utf-8")
    (house / "store/models.py").write_text("from store._rows import Row", encoding="utf-8")

    assert privates_reached("gateway", house) == []
    assert privates_reached("store", house) == []


def test_a_model_behind_two_doors_is_seen(house: Path) -> None:
    (house / "store/models.py").write_text("from ._rows import Row", encoding="utf-8")

    found = [str(item) for item in import_closure("gateway", house) if _is_a_model(item)]

    assert found == ["store/_rows.py:1 imports transformers.pipeline"]
