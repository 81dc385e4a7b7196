"""Why a file is not accepted, in words and as a code that a client knows."""

from dataclasses import dataclass
from typing import Literal

from gateway.errors import GatewayError

Code = Literal[
    "file_type",
    "file_too_large",
    "file_infected",
    "file_limit",
    "file_broken",
    "file_later",
    "file_unknown",
    "link_expired",
]

STATUS: dict[Code, int] = {
    "file_type": 415,
    "file_too_large": 413,
    "file_infected": 422,
    "file_broken": 422,
    "file_limit": 429,
    "file_later": 503,
    "file_unknown": 404,
    "link_expired": 403,
}
"""The HTTP status of each refusal."""


@dataclass(frozen=True, slots=True)
class FileProblem:
    """Why a file was refused: ``code`` for the client, ``text`` for its developer."""

    code: Code
    text: str


class FileRefused(GatewayError):  # noqa: N818 - reads as what it says
    """A file that is not accepted, or not given out."""

    def __init__(self, code: Code, text: str) -> None:
        super().__init__(text)
        self.code: Code = code

    @property
    def problem(self) -> FileProblem:
        """What the client is told."""
        return FileProblem(self.code, str(self))
