"""The name under which a file is shown. It is never used to open anything."""

import unicodedata

from gateway.uploads.content import SUFFIXES, MediaType

LONGEST_NAME = 255
"""Characters."""

_ALL_SUFFIXES = (*(suffix for some in SUFFIXES.values() for suffix in some), ".gif")
# Invisible, but words of some scripts, and some emoji, are not themselves without them.
_JOINERS = "\u200c\u200d"


def clean_name(name: str, media_type: MediaType) -> str:
    """The last part of ``name`` without what cannot be seen, ending as its content demands.

    Marks that turn the direction of writing go, so that ``gpj.exe`` cannot be shown as ``exe.jpg``.

    Example:
        >>> clean_name("../../etc/photo.png", "image/jpeg")
        'photo.jpg'
        >>> clean_name("", "application/pdf")
        'document.pdf'
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    visible = "".join(
        " " if c.isspace() else c
        for c in last
        if c.isspace() or c in _JOINERS or unicodedata.category(c)[0] not in "CZ"
    )
    stem, suffix = _split(" ".join(visible.split()), media_type)
    stem = stem.strip(". ") or ("document" if media_type == "application/pdf" else "picture")
    return stem[: LONGEST_NAME - len(suffix)] + suffix


def _split(name: str, media_type: MediaType) -> tuple[str, str]:
    """The name without its ending, and the ending that it is to have."""
    fitting = SUFFIXES[media_type]
    for suffix in _ALL_SUFFIXES:
        if name.lower().endswith(suffix):
            stem = name[: -len(suffix)]
            return stem, name[-len(suffix) :] if suffix in fitting else fitting[0]
    return name, fitting[0]
