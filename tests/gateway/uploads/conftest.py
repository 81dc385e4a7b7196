"""Files to send, made here: pictures, PDFs, and what is neither."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfWriter

from gateway.uploads.content import Content

MakePicture = Callable[..., bytes]
MakePdf = Callable[..., bytes]


@pytest.fixture(scope="session")
def picture() -> MakePicture:
    """Makes the bytes of a picture; options are those of Pillow's ``save``."""

    def make(
        format: str = "PNG",
        size: tuple[int, int] = (8, 6),
        mode: str = "RGB",
        colour: Any = None,
        **options: Any,
    ) -> bytes:
        out = BytesIO()
        Image.new(mode, size, colour or 0).save(out, format, **options)
        return out.getvalue()

    return make


@pytest.fixture(scope="session")
def pdf() -> MakePdf:
    """Makes the bytes of a PDF; ``change`` may add something to it first."""

    def make(change: Callable[[PdfWriter], object] | None = None, pages: int = 1) -> bytes:
        writer = PdfWriter()
        for _ in range(pages):
            writer.add_blank_page(200, 200)
        if change:
            change(writer)
        out = BytesIO()
        writer.write(out)
        return out.getvalue()

    return make


@pytest.fixture
def inspected(tmp_path: Path) -> Callable[[bytes], tuple[Content, bytes]]:
    """Has bytes inspected in this process; gives what was found and what would be kept."""
    from gateway.uploads.inspector import inspect

    def look(data: bytes) -> tuple[Content, bytes]:
        source, target = tmp_path / "source", tmp_path / "target"
        source.write_bytes(data)
        content = inspect(source, target)
        return content, target.read_bytes()

    return look
