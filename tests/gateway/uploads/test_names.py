import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.uploads.content import SUFFIXES, MediaType
from gateway.uploads.names import LONGEST_NAME, clean_name


@pytest.mark.parametrize(
    ("name", "media_type", "shown"),
    [
        ("photo.png", "image/png", "photo.png"),
        ("Photo.JPEG", "image/jpeg", "Photo.JPEG"),
        ("photo.jpg", "image/png", "photo.png"),
        ("scan", "application/pdf", "scan.pdf"),
        ("v1.2", "application/pdf", "v1.2.pdf"),
        ("dance.gif", "image/png", "dance.png"),
        ("setup.exe", "image/png", "setup.exe.png"),
        ("../../etc/passwd", "image/png", "passwd.png"),
        ("C:\\Users\\me\\damage.png", "image/png", "damage.png"),
        ("", "application/pdf", "document.pdf"),
        (".pdf", "application/pdf", "document.pdf"),
        ("..", "image/webp", "picture.webp"),
        ("/", "image/jpeg", "picture.jpg"),
        ("a\x00b\r\nc.png", "image/png", "ab c.png"),
        ("invoice\u202egnp.exe", "image/png", "invoicegnp.exe.png"),
        ("  two   spaces .png", "image/png", "two spaces.png"),
        ("损坏的帐篷.png", "image/png", "损坏的帐篷.png"),
        ("صورة.jpg", "image/jpeg", "صورة.jpg"),
        ("👩\u200d💻.png", "image/png", "👩\u200d💻.png"),
        ("\ud800.png", "image/png", "picture.png"),
    ],
)
def test_names_are_shown_as(name: str, media_type: MediaType, shown: str) -> None:
    assert clean_name(name, media_type) == shown


@given(st.text(max_size=400), st.sampled_from(list(SUFFIXES)))
def test_any_name_can_be_shown(name: str, media_type: MediaType) -> None:
    shown = clean_name(name, media_type)
    assert 0 < len(shown) <= LONGEST_NAME
    assert shown.lower().endswith(SUFFIXES[media_type])
    assert not set("/\\\0\r\n\u202e\u2066") & set(shown)
    assert clean_name(shown, media_type) == shown
    shown.encode()
