"""Markdown tokens to the plain text that is searched, quoted and shown."""

import re

from markdown_it.token import Token

from knowledge_base.language import is_han
from knowledge_base.passages import Language
from knowledge_base.sentences import BULLET

_MARKS: dict[Language, tuple[str, str]] = {"en": (": ", "; "), "zh": ("：", "；")}
_OUTSIDE_LINK = re.compile(r"(?:https?://|mailto:|tel:)(?P<address>.+)")
_CJK_MARKS = "，。！？；：、（）《》「」“”"


def plain_lines(tokens: list[Token], language: Language) -> list[str]:
    """The lines of text in ``tokens``: one for every paragraph, list item and table row.

    A row is written as "column: cell; column: cell", so that it can be quoted without its table.
    """
    reader = _Reader(language)
    for token in tokens:
        reader.read(token)
    return reader.lines


def quoted_lines(tokens: list[Token]) -> tuple[list[str], list[Token]]:
    """The lines of the block quote that ``tokens`` begin with, and the tokens after it."""
    if not tokens or tokens[0].type != "blockquote_open":
        return [], tokens
    end = next(
        index
        for index, token in enumerate(tokens)
        if token.type == "blockquote_close" and token.level == 0
    )
    lines = [
        " ".join(line.split())
        for token in tokens[:end]
        if token.type == "inline"
        for line in inline_text(token, softbreak="\n").split("\n")
    ]
    return [line for line in lines if line], tokens[end + 1 :]


def inline_text(token: Token, softbreak: str | None = None) -> str:
    """The words of an inline token; forced line breaks stay.

    Args:
        token: of markdown-it's type ``inline``.
        softbreak: what a line break in the source becomes; by default a space, or nothing between
            two Chinese characters, which are written without one.
    """
    parts: list[str] = []
    children = token.children or []
    address = ""
    for index, child in enumerate(children):
        match child.type:
            case "text" | "code_inline":
                parts.append(child.content)
            case "image":
                parts.append(inline_text(child))
            case "hardbreak":
                parts.append("\n")
            case "softbreak" if softbreak is not None:
                parts.append(softbreak)
            case "softbreak":
                after = next((c.content for c in children[index + 1 :] if c.content), "")
                parts.append("" if _is_cjk("".join(parts)[-1:]) and _is_cjk(after[:1]) else " ")
            case "link_open":
                parts.append("")
                address = _address(child)
            case "link_close":
                # Plain text loses the target, and "check it here" would answer nothing.
                if address and address.rstrip("/") not in "".join(parts):
                    parts.append(f" ({address})")
    return "".join(parts)


def _address(link: Token) -> str:
    match = _OUTSIDE_LINK.match(str(link.attrs.get("href", "")))
    return match["address"] if match else ""


def _is_cjk(character: str) -> bool:
    return character != "" and (is_han(character) or character in _CJK_MARKS)


class _Reader:
    """Walks the tokens in order, knowing which list and which row it is in."""

    def __init__(self, language: Language) -> None:
        self.lines: list[str] = []
        self._pair, self._separator = _MARKS[language]
        self._numbers: list[int | None] = []
        self._marker = ""
        self._header: list[str] = []
        self._cells: list[str] | None = None

    def read(self, token: Token) -> None:
        match token.type:
            case "bullet_list_open":
                self._numbers.append(None)
            case "ordered_list_open":
                self._numbers.append(int(token.attrs.get("start", 1)))
            case "bullet_list_close" | "ordered_list_close":
                self._numbers.pop()
            case "list_item_open":
                self._open_item()
            case "list_item_close":
                self._marker = ""
            case "thead_open":
                self._header = []
            case "tr_open":
                self._cells = []
            case "tr_close":
                self._close_row()
            case "inline" if self._cells is not None:
                self._cells.append(" ".join(inline_text(token).split()))
            case "inline":
                self._add(inline_text(token))
            case "fence" | "code_block":
                self._add(token.content)

    def _add(self, text: str) -> None:
        for line in text.split("\n"):
            if clean := " ".join(line.split()):
                self.lines.append(self._marker + clean)
                self._marker = ""

    def _open_item(self) -> None:
        number = self._numbers[-1]
        if number is None:
            self._marker = BULLET
        else:
            self._marker = f"{number}. "
            self._numbers[-1] = number + 1

    def _close_row(self) -> None:
        cells, self._cells = self._cells or [], None
        if not self._header:
            self._header = cells
            return
        named = zip(self._header, cells, strict=False)
        self._add(
            self._separator.join(
                f"{name}{self._pair}{cell}" if name else cell for name, cell in named if cell
            )
        )
