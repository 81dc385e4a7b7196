"""Whatever is in a content file: it is read, or refused with a `ContentError`."""

import contextlib

from hypothesis import example, given
from hypothesis import strategies as st

from knowledge_base.catalogue import HEADER, product_passages, read_products
from knowledge_base.errors import ContentError
from knowledge_base.markdown import read_page

FRONT = "---\ntitle: T\nlanguage: en\nkind: faq\n---\n"
FRONT_PIECES = ["---\n", "title: a\n", "language: en\n", "kind: faq\n", "? ", "&a", "*a", "{", "["]
BODY_PIECES = ["## Q {#a}\n", "## Q {#b}\n", "> q\n", "- x\n", "1. y\n", "| a | b |\n|---|---|\n"]
MORE_PIECES = ["| c |\n", "```\n", "[l](http://x)", "<!--", "text. ", "\n", "\n\n", "  \n", "    "]
PIECES = st.sampled_from([*FRONT_PIECES, *BODY_PIECES, *MORE_PIECES, "!", "\t", "退货。\n"])


def check_page(raw: bytes) -> None:
    with contextlib.suppress(ContentError):
        for passage in read_page(raw, "en/faq/a.md", "en", "faq"):
            assert passage.text
            assert passage.title
            assert passage.line >= 1


@given(st.binary(max_size=200))
@example(b"---\n? [a]\n: b\n---\n")
@example(b"---\n\x85\n---\n")
def test_any_bytes(raw: bytes) -> None:
    check_page(raw)
    check_page(FRONT.encode() + raw)


@given(st.lists(PIECES, max_size=30).map("".join))
def test_anything_that_looks_like_a_page(text: str) -> None:
    check_page(text.encode())
    check_page(f"{FRONT}## Q {{#q}}\n\n{text}".encode())


@given(st.text(max_size=100))
def test_any_front_matter(text: str) -> None:
    check_page(f"---\n{text}\n---\n## Q {{#q}}\n\nA.\n".encode(errors="replace"))


@given(st.lists(st.lists(st.text(max_size=12), min_size=13, max_size=16), max_size=4))
def test_any_products(rows: list[list[str]]) -> None:
    text = "\n".join(",".join(row) for row in [list(HEADER), *rows])
    with contextlib.suppress(ContentError):
        for product in read_products(text.encode(errors="replace"), "products.csv"):
            assert len(product_passages(product, "products.csv")) == 2
