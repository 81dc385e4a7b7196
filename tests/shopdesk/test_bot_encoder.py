"""The one line that gives the bot another model to read through."""

import json
import os
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
import torch

from shopdesk import prepare
from shopdesk.keys import Keys
from shopdesk.prepare import prepare_encoder
from shopdesk.processes import rasa_environment
from shopdesk.settings import ROOT


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A tiny sentence-transformers model, as a hub's are laid out."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer import modules
    from transformers import BertConfig, BertModel, BertTokenizer

    bare = tmp_path / "bare"
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefgh退货我的包裹"]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    torch.manual_seed(7)
    BertTokenizer(vocabulary, model_max_length=32).save_pretrained(bare)
    config = BertConfig(
        vocab_size=len(pieces), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=32,
    )  # fmt: skip
    BertModel(config).save_pretrained(bare)
    parts = [modules.Transformer(str(bare)), modules.Pooling(16, "mean")]
    SentenceTransformer(modules=parts, device="cpu").save(str(tmp_path / "model"))
    return tmp_path / "model"


def keys() -> Keys:
    return Keys(session="s" * 32, internal="i" * 32)


def encoder_in_rasa(settings) -> str:
    return rasa_environment(settings, keys())["SHOPDESK_ENCODER_DIR"]


def test_unset_the_bot_reads_through_minilm(settings_with):
    settings = settings_with()
    assert settings.bot_encoder == ""
    assert encoder_in_rasa(settings) == str(settings.encoder_dir)


def test_a_line_or_a_variable_names_the_model(settings_from, monkeypatch):
    settings = settings_from('bot_encoder = "intfloat/multilingual-e5-small"')
    assert settings.bot_encoder == "intfloat/multilingual-e5-small"
    assert encoder_in_rasa(settings) == str(ROOT / "var/models/bot-encoder")
    monkeypatch.setenv("SHOPDESK_BOT_ENCODER", "docs/images")
    assert settings_from("").bot_encoder == str(ROOT / "docs/images")


def test_the_setting_makes_what_the_bot_reads_through(settings_with, model):
    from bot.components.reader import Reader

    settings, steps = settings_with(bot_encoder=str(model)), []
    prepare_encoder(settings, lambda step: nullcontext(steps.append(step)))
    assert steps == [f"Checking the bot's embedding model, {model}"]
    manifest = json.loads((settings.bot_encoder_dir / "manifest.json").read_text())
    assert (manifest["model"], manifest["languages"]) == (str(model), ["en", "zh"])
    assert not settings.encoder_dir.exists()
    first, second = Reader(settings.bot_encoder_dir).vectors(["退货", "包裹"], "zh")
    assert not np.allclose(first, second)


def test_a_trained_model_is_out_of_date_with_another_encoder(settings_with):
    fingerprints = set()
    for name, model in (("minilm", ""), ("bot-encoder", "a/b")):
        settings = settings_with(bot_encoder=model)
        directory = settings.state_dir / "models" / name
        directory.mkdir(parents=True)
        (directory / "manifest.json").write_text(name)
        fingerprints.add(prepare._fingerprint(settings))
    assert len(fingerprints) == 2


@pytest.mark.integration
def test_a_model_that_cannot_be_had_is_told_without_a_traceback(tmp_path):
    variables = {
        **os.environ, "HF_HUB_OFFLINE": "1", "SHOPDESK_STATE_DIR": str(tmp_path / "state"),
        "SHOPDESK_BOT_ENCODER": "nobody/nothing", "SHOPDESK_BOT_ENCODER_REVISION": "abc",
    }  # fmt: skip
    command = [sys.executable, "-m", "shopdesk", "train", "bot"]
    ended = subprocess.run(
        command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=120, check=False
    )
    assert ended.returncode == 1
    assert "Cannot load the embedding model 'nobody/nothing' at revision 'abc'" in ended.stderr
    assert "Correct the setting" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "state/models/rasa").exists()
