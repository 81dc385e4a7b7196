"""The command line: what it says where something is missing."""

import pytest

from shopdesk import cli, doctor


def run(*words: str) -> int:
    """The exit status of ``shopdesk WORDS``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["shopdesk", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
    return int(ended.value.code or 0)


@pytest.fixture(autouse=True)
def empty_state(monkeypatch, tmp_path, free_port):
    monkeypatch.setenv("SHOPDESK_STATE_DIR", str(tmp_path / "state"))
    for name in ("PORT", "RASA_PORT", "ACTIONS_PORT"):
        monkeypatch.setenv(f"SHOPDESK_{name}", str(free_port()))


@pytest.mark.parametrize("command", ["search", "answer"])
def test_without_an_index_the_remedy_is_to_build_one(capsys, command):
    assert run(command, "how long?") == 1
    told = capsys.readouterr().err
    assert "There is no search index yet" in told
    assert "make index" in told


def test_retrieval_is_measured_on_passages_and_queries_together(capsys, tmp_path):
    file = tmp_path / "passages.jsonl"
    file.write_text('{"id": "a", "text": "b"}')
    assert run("evaluate", "retrieval", "--passages", str(file)) == 1
    assert "--passages and --queries belong together" in capsys.readouterr().err
    assert run("evaluate", "retrieval", "--passages", str(file), "--queries", str(file)) == 1
    assert "relevant is None, expected a list of texts" in capsys.readouterr().err


def test_chat_without_a_gateway_says_to_start_it(capsys):
    assert run("chat") == 1
    assert "make run" in capsys.readouterr().err


def test_rasa_without_a_model_says_to_train_it(capsys):
    assert run("serve", "rasa") == 1
    assert "make train" in capsys.readouterr().err


def test_a_process_that_is_none_is_refused(capsys):
    assert run("serve", "kitchen") == 2
    assert "gateway, actions, rasa" in capsys.readouterr().err


def test_a_setting_that_cannot_be_used_is_named(capsys, monkeypatch):
    monkeypatch.setenv("SHOPDESK_PORT", "abc")
    assert run("search", "x") == 1
    assert "port" in capsys.readouterr().err


@pytest.mark.integration
def test_the_doctor_finds_what_is_missing_and_goes_on(settings_with, free_port):
    ports = {name: free_port() for name in ("port", "rasa_port", "actions_port")}
    found = {finding.name: finding for finding in doctor.examine(settings_with(**ports))}
    assert found["environment"].ok, found["environment"].detail
    assert found["embedding model"].ok
    assert found["knowledge base"].ok
    for name, remedy in {"index": "make index", "dialogue model": "make train"}.items():
        assert not found[name].ok
        assert remedy in found[name].detail
    assert not found["database"].ok
    assert found["processes"].detail == "not running; the ports are free"
