"""Read the whole content folder into passages.

    content/
      en/faq/shipping.md    en/policies/returns.md
      zh/faq/shipping.md    zh/policies/returns.md
      products.csv

Either language, either folder and the product list may be missing; a shop starts with what it has.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from knowledge_base.catalogue import product_passages, read_products
from knowledge_base.errors import ContentError, Problem, shown
from knowledge_base.markdown import PageKind, read_page
from knowledge_base.passages import LANGUAGES, Language, Passage

PRODUCTS = "products.csv"

_FOLDERS: dict[str, PageKind] = {"faq": "faq", "policies": "policy"}


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that passages are read from.

    Attributes:
        path: where it is.
        language: of its passages; None where it holds several.
        kind: what its folder says it holds; None for the product list.
    """

    path: Path
    language: Language | None = None
    kind: PageKind | None = None


def find_sources(content_dir: Path | str) -> dict[str, SourceFile]:
    """The files below ``content_dir`` by their relative path: language, folder, name; products.

    Raises:
        ContentError: when there is no such folder.
    """
    root = Path(content_dir)
    if not root.is_dir():
        found = "no such folder" if not root.exists() else "a file"
        raise ContentError(
            [Problem(str(content_dir), 1, found, "the content folder", "Correct its path.")]
        )
    sources = {
        path.relative_to(root).as_posix(): SourceFile(path, language, kind)
        for language in LANGUAGES
        for folder, kind in _FOLDERS.items()
        for path in sorted((root / language / folder).glob("*.md"))
    }
    if (root / PRODUCTS).exists():
        sources[PRODUCTS] = SourceFile(root / PRODUCTS)
    return sources


def read_source(name: str, source: SourceFile) -> list[Passage]:
    """The passages of one file, in its order.

    Raises:
        ContentError: when the file is broken; all its problems at once.
    """
    raw = source.path.read_bytes()
    if source.language is None or source.kind is None:
        return [
            passage
            for product in read_products(raw, name)
            for passage in product_passages(product, name)
        ]
    return read_page(raw, name, source.language, source.kind)


def read_sources(
    sources: Mapping[str, SourceFile], problems: Iterable[Problem] = ()
) -> list[Passage]:
    """The passages of several files, in their order.

    Args:
        sources: by their relative path.
        problems: what is wrong already.

    Raises:
        ContentError: when something is wrong already or files are broken; all problems at once.
    """
    passages: list[Passage] = []
    found = list(problems)
    for name, source in sources.items():
        try:
            passages += read_source(name, source)
        except ContentError as error:
            found += error.problems
    if found:
        raise ContentError(found)
    return passages


def load_passages(content_dir: Path | str) -> list[Passage]:
    """All passages below ``content_dir``, always in the same order: language, folder, file, line.

    Raises:
        ContentError: when a file is broken, lies where no file is looked for, or there is no
            content at all; all problems of all files at once.
    """
    sources = find_sources(content_dir)
    passages = read_sources(sources, misplaced(content_dir, sources))
    if not passages:
        raise ContentError([no_content(content_dir)])
    return passages


def no_content(content_dir: Path | str) -> Problem:
    """What is wrong with a folder without any passage."""
    remedy = "Write a page, or set the content folder's path to where they are."
    expected = "at least one page such as en/faq/shipping.md"
    return Problem(str(content_dir), 1, "no content", expected, remedy)


def content_hash(passages: Iterable[Passage]) -> str:
    """A sha256 in hexadecimal of everything in ``passages``; it changes when anything does."""
    digest = hashlib.sha256()
    for passage in passages:
        digest.update(json.dumps(asdict(passage), sort_keys=True, ensure_ascii=False).encode())
        digest.update(b"\n")
    return digest.hexdigest()


def misplaced(content_dir: Path | str, sources: Mapping[str, SourceFile]) -> list[Problem]:
    """Pages that would be passed over in silence, such as those in ``en/faqs/``."""
    root = Path(content_dir)
    places = ", ".join(f"{language}/{folder}" for language in LANGUAGES for folder in _FOLDERS)
    found = {path for path in root.rglob("*.[mM]*") if path.suffix.lower() in {".md", ".markdown"}}
    return [
        Problem(
            source,
            1,
            f"a page in the folder {shown(path.parent.relative_to(root).as_posix())}",
            f"pages in one of {places}, their names ending in .md",
            "Move it, or rename its folder.",
        )
        for path in sorted(found - {source.path for source in sources.values()})
        if (source := path.relative_to(root).as_posix()).lower() != "readme.md"
    ]
