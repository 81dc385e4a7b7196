"""The installation's secrets."""

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from shopdesk.errors import SettingsError
from shopdesk.keys import load_keys


def test_made_once_and_kept_for_the_owner_only(settings_with):
    settings = settings_with()
    keys = load_keys(settings)
    assert len(keys.session) >= 32
    assert keys.session != keys.internal
    assert load_keys(settings) == keys
    kept = settings.state_dir / "keys.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert list(settings.state_dir.iterdir()) == [kept]


def test_settings_win(settings_with):
    keys = load_keys(settings_with(session_secret="s", internal_token="t"))
    assert (keys.session, keys.internal) == ("s", "t")


def test_processes_that_start_together_agree(settings_with):
    settings = settings_with()
    settings.state_dir.mkdir()
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(load_keys, [settings] * 32))) == 1


@pytest.mark.parametrize("content", ["", "{", "[]", '{"session": "s"}'])
def test_a_broken_file_is_refused_and_left_alone(settings_with, content):
    settings = settings_with()
    settings.state_dir.mkdir()
    (settings.state_dir / "keys.json").write_text(content)
    with pytest.raises(SettingsError, match=r"keys\.json cannot be used.*\n.*Remedy"):
        load_keys(settings)
    assert (settings.state_dir / "keys.json").read_text() == content
