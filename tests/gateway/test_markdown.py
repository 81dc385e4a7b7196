"""Markdown as a tree: what is kept, what stays words, and that nothing gets lost or takes long."""

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from gateway.markdown import LONGEST_MARKUP, parse_markdown


def tree(text: str) -> Any:
    """The tree with tags instead of types, so that it can be read: ``["p", "hello"]``."""
    blocks = parse_markdown(text)
    return (
        None if blocks is None else [short(json.loads(block.model_dump_json())) for block in blocks]
    )


def short(node: dict[str, Any]) -> Any:
    match node["type"]:
        case "text":
            return node["text"]
        case "break":
            return "\n"
        case "paragraph" | "strong" | "emphasis":
            return [node["type"][0], *map(short, node["children"])]
        case "link":
            return ["a", node["url"], *map(short, node["children"])]
        case "list":
            name = f"{node['start']}." if node["ordered"] else "-"
            return [name, *([short(block) for block in item] for item in node["items"])]
        case "quote":
            return [">", *map(short, node["blocks"])]
        case _:
            return [node["type"], node["text"]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a **b** c", [["p", "a ", ["s", "b"], " c"]]),
        ("a *b* and _c_", [["p", "a ", ["e", "b"], " and ", ["e", "c"]]]),
        ("***b***", [["p", ["e", ["s", "b"]]]]),
        ("第一行**重要**\n第二行", [["p", "第一行", ["s", "重要"], "\n", "第二行"]]),
        ("run `make *x*`", [["p", "run ", ["code", "make *x*"]]]),
        ("```py\n<b>\n\nx\n```", [["code_block", "<b>\n\nx"]]),
        ("# Returns *now*\nword", [["p", ["s", "Returns ", ["e", "now"]]], ["p", "word"]]),
        ("- a\n- b", [["-", [["p", "a"]], [["p", "b"]]]]),
        ("1. a\n2. b", [["1.", [["p", "a"]], [["p", "b"]]]]),
        ("3. a\n4. b", [["3.", [["p", "a"]], [["p", "b"]]]]),
        ("0. a", [["0.", [["p", "a"]]]]),
        ("- a\n  1. b", [["-", [["p", "a"], ["1.", [["p", "b"]]]]]]),
        ("> a\n> b\n\nc", [[">", ["p", "a", "\n", "b"]], ["p", "c"]]),
        ("[a](https://b.c/d?e=f#g)", [["p", ["a", "https://b.c/d?e=f#g", "a"]]]),
        ("[](https://b.c)", [["p", ["a", "https://b.c", "https://b.c"]]]),
        ("<https://b.c>", [["p", ["a", "https://b.c", "https://b.c"]]]),
        ("[**a**](/help)", [["p", ["a", "/help", ["s", "a"]]]]),
        ("[a](mailto:x@y.z)", [["p", ["a", "mailto:x@y.z", "a"]]]),
        ("[a](tel:+31201234567)", [["p", ["a", "tel:+31201234567", "a"]]]),
        (r"\*not so\*", [["p", "*not so*"]]),
        ("![a *tent*](https://b.c/d.png)", [["p", "a tent"]]),
        ("Total\nof it\n---", [["p", "Total", "\n", "of it"]]),
        # On the server it comes from, whatever the browser makes of a backslash.
        (r"[a](/\evil.example)", [["p", ["a", "/%5Cevil.example", "a"]]]),
        ("[![a](/b.png)](/c)", [["p", ["a", "/c", "a"]]]),
    ],
)
def test_what_a_chat_shows(text: str, expected: Any) -> None:
    assert tree(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Delivery takes 2-4 days.\n\nIt is free from EUR 50.",
        "5 * 3 = 15 and 5*3",
        "snake_case and <3",
        "see https://shop.example/a_b_c",
        "    indented",
        "-5 degrees, 3.5 kg, #1, a > b",
        "[a]: /url\n\n[a]",
        "---",
        "&copy; &#42;a&#42;",
        "<b>bold</b> <script>alert(1)</script> <!-- x -->",
        "<div>\n\nx\n\n</div>",
        "www.example.com, x@y.z",
        "* a" * (LONGEST_MARKUP // 3 + 1),
    ],
)
def test_plain_text_has_no_tree(text: str) -> None:
    assert parse_markdown(text) is None


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        "java\\script:alert(1)",
        "&#106;avascript:alert(1)",
        "javascript&colon;alert(1)",
        "%6aavascript:alert(1)",
        "vbscript:x",
        "data:text/html;base64,PHNjcmlwdD4=",
        "data:image/png;base64,xx",
        "file:///etc/passwd",
        "blob:https://x",
        "//evil.example",
        "\\\\\\\\evil.example",
        "https:evil.example",
        "https:///evil.example",
        "#top",
        "help",
        "?q",
        "",
        "mailto:",
        "tel:x",
    ],
)
def test_links_to_anywhere_else_are_words(url: str) -> None:
    for text in (f"**x** [a]({url})", f"**x** ![a]({url})", f"**x** <{url}>"):
        assert all(node[0] != "a" for node in links(tree(text))), tree(text)


