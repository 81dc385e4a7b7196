"""The index follows the content: small segments, deletions, merging, and nothing read twice."""

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from knowledge_base.errors import ContentError
from knowledge_base.passages import Passage
from retriever import merge, update
from retriever.build import build_index_with, load_searcher_with, update_index
from retriever.content import ContentFolder, GivenPassages
from retriever.manifest import read_manifest
from retriever.search import Searcher
from tests.retriever.conftest import WordEmbedder
from tests.retriever.slow_build import shop

Build = Callable[[list[Passage]], bool]

QUESTIONS = ["Price 7?", "what does item 33 cost", "3 euros", "price of 12"]


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> list[Passage]:
    """A knowledge base of 40 files that counts as a large one."""
    monkeypatch.setattr(update, "_FEW", 0)
    return shop(400)


@pytest.fixture
def build(embedder: WordEmbedder, index_dir: Path) -> Build:
    return lambda passages: build_index_with(embedder, passages, index_dir)


def segments(index_dir: Path) -> list[int]:
    """How many passages each segment holds."""
    return [entry.passages for entry in read_manifest(index_dir, "words:1").segments]


def found(searcher: Searcher, question: str) -> tuple[list[str], list[float]]:
    ids, scores = [], []
    for each in searcher.search(question, "en", 5):
        ids.append(each.passage.id)
        scores.append(each.score)
    return ids, scores


def changed(passages: list[Passage], page: int) -> list[Passage]:
    """With another text in one file."""
    source = f"en/page{page}.md"
    return [
        replace(each, text=f"{each.text} Changed {page}.") if each.source == source else each
        for each in passages
    ]


def test_a_changed_file_becomes_a_segment_of_its_own(
    embedder: WordEmbedder, index_dir: Path, build: Build, many: list[Passage]
) -> None:
    build(many)
    before = len(embedder.embedded)
    now = changed(many, 3)
    assert build(now)
    assert segments(index_dir) == [400, 10]
    assert len(embedder.embedded) == before + 11  # ten bodies, and the sentence that all share
    searcher = load_searcher_with(embedder, index_dir)
    assert len(searcher) == 400
    texts = {each.passage.text for each in searcher.search("changed", "en", 100)}
    assert sum("Changed 3." in text for text in texts) == 10
    assert not build(now)


def test_a_deleted_file_is_found_no_more(
    embedder: WordEmbedder, index_dir: Path, build: Build, many: list[Passage]
) -> None:
    build(many)
    before = len(embedder.embedded)
    assert build([each for each in many if each.source != "en/page3.md"])
    assert segments(index_dir) == [400]
    assert len(embedder.embedded) == before
    searcher = load_searcher_with(embedder, index_dir)
    assert len(searcher) == 390
    sources = {each.passage.source for each in searcher.search("price 33", "en", 400)}
    assert "en/page3.md" not in sources


def test_the_ranking_is_that_of_an_index_built_at_once(
    embedder: WordEmbedder, index_dir: Path, build: Build, many: list[Passage], tmp_path: Path
) -> None:
    build(many)
    now = many
    for page in (3, 20):
        now = changed(now, page)
        build(now)
    assert len(segments(index_dir)) == 3
    build_index_with(embedder, now, tmp_path / "fresh")
    fresh = load_searcher_with(embedder, tmp_path / "fresh")
    updated = load_searcher_with(embedder, index_dir)
    for question in QUESTIONS:
        (ids, scores), (wanted, at_once) = found(updated, question), found(fresh, question)
        assert ids == wanted
        # Words of replaced passages are counted until they are merged away.
        assert scores == pytest.approx(at_once, abs=0.03)


