from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge_base.errors import ContentError
from knowledge_base.load import content_hash, load_passages

Content = Callable[[dict[str, str | bytes]], Path]
REAL = Path(__file__).parents[2] / "knowledge_base" / "content"


def chinese(page: str) -> str:
    return page.replace("language: en", "language: zh")


def test_everything_is_read_in_one_order(content: Content, page: str, products: str) -> None:
    root = content(
        {
            "zh/faq/shipping.md": chinese(page),
            "en/policies/terms.md": page.replace("kind: faq", "kind: policy"),
            "en/faq/b.md": page,
            "en/faq/a.md": page,
            "products.csv": products,
            "README.md": "How to edit these files.",
        }
    )
    assert [passage.id for passage in load_passages(root)] == [
        "en/faq/a#delivery-time",
        "en/faq/b#delivery-time",
        "en/policies/terms#delivery-time",
        "zh/faq/shipping#delivery-time",
        "en/product/LK-TENT-001",
        "zh/product/LK-TENT-001",
    ]


def test_all_broken_files_are_told_at_once(content: Content, page: str, products: str) -> None:
    root = content(
        {
            "en/faq/a.md": page.replace("title", "titel"),
            "en/faq/b.md": b"\xff",
            "zh/faq/c.md": page,
            "products.csv": products.replace("289.00", "free"),
        }
    )
    with pytest.raises(ContentError, match="5 problems in the knowledge base") as caught:
        load_passages(root)
    files = [problem.file for problem in caught.value.problems]
    assert files == ["en/faq/a.md", "en/faq/a.md", "en/faq/b.md", "products.csv", "zh/faq/c.md"]
    assert "en/faq/b.md:1: found the byte 0xff" in str(caught.value)


@pytest.mark.parametrize("name", ["en/faqs/a.md", "faq/a.md", "en/faq/deep/a.md", "en/faq/a.MD"])
def test_page_where_none_is_looked_for_is_refused(content: Content, page: str, name: str) -> None:
    root = content({"en/faq/good.md": page, name: page})
    with pytest.raises(ContentError, match="a page in the folder"):
        load_passages(root)


def test_missing_or_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="no such folder"):
        load_passages(tmp_path / "nowhere")
    with pytest.raises(ContentError, match="no content"):
        load_passages(tmp_path)


def test_hash_changes_with_any_change(content: Content, page: str) -> None:
    passages = load_passages(content({"en/faq/a.md": page}))
    again = load_passages(content({"en/faq/a.md": page}))
    changed = load_passages(content({"en/faq/a.md": page.replace("2-4", "2-5")}))
    assert content_hash(passages) == content_hash(again) != content_hash(changed)


def test_the_shops_own_content_is_whole() -> None:
    passages = load_passages(REAL)
    assert len({passage.id for passage in passages}) == len(passages)
    by_language = {
        language: {
            passage.id.split("/", 1)[1] for passage in passages if passage.language == language
        }
        for language in ("en", "zh")
    }
    assert by_language["en"] == by_language["zh"]
