"""Markdown as a tree of the few things that a chat shows: the allow-list by construction.

What the assistant or a person of the shop writes may hold markup. It never becomes HTML here:
clients build what they show from these nodes, and there is none that could run.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import Annotated, Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token
from pydantic import BaseModel, ConfigDict, Field

LONGEST_MARKUP = 8_000
"""Characters; what is longer is shown as it is. The time for what is made to be slow grows by the
square: 0.15 s for this."""
DEEPEST_MARKUP = 12
"""Lists and quotations within each other, an item counting as one more."""


class _Node(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(_Node):
    """Words."""

    type: Literal["text"] = "text"
    text: str


class Code(_Node):
    """Words to be taken letter by letter."""

    type: Literal["code"] = "code"
    text: str


class Break(_Node):
    """A new line."""

    type: Literal["break"] = "break"


class Strong(_Node):
    """Weighty words."""

    type: Literal["strong"] = "strong"
    children: "list[Inline]"


class Emphasis(_Node):
    """Stressed words."""

    type: Literal["emphasis"] = "emphasis"
    children: "list[Inline]"


class Link(_Node):
    """Words that lead to ``url``, which is ``https:``, ``http:``, ``mailto:``, ``tel:``, a path."""

    type: Literal["link"] = "link"
    url: str
    children: "list[Inline]"


Inline = Annotated[Text | Code | Break | Strong | Emphasis | Link, Field(discriminator="type")]


class Paragraph(_Node):
    """Words that stand by themselves."""

    type: Literal["paragraph"] = "paragraph"
    children: list[Inline]


class ListBlock(_Node):
    """Items, numbered from ``start`` or not at all."""

    type: Literal["list"] = "list"
    ordered: bool
    start: int = 1
    items: "list[list[Block]]"


class CodeBlock(_Node):
    """Lines to be taken letter by letter."""

    type: Literal["code_block"] = "code_block"
    text: str


class Quote(_Node):
    """Somebody else's words."""

    type: Literal["quote"] = "quote"
    blocks: "list[Block]"


Block = Annotated[Paragraph | ListBlock | CodeBlock | Quote, Field(discriminator="type")]


def parse_markdown(text: str) -> list[Block] | None:
    """The tree of ``text``, None when it is plain: then it is shown as it is, line by line.

    CommonMark, as people write it in a chat: a line break is one, and what is indented is no code.
    HTML, pictures and links that lead to anything but a page, an address or a telephone stay words.
    What is longer or deeper than anybody writes counts as plain.
    """
    if len(text) > LONGEST_MARKUP or not _MARKUP.search(text):
        return None
    found = _parse(text)
    return None if found is None else list(found)


# A quick look for anything that may be markup: most messages have none.
_MARKUP = re.compile(
    r"[*_`\[<\\]"
    r"|^[ \t]*(?:#{1,6}(?:[ \t]|$)|[-+](?:[ \t]|$)|\d{1,9}[.)](?:[ \t]|$)|>|~~~|-{3,})",
    re.MULTILINE,
)
# A path begins with one slash: two, or one that leans the other way, name another server.
_SAFE_LINK = re.compile(r"https?://[^/?#\s]|mailto:[^\s]|tel:[+\d]|/(?![/\\])", re.IGNORECASE)


def _may_follow(url: str) -> bool:
    return _SAFE_LINK.match(url) is not None


_PARSER = (
    # Deeper than what is shown, so that what is too deep is seen, not silently cut off.
    MarkdownIt("commonmark", {"html": False, "maxNesting": 4 * DEEPEST_MARKUP})
    # Each of them takes words away, or gives them a meaning, that whoever writes in a chat did not
    # think of: "[note]: ..." as the definition of a link, for example.
    .disable(["reference", "code", "lheading", "entity", "html_block", "html_inline"])
)
_PARSER.validateLink = _may_follow  # type: ignore[method-assign]


