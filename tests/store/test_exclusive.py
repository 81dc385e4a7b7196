import subprocess
import sys
from pathlib import Path

import pytest

from store.errors import StoreError
from store.exclusive import hold


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'shopdesk.db'}"


def test_many_may_use_it_and_one_may_replace_it(url: str) -> None:
    with hold(url), hold(url), pytest.raises(StoreError, match="in use; stop the gateway"):
        hold(url, alone=True).__enter__()
    with hold(url, alone=True):
        with pytest.raises(StoreError, match="is in use"):
            hold(url, alone=True).__enter__()
        with pytest.raises(StoreError, match="being restored"):
            hold(url).__enter__()
    with hold(url, alone=True):
        pass


def test_an_error_lets_it_go(url: str) -> None:
    with pytest.raises(ZeroDivisionError), hold(url, alone=True):
        raise ZeroDivisionError
    with hold(url, alone=True):
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
        with pytest.raises(StoreError), hold(url, alone=True):
            pass
        other.kill()
        other.wait()
        with hold(url, alone=True):
            pass


def test_postgresql_needs_none_of_it() -> None:
    with hold("postgresql://user@host/name", alone=True), hold("postgresql://user@host/name"):
        pass