def test_many_small_segments_are_merged(
    embedder: WordEmbedder,
    index_dir: Path,
    build: Build,
    many: list[Passage],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(merge, "MOST_SMALL", 2)
    monkeypatch.setattr(merge, "SHARE", 4)
    build(many)
    before = len(embedder.embedded)
    now, seen = many, []
    for page in range(7):
        now = changed(now, page)
        build(now)
        seen.append(segments(index_dir))
    assert seen[1:4] == [[400, 10, 10], [400, 30], [400, 30, 10]]
    assert seen[4] == [400, 50]
    assert seen[5] == [400]  # sixty new ones, and as many that they replaced
    assert len(embedder.embedded) == before + 7 * 11
    assert len(load_searcher_with(embedder, index_dir)) == 400


def test_what_changes_while_segments_are_merged_stays_changed(
    embedder: WordEmbedder,
    index_dir: Path,
    many: list[Passage],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alone = update.Options(merge=False)
    now = many
    for page in range(5):
        update_index(embedder, GivenPassages(now), index_dir, alone)
        now = changed(now, page)
    assert segments(index_dir) == [400, 10, 10, 10, 10]
    assert merge.is_due(index_dir, "words:1")
    later = [each for each in changed(now, 20) if each.source != "en/page21.md"]
    write = merge.write_segment

    def meanwhile(*given: object, **options: object) -> str:
        update_index(embedder, GivenPassages(later), index_dir, alone)
        return write(*given, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(merge, "write_segment", meanwhile)
    assert merge.merge(embedder, index_dir, alone)
    assert segments(index_dir) == [400, 20]
    searcher = load_searcher_with(embedder, index_dir)
    assert len(searcher) == len(later) == 390
    held = {each.passage for each in searcher.search("changed", "en", 400)}
    assert held == set(later)


def test_segments_that_are_left_stay_for_a_while(
    embedder: WordEmbedder,
    index_dir: Path,
    build: Build,
    passages: list[Passage],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    build(passages)
    old = set(index_dir.glob("segment-*"))
    build(passages[1:])
    assert old < set(index_dir.glob("segment-*"))
    monkeypatch.setattr(update, "GRACE_SECONDS", 0.0)
    build(passages[1:])
    assert len(old & set(index_dir.glob("segment-*"))) == 1  # the Chinese one has not changed
    assert len(load_searcher_with(embedder, index_dir)) == len(passages) - 1


PAGE = "---\ntitle: Help\nlanguage: en\nkind: faq\n---\n\n## {question} {{#one}}\n\n{answer}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "content"
    (root / "en" / "faq").mkdir(parents=True)
    for number in range(3):
        page = PAGE.format(question=f"Question {number}?", answer=f"Answer {number}.")
        write(root, number, page)
    return root


def write(root: Path, number: int, page: str, age: float = 10.0) -> None:
    path = root / "en" / "faq" / f"page{number}.md"
    path.write_text(page)
    then = time.time() - age
    os.utime(path, (then, then))


def test_only_the_file_that_changed_is_read(
    embedder: WordEmbedder, index_dir: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = ContentFolder(folder)
    assert update_index(embedder, content, index_dir)
    read: list[str] = []
    monkeypatch.setattr(
        Path,
        "read_bytes",
        lambda path, original=Path.read_bytes: read.append(path.name) or original(path),
    )
    assert not update_index(embedder, content, index_dir)
    assert "page1.md" not in read
    write(folder, 1, PAGE.format(question="Question 1?", answer="Another."), age=5)
    (folder / "en/faq/page2.md").unlink()
    assert update_index(embedder, content, index_dir)
    assert {name for name in read if name.startswith("page")} == {"page1.md"}
    searcher = load_searcher_with(embedder, index_dir)
    assert {each.passage.text for each in searcher.search("answer", "en", 9)} == {
        *("Answer 0.", "Another.")
    }


def test_a_change_within_the_same_moment_is_noticed(
    embedder: WordEmbedder, index_dir: Path, folder: Path
) -> None:
    content = ContentFolder(folder)
    path = folder / "en/faq/page0.md"
    write(folder, 0, PAGE.format(question="Question?", answer="Old."), age=0)
    status = path.stat()
    update_index(embedder, content, index_dir)
    path.write_text(path.read_text().replace("Old.", "New."))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert update_index(embedder, content, index_dir)


def test_touching_a_file_builds_nothing(
    embedder: WordEmbedder, index_dir: Path, folder: Path
) -> None:
    content = ContentFolder(folder)
    update_index(embedder, content, index_dir)
    os.utime(folder / "en/faq/page0.md", (1, 1))
    assert not update_index(embedder, content, index_dir)
    assert read_manifest(index_dir, "words:1").sources["en/faq/page0.md"].mtime_ns == 10**9


def test_other_rules_read_everything_again(
    embedder: WordEmbedder, index_dir: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    update_index(embedder, ContentFolder(folder), index_dir)
    before = len(embedder.embedded)
    monkeypatch.setattr(ContentFolder, "rules", "others")
    assert update_index(embedder, ContentFolder(folder), index_dir)
    assert len(embedder.embedded) == before


def test_broken_content_leaves_the_index(
    embedder: WordEmbedder, index_dir: Path, folder: Path
) -> None:
    update_index(embedder, ContentFolder(folder), index_dir)
    before = (index_dir / "manifest.json").read_bytes()
    write(folder, 1, "no front matter")
    (folder / "en" / "faqs").mkdir()
    (folder / "en" / "faqs" / "x.md").write_text("misplaced")
    with pytest.raises(ContentError, match="2 problems"):
        update_index(embedder, ContentFolder(folder), index_dir)
    assert (index_dir / "manifest.json").read_bytes() == before
