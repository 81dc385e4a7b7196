"""Settings that are this test's own: no file, no variables, a state folder that goes afterwards."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shopdesk.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("SHOPDESK_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("SHOPDESK_SETTINGS", str(tmp_path / "settings.toml"))


@pytest.fixture
def settings_with(tmp_path: Path) -> Callable[..., Settings]:
    """Makes settings with the state in the test's folder and the given values."""

    def make(**values: Any) -> Settings:
        return Settings(**{"state_dir": tmp_path / "state", **values})

    return make


@pytest.fixture
def settings_from(tmp_path: Path) -> Callable[[str], Settings]:
    """Reads settings from a file with the given text."""

    def read(text: str) -> Settings:
        (tmp_path / "settings.toml").write_text(text)
        return load_settings()

    return read
