"""The block between ``---`` lines at the top of a content file."""

from dataclasses import dataclass
from datetime import date

import yaml
from frontmatter.default_handlers import YAMLHandler

from knowledge_base.errors import ContentError, Problem, shown
from knowledge_base.passages import Language

_REQUIRED = ("title", "language", "kind")
_OPTIONAL = ("topic", "url", "updated")
_EXAMPLE = "a block between two `---` lines with title, language and kind"


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What the block says, and the rest of the file.

    Attributes:
        title: the page's title.
        url: where customers read the page, or None.
        body: everything after the block.
        body_line: the line of the file on which ``body`` begins, counted from 1.
    """

    title: str
    url: str | None
    body: str
    body_line: int


def decode(raw: bytes, source: str) -> str:
    """The text of a content file, with ``\\n`` as its only line end; a byte order mark is dropped.

    Raises:
        ContentError: when it is not UTF-8 or holds a NUL character.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        found = f"the byte 0x{raw[error.start]:02x}, which is not UTF-8"
        remedy = "Save the file with the encoding UTF-8."
        raise ContentError([Problem(source, line, found, "UTF-8 text", remedy)]) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        remedy = "Save the file as plain text with the encoding UTF-8."
        raise ContentError([Problem(source, line, "a NUL character", "UTF-8 text", remedy)])
    return text


def read_front_matter(raw: bytes, source: str, language: Language, kind: str) -> FrontMatter:
    """Read and check the block of a file that lies in the folder of ``language`` and ``kind``.

    Raises:
        ContentError: with everything that is wrong in the block.
    """
    text = decode(raw, source)
    values, body = _parse(text, source)
    body_line = text[: len(text) - len(body)].count("\n") + 1
    problems = []

    def problem(key: object, found: str, expected: str, remedy: str) -> None:
        problems.append(Problem(source, _line_of(text, str(key)), found, expected, f"{remedy}."))

    for name in _REQUIRED:
        if name not in values:
            problem(name, f"no `{name}`", f"`{name}: ...` in the front matter", "Add it")
    for key, value in values.items():
        if key not in _REQUIRED + _OPTIONAL:
            known = ", ".join(_REQUIRED + _OPTIONAL)
            problem(key, f"the key {shown(key)}", f"one of {known}", "Correct it or remove it")
        elif key == "updated":
            if not isinstance(value, date):
                problem(key, f"`updated: {value}`", "a date like 2026-05-01", "Correct it")
        elif not isinstance(value, str) or not value.strip():
            problem(key, f"{shown(value)} as `{key}`", "words", "Write it in quotes if it is text")
    for name, wanted in (("language", language), ("kind", kind)):
        given = values.get(name, wanted)
        if isinstance(given, str) and given.strip() and given != wanted:
            problem(
                name,
                f"`{name}: {given}`",
                f"`{name}: {wanted}`, as the folder says",
                "Correct it, or move the file to the folder it belongs to",
            )
    if problems:
        raise ContentError(problems)
    url = values.get("url")
    return FrontMatter(
        title=str(values["title"]).strip(),
        url=str(url).strip() if url else None,
        body=body,
        body_line=body_line,
    )


def _parse(text: str, source: str) -> tuple[dict[object, object], str]:
    handler = YAMLHandler()
    try:
        if not text.startswith("---"):
            raise ValueError
        block, body = handler.split(text)
    except ValueError:
        problem = Problem(
            source, 1, "no front matter", _EXAMPLE, "Begin the file with it; copy another file's."
        )
        raise ContentError([problem]) from None
    try:
        values = yaml.safe_load(block)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = 1 if mark is None else mark.line + 1
        found = f"front matter that is not YAML ({getattr(error, 'problem', None) or error})"
        remedy = "Put quotes around a value that holds a colon, and one key on a line."
        raise ContentError([Problem(source, line, found, "`key: value` lines", remedy)]) from None
    if not isinstance(values, dict):
        remedy = "Write one `key: value` on each line."
        problem = Problem(source, 1, "front matter without keys", _EXAMPLE, remedy)
        raise ContentError([problem])
    return values, body


def _line_of(text: str, key: str) -> int:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.startswith(key):
            return number
    return 1
