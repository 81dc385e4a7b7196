"""The programs that look at a file: a scanner of the shop's, and the inspector."""

import asyncio
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.errors import GatewayError
from gateway.uploads import checks
from gateway.uploads.checks import Scanner, inspect
from gateway.uploads.children import Children
from gateway.uploads.content import Content
from gateway.uploads.refusal import FileRefused


@pytest.fixture
def children() -> Iterator[Children]:
    children = Children()
    yield children
    children.close()


@pytest.fixture
def script(tmp_path: Path) -> Callable[[str], str]:
    """Writes a program of one shell script; gives the command."""

    def write(lines: str) -> str:
        path = tmp_path / "my scanner.sh"
        path.write_text(f"#!/bin/sh\n{lines}\n")
        path.chmod(0o700)
        return f"'{path}' --quiet"

    return write


# The script finds its signature, as the real ones do with the EICAR test file.
SCAN = 'test "$1" = --quiet || exit 2; ! grep -q EICAR "$2"'


async def scan(scanner: Scanner, path: Path) -> str:
    """The code with which the file is refused, or ``clean``."""
    try:
        await scanner.scan(path)
    except FileRefused as refused:
        return refused.code
    return "clean"


async def test_the_scanner_s_word_counts(
    tmp_path: Path, script: Callable[[str], str], children: Children
) -> None:
    clean, infected = tmp_path / "a file; rm -rf x", tmp_path / "$(b)"
    clean.write_text("harmless")
    infected.write_text("X5O!P%@AP EICAR-STANDARD-ANTIVIRUS-TEST-FILE")
    scanner = Scanner(script(SCAN), children)
    assert await scan(scanner, clean) == "clean"
    assert await scan(scanner, infected) == "file_infected"
    assert await scan(scanner, tmp_path / "missing") == "clean"  # so grep says: 2, negated


async def test_no_word_is_not_clean(
    tmp_path: Path,
    script: Callable[[str], str],
    children: Children,
    caplog: pytest.LogCaptureFixture,
) -> None:
    path = tmp_path / "file"
    path.write_text("x")
    for lines in ("exit 2", "kill -9 $$", "exit 127"):
        assert await scan(Scanner(script(lines), children), path) == "file_later"
    scanner = Scanner(script("exit 0"), children)
    (tmp_path / "my scanner.sh").unlink()
    assert await scan(scanner, path) == "file_later"
    assert caplog.text.count("could not be scanned") == 4


async def test_a_scanner_that_hangs_is_ended_with_all_it_started(
    tmp_path: Path, script: Callable[[str], str], children: Children
) -> None:
    path = tmp_path / "file"
    path.write_text("x")
    command = script(f"(sleep 0.6; touch {tmp_path}/alive) & sleep 60")
    began = time.monotonic()
    assert await scan(Scanner(command, children, seconds=0.2), path) == "file_later"
    assert time.monotonic() - began < 5
    await asyncio.sleep(0.8)
    assert not (tmp_path / "alive").exists()


async def test_the_secrets_of_the_gateway_are_not_given_on(
    tmp_path: Path,
    script: Callable[[str], str],
    children: Children,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SHOPDESK_SESSION_SECRET", "secret")
    path = tmp_path / "file"
    path.write_text("x")
    scanner = Scanner(script('test -z "$SHOPDESK_SESSION_SECRET" && test -n "$PATH"'), children)
    assert await scan(scanner, path) == "clean"


def test_a_scanner_that_cannot_work_stops_the_start(children: Children) -> None:
    with pytest.raises(GatewayError, match="no program 'clamdscann'"):
        Scanner("clamdscann --fdpass", children)
    with pytest.raises(GatewayError, match="cannot be read"):
        Scanner("scan 'it", children)


async def test_the_inspector_looks_at_content(
    tmp_path: Path, picture: Callable[..., bytes], pdf: Callable[..., bytes], children: Children
) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(picture(size=(30, 20)))
    found = await inspect(source, target, children, seconds=30)
    assert found == Content("image/png", 30, 20)
    source.write_bytes(pdf())
    assert await inspect(source, target, children, seconds=30) == Content("application/pdf")
    assert target.read_bytes() == source.read_bytes()
    source.write_bytes(b"MZ a program")
    with pytest.raises(FileRefused, match="the content is no PNG") as caught:
        await inspect(source, target, children, seconds=30)
    assert caught.value.code == "file_type"


@pytest.mark.parametrize(
    "harm", ["bytearray(4_000_000_000)", "exec('while True: pass')", "__import__('os')._exit(3)"]
)
async def test_an_inspector_that_fails_refuses_the_file(
    harm: str,
    tmp_path: Path,
    picture: Callable[..., bytes],
    children: Children,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    source = tmp_path / "source"
    source.write_bytes(picture())
    harmful = tmp_path / "harmful.py"
    harmful.write_text(
        "from gateway.uploads import inspector\n"
        "inspector._SECONDS = 1\n"
        f"inspector.inspect = lambda source, target: {harm}\n"
        "inspector.main()\n"
    )
    real = children.run

    async def run(arguments: list[str], *, seconds: float) -> tuple[int, bytes]:
        return await real([sys.executable, str(harmful), *arguments[-2:]], seconds=seconds)

    monkeypatch.setattr(children, "run", run)
    with pytest.raises(FileRefused) as caught:
        await checks.inspect(source, tmp_path / "target", children, seconds=20)
    assert caught.value.code == "file_broken"
    assert "too much for the inspector" in caplog.text
