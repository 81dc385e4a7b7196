import subprocess
import sys
from pathlib import Path

import pytest

from store.errors import StoreError
from store.exclusive import hold


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'shopdesk.db'}"


def test_one_at_a_time(url: str) -> None:
    for _ in range(2):
        with hold(url), pytest.raises(StoreError, match="in use by another gateway, or is being"):
            hold(url).__enter__()


def test_an_error_lets_it_go(url: str) -> None:
    with pytest.raises(ZeroDivisionError), hold(url):
        raise ZeroDivisionError
    with hold(url):
        pass


def test_a_process_that_is_killed_lets_it_go(url: str) -> None:
    program = (
        f"from store.exclusive import hold\nwith hold({url!r}): print('held', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).resolve().parents[2],
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(StoreError), hold(url):
            pass
        other.kill()
        other.wait()
        with hold(url):
            pass


def test_postgresql_needs_none_of_it() -> None:
    with hold("postgresql://user@host/name"), hold("postgresql://user@host/name"):
        pass
