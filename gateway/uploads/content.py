"""What a file's content says about it."""

from dataclasses import dataclass
from typing import Literal

MediaType = Literal["image/jpeg", "image/png", "image/webp", "application/pdf"]

SUFFIXES: dict[MediaType, tuple[str, ...]] = {
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    "application/pdf": (".pdf",),
}
"""What names of such files may end with, the usual ending first."""


@dataclass(frozen=True, slots=True)
class Content:
    """What was found in a file; ``width`` and ``height`` are pixels, of pictures."""

    media_type: MediaType
    width: int | None = None
    height: int | None = None
