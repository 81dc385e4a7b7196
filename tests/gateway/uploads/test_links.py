from uuid import uuid4

import pytest

from gateway.uploads import links as module
from gateway.uploads.links import FileLinks

SECRET = "0123456789abcdef0123456789abcdef"


def parts(url: str) -> tuple[str, str]:
    path, _, signature = url.partition("?t=")
    return path.removeprefix("/v1/files/"), signature


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    def set_time(now: float) -> None:
        monkeypatch.setattr(module.time, "time", lambda: now)

    return set_time


def test_a_link_opens_its_file_only() -> None:
    links, file_id = FileLinks(SECRET), str(uuid4())
    found, signature = parts(links.url(file_id))
    assert found == file_id
    assert links.check(file_id, signature)
    assert not links.check(str(uuid4()), signature)
    assert not FileLinks(SECRET[::-1]).check(file_id, signature)


def test_a_link_is_good_for_an_hour(at) -> None:  # type: ignore[no-untyped-def]
    links, file_id = FileLinks(SECRET), str(uuid4())
    for made in (1_800_000_000, 1_800_000_899):
        at(made)
        _, signature = parts(links.url(file_id))
        at(made + 3_600)
        assert links.check(file_id, signature)
        at(made + 4_600)
        assert not links.check(file_id, signature)


def test_links_stay_the_same_for_a_while_so_that_browsers_can_cache(at) -> None:  # type: ignore[no-untyped-def]
    links, file_id = FileLinks(SECRET), str(uuid4())
    at(1_800_000_000)
    first = links.url(file_id)
    at(1_800_000_600)
    assert links.url(file_id) == first
    at(1_800_001_000)
    assert links.url(file_id) != first


def test_where_the_id_ends_is_not_the_client_s_word() -> None:
    links, file_id = FileLinks(SECRET), str(uuid4())
    _, signature = parts(links.url(file_id))
    stamp, _, rest = signature.partition(".")
    assert not links.check(f"{file_id}.{stamp}", rest)
    assert not links.check("", f"{file_id}.{signature}")
    for nonsense in ("", ".", "a.b", "\ud800", "é.é", signature[:-1], signature.upper()):
        assert not links.check(file_id, nonsense)
    assert not links.check("\ud800", signature)
