"""What is wrong with the shop's content, told so that the person who wrote it can mend it."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing in one content file that cannot be read as meant.

    Attributes:
        file: path relative to the content folder.
        line: where it is, counted from 1.
        found: what stands there.
        expected: what would be right.
        remedy: what to do about it.
    """

    file: str
    line: int
    found: str
    expected: str
    remedy: str

    def __str__(self) -> str:
        return (
            f"{self.file}:{self.line}: found {self.found}; expected {self.expected}. {self.remedy}"
        )


class ContentError(Exception):
    """The content cannot be used; ``problems`` holds everything that is wrong with it.

    All of it and not only the first: an editor with five slips should not have to start the
    system five times to learn of them.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        count = len(self.problems)
        head = f"{count} problem{'' if count == 1 else 's'} in the knowledge base"
        super().__init__("\n".join([f"{head}:", *(f"  {problem}" for problem in self.problems)]))


def shown(value: object, limit: int = 60) -> str:
    """``value`` quoted for a message, cut at ``limit`` characters so that the message stays one."""
    text = repr(value)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
