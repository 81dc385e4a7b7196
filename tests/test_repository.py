"""What must hold for the repository as a whole: sizes, paths, rooms, two languages in step."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CONTENT = ROOT / "knowledge_base" / "content"
ROOMS = sorted(file.parent.name for file in ROOT.glob("*/__init__.py"))
LARGEST_BYTES = 1_000_000

# A home folder or a working folder of one machine, at the start of an absolute path.
LOCAL_PATH = re.compile(
    r"(?<![\w.~-])/(?:home/\w|Users/\w|root/|work/)|\b[A-Z]:\\Users\\\w", re.ASCII
)
# `## How long does delivery take? {#delivery-time}`
HEADING_ID = re.compile(r"^#{2,6} .*\{#(?P<id>[^}]+)\}\s*$", re.MULTILINE)


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    """The files under version control that are in the working tree."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    names = listed.stdout.decode("utf-8").split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def local_paths_in(text: str) -> list[str]:
    return [line for line in text.splitlines() if LOCAL_PATH.search(line)]


def ids_in(text: str) -> list[str]:
    return [match["id"] for match in HEADING_ID.finditer(text)]


def passages_of(language: str, kind: str) -> Iterator[str]:
    """`shipping#delivery-time` for every FAQ entry or policy section."""
    folder = CONTENT / language / kind
    for file in sorted(folder.rglob("*.md")):
        place = file.relative_to(folder).with_suffix("").as_posix()
        yield from (f"{place}#{name}" for name in ids_in(file.read_text(encoding="utf-8")))


def test_no_tracked_file_is_large(tracked: list[Path]) -> None:
    large = {
        str(file.relative_to(ROOT)): size
        for file in tracked
        if (size := file.stat().st_size) > LARGEST_BYTES
    }
    assert large == {}


def test_no_tracked_file_names_a_path_of_one_machine(tracked: list[Path]) -> None:
    assert tracked
    found = {
        str(file.relative_to(ROOT)): lines
        for file in tracked
        if (lines := local_paths_in(file.read_bytes().decode("utf-8", errors="ignore")))
    }
    assert found == {}


@pytest.mark.parametrize("folder", ["home/ann", "Users/ann", "root", "work"])
@pytest.mark.parametrize("opening", ["", "see ", '"', "cd=", "("])
def test_a_path_of_one_machine_is_seen(folder: str, opening: str) -> None:
    assert local_paths_in(f"{opening}/{folder}/shop")


@pytest.mark.parametrize(
    "text", ["https://shop.example/work/with-us", "~/work/shop", "src/home/page.py", "/app/var"]
)
def test_other_paths_are_free(text: str) -> None:
    assert local_paths_in(text) == []


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_in_one_line_what_it_is(room: str) -> None:
    module = ast.parse((ROOT / room / "__init__.py").read_text(encoding="utf-8"))
    docstring = ast.get_docstring(module)
    assert docstring
    assert "\n" not in docstring
    assert len(module.body) == 1, "an __init__.py holds its docstring only"


@pytest.mark.parametrize("kind", ["faq", "policies"])
def test_both_languages_have_the_same_passages(kind: str) -> None:
    english = sorted(passages_of("en", kind))
    assert english
    assert sorted(passages_of("zh", kind)) == english


@pytest.mark.parametrize("kind", ["faq", "policies"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_passage_id_stands_once(language: str, kind: str) -> None:
    passages = list(passages_of(language, kind))
    assert len(passages) == len(set(passages))


def test_heading_ids_are_read_as_the_knowledge_base_writes_them() -> None:
    text = "## 送货要多久？ {#delivery-time}\n\n> 什么时候到？\n\n### Abroad {#abroad}  \n\n{#no}\n"
    assert ids_in(text) == ["delivery-time", "abroad"]