def links(node: Any) -> list[Any]:
    if not isinstance(node, list):
        return []
    mine = [node] if node and node[0] == "a" and len(node) > 2 else []
    return mine + [found for child in node for found in links(child)]


def test_what_is_too_deep_is_shown_as_it_is() -> None:
    assert tree("> " * 6 + "a") is not None
    for text in (
        "> " * 20 + "a",
        "> " * 2_000 + "a",
        "- " * 20 + "a",
        "*a **b " * 30 + "** *" * 30,
    ):
        assert parse_markdown(text) is None


def words_of(node: Any) -> str:
    """All words of a tree, in order, as a client finds them that knows no node type."""
    if isinstance(node, BaseModel):
        parts = [
            getattr(node, name) for name in type(node).model_fields if name not in ("type", "url")
        ]
        return "".join(words_of(part) for part in parts)
    if isinstance(node, list):
        return "".join(map(words_of, node))
    return node if isinstance(node, str) else ""


def letters(text: str) -> str:
    return "".join(filter(str.isalpha, text))


MARKUP = st.text(alphabet="ab \n*_#>-+1.)[]!\\<&;(\t", max_size=80)
ANYTHING = st.text(alphabet="ab \n*_`#>-+1.)[]()!\\<>~:/&;\t\"'帐篷é\u202e\0", max_size=120)


@given(MARKUP)
@settings(max_examples=400)
def test_no_word_is_lost_or_made_up(text: str) -> None:
    blocks = parse_markdown(text)
    if blocks is not None:
        assert letters(words_of(blocks)) == letters(text)


@given(st.one_of(ANYTHING, st.text(max_size=200)))
@settings(max_examples=400)
def test_any_text_gives_a_tree_of_its_own_words(text: str) -> None:
    blocks = parse_markdown(text)
    if blocks is None:
        return
    assert blocks
    source = iter(letters(text))
    # Addresses of links and the languages of code blocks are no words; all else is in its order.
    assert all(letter in source for letter in letters(words_of(blocks)))


@pytest.mark.parametrize(
    "part",
    [
        *("*", "[", "[a](", "`", "> ", "- ", "_a ", "*a_ ", "<", "![", "**a *b ", "a**b", "1. "),
        *("\n- a", "\\", "](x)", "[x](/a)", "`a``b", "#", "~~~\n", "[a](<", "<a:", "*_", "\n> a\n"),
    ],
)
def test_nothing_takes_long(part: str) -> None:
    text = (part * LONGEST_MARKUP)[:LONGEST_MARKUP]
    began = time.process_time()
    parse_markdown(text)
    # What is to be seen is time without end; it is 0.15 s where nobody else is at work.
    assert time.process_time() - began < 15
