"""PDF files: looked through for what does something by itself, and kept as they are."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pypdf import PdfReader
from pypdf.errors import PdfReadError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NullObject

from gateway.uploads.content import Content
from gateway.uploads.refusal import FileRefused

MAGIC = b"%PDF-"

# The actions that run something, send something or open another file.
_ACTIONS = frozenset({"/JavaScript", "/Launch", "/ImportData", "/Rendition", "/RichMediaExecute"})
_KEYS = {
    "/JS": "a script",
    "/JavaScript": "scripts",
    "/XFA": "a form with scripts",
    "/RichMediaContent": "media that run scripts",
}


def check(source: Path, target: Path) -> Content:
    """See that the PDF in ``source`` is harmless, and copy it to ``target``.

    An embedded XML file is let be: it is how electronic invoices are made (Factur-X, ZUGFeRD).

    Raises:
        FileRefused: it is broken, encrypted, has no pages, or holds scripts, actions that start
            programs, or other files.
    """
    try:
        reader = PdfReader(source)
        if reader.is_encrypted:
            raise FileRefused("file_broken", "the PDF is protected by a password")
        if len(reader.pages) == 0:
            raise FileRefused("file_broken", "the PDF has no pages")
        active = next(filter(None, map(_danger, _dictionaries(reader))), None)
    except FileRefused:
        raise
    except Exception as error:
        # A parser that is given nonsense raises whatever it happens to trip over.
        raise FileRefused(
            "file_broken", f"the PDF cannot be read ({type(error).__name__})"
        ) from error
    if active:
        raise FileRefused("file_type", f"the PDF holds {active}; only passive PDFs are accepted")
    shutil.copyfile(source, target)
    return Content("application/pdf")


def _danger(entry: DictionaryObject) -> str | None:
    """What of the dictionary does more than show itself."""
    for key, what in _KEYS.items():
        if key in entry:
            return what
    action = entry.raw_get("/S") if "/S" in entry else None
    if isinstance(action, IndirectObject):
        action = action.get_object()
    if action in _ACTIONS:
        return f"an action ({str(action).removeprefix('/')})"
    if "/EF" in entry:
        name = str(entry.get("/UF") or entry.get("/F") or "")
        if not name.lower().endswith(".xml"):
            return "another file"
    return None


def _dictionaries(reader: PdfReader) -> Iterator[DictionaryObject]:
    """Every dictionary that can be reached from the document's root, each once."""
    seen: set[tuple[int, int]] = set()
    waiting: list[Any] = [reader.trailer]
    while waiting:
        value = waiting.pop()
        if isinstance(value, IndirectObject):
            if (place := (value.idnum, value.generation)) in seen:
                continue
            seen.add(place)
            try:
                value = value.get_object()
            except PdfReadError:
                value = NullObject()  # viewers, too, take a missing object for nothing
        if isinstance(value, DictionaryObject):
            yield value
            waiting += value.values()
        elif isinstance(value, ArrayObject):
            waiting += value
