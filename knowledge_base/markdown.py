"""FAQ and policy files into passages: one for every ``## heading {#id}``.

The headings carry their ids in the text because ids must survive a reworded heading and be the
same in both languages: ratings and citations refer to them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge_base._front_matter import read_front_matter
from knowledge_base._plain_text import inline_text, plain_lines, quoted_lines
from knowledge_base.errors import ContentError, Problem, shown
from knowledge_base.passages import Language, Passage

PageKind = Literal["faq", "policy"]

_HEADING = re.compile(r"(?P<title>.*?)\s*\{#(?P<id>[^}]*)\}\s*")
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SECTION_EXAMPLE = "`## Heading {#short-name}`"


@dataclass(slots=True)
class _Section:
    title: str
    id: str
    line: int
    tokens: list[Token] = field(default_factory=list)


def read_page(raw: bytes, source: str, language: Language, kind: PageKind) -> list[Passage]:
    """The passages of one Markdown file, in the file's order.

    Args:
        raw: the file's bytes.
        source: its path relative to the content folder; passage ids are made from it.
        language: what its folder says it is written in.
        kind: what its folder says it holds.

    Raises:
        ContentError: with everything that is wrong in the file.
    """
    front = read_front_matter(raw, source, language, kind)
    page = _Page(source, kind, front.body_line)
    page.read(MarkdownIt("commonmark").enable("table").parse(front.body))
    stem = source.removesuffix(".md")
    passages = []
    for section in page.sections:
        questions: tuple[str, ...] = ()
        tokens = section.tokens
        if kind == "faq":
            others, tokens = quoted_lines(tokens)
            questions = tuple(dict.fromkeys([section.title, *others]))
        text = "\n".join(plain_lines(tokens, language))
        if not text:
            page.problem(
                section.line,
                f"no text under the heading {shown(section.title)}",
                "the answer below it",
                "Write the answer, or remove the heading",
            )
            continue
        title = section.title if kind == "faq" else f"{front.title} › {section.title}"
        passages.append(
            Passage(
                id=f"{stem}#{section.id}",
                kind=kind,
                language=language,
                title=title,
                text=text,
                source=source,
                line=section.line,
                url=front.url,
                questions=questions,
            )
        )
    if page.problems:
        raise ContentError(page.problems)
    return passages


class _Page:
    def __init__(self, source: str, kind: PageKind, body_line: int) -> None:
        self.source = source
        self.kind = kind
        self.body_line = body_line
        self.sections: list[_Section] = []
        self.problems: list[Problem] = []
        self._ids: dict[str, int] = {}

    def problem(self, line: int, found: str, expected: str, remedy: str) -> None:
        self.problems.append(Problem(self.source, line, found, expected, f"{remedy}."))

    def read(self, tokens: list[Token]) -> None:
        for block in _blocks(tokens):
            line = self.body_line + (block[0].map or [0])[0]
            if block[0].type == "heading_open" and block[0].tag in {"h1", "h2"}:
                self._open_section(block[0].tag, inline_text(block[1]), line)
            elif self.sections:
                self.sections[-1].tokens += block
            elif block[0].type != "html_block":
                self.problem(
                    line,
                    "text before the first section",
                    f"every text below a heading like {_SECTION_EXAMPLE}",
                    "Put a heading above it: what stands outside a section is never found",
                )
        if not self.sections:
            self.problem(
                self.body_line,
                "no section",
                f"at least one heading like {_SECTION_EXAMPLE}",
                "Write one, or remove the file",
            )

    def _open_section(self, tag: str, content: str, line: int) -> None:
        match = _HEADING.fullmatch(content)
        title = match["title"] if match else content.strip()
        name = match["id"] if match else ""
        if tag == "h1":
            self.problem(
                line,
                f"a heading of the first level, {shown(title)}",
                f"{_SECTION_EXAMPLE} (the page's own title is `title` in the front matter)",
                "Use two `#` signs",
            )
        if not match:
            self.problem(
                line,
                f"the heading {shown(title)} without an id",
                f"a heading like {_SECTION_EXAMPLE}",
                "Add an id in braces at its end; use the same one in every language",
            )
        elif not _ID.fullmatch(name):
            self.problem(
                line,
                f"the id {shown(name)}",
                "lower-case letters a-z, digits and single hyphens",
                "Rename it, for example `{#delivery-time}`",
            )
        elif name in self._ids:
            self.problem(
                line,
                f"the id {shown(name)} a second time (first on line {self._ids[name]})",
                "an id used once a file",
                "Rename one of the two",
            )
        else:
            self._ids[name] = line
        if not title:
            self.problem(line, "a heading without words", "a question or a title", "Write one")
        # Kept although it may be broken, so that what stands below it is checked as well.
        self.sections.append(_Section(title, name, line))


def _blocks(tokens: list[Token]) -> Iterator[list[Token]]:
    """Group the flat token list into its top-level blocks."""
    starts = [
        index for index, token in enumerate(tokens) if token.level == 0 and token.nesting >= 0
    ]
    for start, end in pairwise([*starts, len(tokens)]):
        yield tokens[start:end]