@lru_cache(maxsize=256)
def _parse(text: str) -> "tuple[Block, ...] | None":
    tokens = _PARSER.parse(text)
    every = chain(tokens, *(token.children or () for token in tokens))
    if max((token.level for token in every), default=0) > DEEPEST_MARKUP:
        return None
    blocks = tuple(_blocks(_Tokens(tokens)))
    return None if not blocks or _is_plain(blocks, text) else blocks


class _Tokens:
    """The parser's tokens, read one after another."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = iter(tokens)

    def until(self, end: str | None) -> Iterator[Token]:
        """The next tokens up to the one that closes what was opened."""
        for token in self._tokens:
            if token.type == end:
                return
            yield token


def _blocks(tokens: _Tokens, end: str | None = None) -> "Iterator[Block]":
    for token in tokens.until(end):
        match token.type:
            case "paragraph_open":
                yield Paragraph(children=_line(tokens, "paragraph_close"))
            case "heading_open":
                if heading := _line(tokens, "heading_close"):
                    yield Paragraph(children=[Strong(children=heading)])
            case "bullet_list_open":
                yield ListBlock(ordered=False, items=_items(tokens, "bullet_list_close"))
            case "ordered_list_open":
                start = token.attrGet("start")
                yield ListBlock(
                    ordered=True,
                    start=1 if start is None else int(start),
                    items=_items(tokens, "ordered_list_close"),
                )
            case "blockquote_open":
                yield Quote(blocks=list(_blocks(tokens, "blockquote_close")))
            case "fence":
                yield CodeBlock(text=token.content.removesuffix("\n"))


def _items(tokens: _Tokens, end: str) -> "list[list[Block]]":
    return [list(_blocks(tokens, "list_item_close")) for _ in tokens.until(end)]


def _line(tokens: _Tokens, end: str) -> list[Inline]:
    """The words of a paragraph or heading."""
    found = [token.children or [] for token in tokens.until(end)]
    return _joined(_inlines(_Tokens(list(chain(*found)))))


def _inlines(tokens: _Tokens, end: str | None = None) -> Iterator[Inline]:
    for token in tokens.until(end):
        match token.type:
            case "text":
                yield Text(text=token.content)
            case "code_inline":
                yield Code(text=token.content)
            case "softbreak" | "hardbreak":
                yield Break()
            case "strong_open":
                yield Strong(children=_joined(_inlines(tokens, "strong_close")))
            case "em_open":
                yield Emphasis(children=_joined(_inlines(tokens, "em_close")))
            case "link_open":
                url = str(token.attrGet("href") or "")
                words = _joined(_inlines(tokens, "link_close"))
                if _may_follow(url):  # an empty one is not asked about by the parser
                    yield Link(url=url, children=words or [Text(text=url)])
                else:
                    yield from words
            case "image":
                # What it shows is said in its words; nobody's browser is sent to fetch it.
                yield Text(text=_words(_inlines(_Tokens(token.children or []))))


def _joined(nodes: Iterable[Inline]) -> list[Inline]:
    """The nodes, with words that follow each other as one."""
    joined: list[Inline] = []
    for node in nodes:
        if isinstance(node, Text):
            if not node.text:
                continue
            if joined and isinstance(last := joined[-1], Text):
                joined[-1] = Text(text=last.text + node.text)
                continue
        joined.append(node)
    return joined


def _words(nodes: Iterable[Inline]) -> str:
    return "".join(
        node.text
        if isinstance(node, Text | Code)
        else "\n"
        if isinstance(node, Break)
        else _words(node.children)
        for node in nodes
    )


def _is_plain(blocks: "Sequence[Block]", text: str) -> bool:
    """Whether it says the same without the tree."""
    words: list[str] = []
    for block in blocks:
        if not isinstance(block, Paragraph):
            return False
        if not all(isinstance(node, Text | Break) for node in block.children):
            return False
        words += _words(block.children).split()
    return words == text.split()
