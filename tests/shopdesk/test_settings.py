"""Where settings come from, and what is refused."""

import re
import tomllib

import pytest

from shopdesk.errors import SettingsError
from shopdesk.settings import ROOT, Settings, load_settings


def test_defaults_need_no_file():
    settings = load_settings()
    assert settings.state_dir == ROOT / "var"
    assert settings.rasa == "http://127.0.0.1:5005"
    assert settings.database == f"sqlite:///{ROOT / 'var' / 'shopdesk.db'}"
    assert settings.host == settings.rasa_host == settings.actions_host == "127.0.0.1"


def test_variables_win_over_the_file(settings_from, monkeypatch):
    monkeypatch.setenv("SHOPDESK_PORT", "9001")
    settings = settings_from("port = 9000\nrasa_port = 9005\n")
    assert (settings.port, settings.rasa_port) == (9001, 9005)


def test_origins_are_a_list_in_the_file_and_commas_in_a_variable(settings_from, monkeypatch):
    in_file = settings_from('allowed_origins = ["https://shop.example"]')
    assert in_file.allowed_origins == ("https://shop.example",)
    monkeypatch.setenv("SHOPDESK_ALLOWED_ORIGINS", "https://a.example, http://b.example:8080")
    assert load_settings().allowed_origins == ("https://a.example", "http://b.example:8080")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("port = 70000", r"port: .*65535.*found 70000"),
        ("port = 'x'", r"port: .*integer.*found 'x'"),
        ("prot = 8000", r"prot: there is no such setting"),
        ("rasa_port = 8000", r"must differ, found \(8000, 8000, 5055\)"),
        ("writer = 'poet'", r"writer: .*'extractive', 'seq2seq' or 'causal'.*found 'poet'"),
        ("writer = 'causal'", r"writer = 'causal' needs writer_model"),
        ("allowed_origins = ['shop.example']", r"'shop.example' is no origin"),
        ("port = ", r"cannot be read.*Remedy: it is TOML"),
        ("writer_deadline = 90", r"writer_deadline: .*45.*found 90"),
    ],
)
def test_what_cannot_be_used_is_named(settings_from, text, told):
    with pytest.raises(SettingsError, match="(?s)" + told) as refused:
        settings_from(text)
    assert "Remedy:" in str(refused.value)


def test_the_commented_file_shows_every_setting_with_its_default():
    """`shopdesk.toml` is the documentation: uncommented, it must change nothing."""
    text = (ROOT / "shopdesk.toml").read_text()
    shown = tomllib.loads("\n".join(re.findall(r"^# (\w+ = .*)$", text, re.MULTILINE)))
    secrets_and_containers = {
        "session_secret", "internal_token", "rasa_command", "rasa_host", "actions_host",
        "shop_key", "shop_secret", "shop_token",
    }  # fmt: skip
    tables = {"channels", "limits", "shop", "returns"}
    assert set(shown) == set(Settings.model_fields) - secrets_and_containers - tables
    assert all(f"[{table}" in text for table in tables)
    derived = {"rasa_url": "http://127.0.0.1:5005", "actions_url": "http://127.0.0.1:5055"}
    for name, value in shown.items():
        default = derived.get(name, Settings.model_fields[name].default)
        assert default == (tuple(value) if isinstance(value, list) else value) or str(
            default
        ) == str(value), name
