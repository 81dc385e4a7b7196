import pytest

from knowledge_base.errors import ContentError, Problem
from knowledge_base.markdown import read_page
from knowledge_base.passages import Language, Passage

FRONT = "---\ntitle: Returns\nlanguage: en\nkind: policy\nupdated: 2026-05-01\n---\n"


def policy(body: str, language: Language = "en") -> list[Passage]:
    front = FRONT.replace("language: en", f"language: {language}")
    return read_page(
        f"{front}{body}".encode(), f"{language}/policies/returns.md", language, "policy"
    )


def text_of(body: str, language: Language = "en") -> str:
    (passage,) = policy(f"## Section {{#s}}\n\n{body}", language)
    return passage.text


def problems(raw: str | bytes, source: str = "en/faq/shipping.md") -> tuple[Problem, ...]:
    with pytest.raises(ContentError) as caught:
        read_page(raw.encode() if isinstance(raw, str) else raw, source, "en", "faq")
    return caught.value.problems


def test_faq_entry(page: str) -> None:
    assert read_page(page.encode(), "en/faq/shipping.md", "en", "faq") == [
        Passage(
            id="en/faq/shipping#delivery-time",
            kind="faq",
            language="en",
            title="How long does delivery take?",
            text="Standard delivery takes 2-4 working days in the Netherlands. "
            "Express arrives the next day.",
            source="en/faq/shipping.md",
            line=9,
            url="/help/shipping",
            questions=(
                "How long does delivery take?",
                "When will my parcel arrive?",
                "How many days until I get my order?",
            ),
        )
    ]


def test_policy_section_is_titled_by_page_and_section() -> None:
    first, second = policy("## Refunds {#refunds}\n\nIn 5 days.\n\n## Gifts {#gifts}\n\nAs a card.")
    assert (first.id, first.title) == ("en/policies/returns#refunds", "Returns › Refunds")
    assert (second.text, second.line, second.questions) == ("As a card.", 11, ())


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("**Bold**, *slanted*, `code` and\na soft break.", "Bold, slanted, code and a soft break."),
        ("One  \ntwo", "One\ntwo"),
        (
            "Not:\n\n- socks\n- gas\n  1. full\n  2. empty",
            "Not:\n• socks\n• gas\n1. full\n2. empty",
        ),
        ("3. three\n4. four", "3. three\n4. four"),
        (
            "| Region | Price |\n|---|---|\n| **NL** | EUR 4.95 |\n| UK | |",
            "Region: NL; Price: EUR 4.95\nRegion: UK",
        ),
        ("See [returns](/help/returns).", "See returns."),
        ("Check it [here](https://a.example/b).", "Check it here (a.example/b)."),
        ("Write to <help@a.example>.", "Write to help@a.example."),
        ("[help@a.example](mailto:help@a.example)", "help@a.example"),
        ("### Sub-heading\n\nText.", "Sub-heading\nText."),
        ("Text. <!-- a note -->\n\n<!-- another -->\n\n---\n\nMore.", "Text.\nMore."),
        ("![A tent](tent.png) stands.", "A tent stands."),
        ("- first\n\n  second paragraph", "• first\nsecond paragraph"),
    ],
)
def test_markdown_is_taken_away(markdown: str, plain: str) -> None:
    assert text_of(markdown) == plain


def test_chinese_lines_join_without_a_space_and_rows_with_full_width_signs() -> None:
    assert text_of("运费\n4.95 欧元，\n全场。", "zh") == "运费 4.95 欧元，全场。"
    assert text_of("| 地区 | 运费 |\n|---|---|\n| 荷兰 | 免费 |", "zh") == "地区：荷兰；运费：免费"


def test_byte_order_mark_and_windows_line_ends_are_accepted(page: str) -> None:
    raw = b"\xef\xbb\xbf" + page.replace("\n", "\r\n").encode()
    (passage,) = read_page(raw, "en/faq/shipping.md", "en", "faq")
    assert passage.line == 9
    assert len(passage.questions) == 3


@pytest.mark.parametrize("key", ["title", "language", "kind"])
def test_missing_key_is_refused(page: str, key: str) -> None:
    broken = "\n".join(line for line in page.split("\n") if not line.startswith(f"{key}:"))
    (problem,) = problems(broken)
    assert problem.found == f"no `{key}`"


@pytest.mark.parametrize(
    ("old", "new", "line", "found"),
    [
        ("language: en", "language: zh", 3, "`language: zh`"),
        ("kind: faq", "kind: policy", 4, "`kind: policy`"),
        ("topic: shipping", "topics: shipping", 5, "the key 'topics'"),
        ("title: Shipping and delivery", "title: 12", 2, "12 as `title`"),
        ("topic: shipping", "updated: soon", 5, "`updated: soon`"),
        (" {#delivery-time}", "", 9, "the heading 'How long does delivery take?' without an id"),
        ("{#delivery-time}", "{#Delivery Time}", 9, "the id 'Delivery Time'"),
        ("## How long does delivery take?", "##", 9, "a heading without words"),
        ("## How", "# How", 9, "a heading of the first level, 'How long does delivery take?'"),
    ],
)
def test_broken_page_tells_line_and_what_was_found(
    page: str, old: str, new: str, line: int, found: str
) -> None:
    (problem,) = problems(page.replace(old, new))
    assert (problem.file, problem.line, problem.found) == ("en/faq/shipping.md", line, found)
    assert problem.expected
    assert problem.remedy.endswith(".")


def test_entry_without_answer_is_refused(page: str) -> None:
    (problem,) = problems(page + "\n## Empty? {#empty}\n\n> Really empty?\n")
    assert (problem.line, problem.found) == (17, "no text under the heading 'Empty?'")


def test_duplicate_id_names_the_first(page: str) -> None:
    (problem,) = problems(page + "\n## Again? {#delivery-time}\n\nYes.\n")
    assert (problem.line, problem.found) == (
        17,
        "the id 'delivery-time' a second time (first on line 9)",
    )


def test_text_outside_a_section_is_refused(page: str) -> None:
    (problem,) = problems(page.replace("---\n\n##", "---\n\nWelcome.\n\n##"))
    assert (problem.line, problem.found) == (9, "text before the first section")


@pytest.mark.parametrize(
    ("raw", "line", "found"),
    [
        (b"---\ntitle: a\n\xff\n---\n", 3, "the byte 0xff, which is not UTF-8"),
        (b"---\ntitle: a\n---\n\0", 4, "a NUL character"),
        (b"", 1, "no front matter"),
        (b"---\ntitle: a\n", 1, "no front matter"),
        (b"---\njust words\n---\n", 1, "front matter without keys"),
        (b"---\ntitle: a: b\n---\n", 2, "front matter that is not YAML"),
        (b"---\nupdated: 2026-13-45\n---\n", 1, "front matter that is not YAML"),
        (b"---\ntitle: a\nlanguage: en\nkind: faq\n---\n", 6, "no section"),
    ],
)
def test_unreadable_file_is_refused(raw: bytes, line: int, found: str) -> None:
    (problem,) = problems(raw)
    assert problem.line == line
    assert problem.found.startswith(found)


def test_all_problems_of_a_file_are_told(page: str) -> None:
    broken = page + "\n## No id\n\nText.\n\n## Empty {#empty}\n"
    assert [problem.line for problem in problems(broken)] == [17, 21]
