"""Read the whole content folder into passages.

    content/
      en/faq/shipping.md    en/policies/returns.md
      zh/faq/shipping.md    zh/policies/returns.md
      products.csv

Either language, either folder and the product list may be missing; a shop starts with what it has.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from knowledge_base.catalogue import product_passages, read_products
from knowledge_base.errors import ContentError, Problem, shown
from knowledge_base.markdown import PageKind, read_page
from knowledge_base.passages import LANGUAGES, Passage

PRODUCTS = "products.csv"

_FOLDERS: dict[str, PageKind] = {"faq": "faq", "policies": "policy"}


def load_passages(content_dir: Path | str) -> list[Passage]:
    """All passages below ``content_dir``, always in the same order: language, folder, file, line.

    Raises:
        ContentError: when a file is broken, lies where no file is looked for, or there is no
            content at all; all problems of all files at once.
    """
    root = Path(content_dir)
    passages: list[Passage] = []
    problems: list[Problem] = []
    if not root.is_dir():
        found = "no such folder" if not root.exists() else "a file"
        raise ContentError(
            [Problem(str(content_dir), 1, found, "the content folder", "Correct its path.")]
        )
    pages = {
        path: (language, kind)
        for language in LANGUAGES
        for folder, kind in _FOLDERS.items()
        for path in sorted((root / language / folder).glob("*.md"))
    }
    for path, (language, kind) in pages.items():
        source = path.relative_to(root).as_posix()
        try:
            passages += read_page(path.read_bytes(), source, language, kind)
        except ContentError as error:
            problems += error.problems
    if (root / PRODUCTS).exists():
        try:
            for product in read_products((root / PRODUCTS).read_bytes(), PRODUCTS):
                passages += product_passages(product, PRODUCTS)
        except ContentError as error:
            problems += error.problems
    problems += _misplaced(root, pages)
    if not passages and not problems:
        remedy = "Write a page, or set the content folder's path to where they are."
        expected = "at least one page such as en/faq/shipping.md"
        problems = [Problem(str(content_dir), 1, "no content", expected, remedy)]
    if problems:
        raise ContentError(problems)
    return passages


def content_hash(passages: Iterable[Passage]) -> str:
    """A sha256 in hexadecimal of everything in ``passages``; it changes when anything does."""
    digest = hashlib.sha256()
    for passage in passages:
        digest.update(json.dumps(asdict(passage), sort_keys=True, ensure_ascii=False).encode())
        digest.update(b"\n")
    return digest.hexdigest()


def _misplaced(root: Path, pages: Iterable[Path]) -> list[Problem]:
    """Pages that would be passed over in silence, such as those in ``en/faqs/``."""
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
        for path in sorted(found - set(pages))
        if (source := path.relative_to(root).as_posix()).lower() != "readme.md"
    ]
