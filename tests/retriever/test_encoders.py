import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from retriever import export
from retriever.embedder import load_embedder
from retriever.errors import EncoderError
from retriever.export import check_weights, export_minilm, is_exported, packaged_weights

TEXTS = ["How long does delivery take?", "Can I return a sleeping bag?", "", "退货", "a " * 600]
# The first four numbers of the first two texts' vectors, from torch and the published weights.
CANONICAL = [
    [0.01977845, -0.01360277, 0.02073321, 0.06142464],
    [-0.00111112, 0.09738976, -0.03044893, 0.09129569],
]


def test_weights_that_are_not_the_published_ones_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"something else")
    with pytest.raises(EncoderError, match=r"sha256 [0-9a-f]{64}, expected 53aa51.*Reinstall"):
        check_weights(tmp_path)
    with pytest.raises(EncoderError, match="no such file"):
        check_weights(tmp_path / "nowhere")


def test_missing_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(EncoderError, match=r"not installed\. Run `make setup`"):
        packaged_weights()


def test_folder_without_manifest_or_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"onnx")
    assert not is_exported(tmp_path)
    with pytest.raises(EncoderError, match=r"No readable manifest.json"):
        load_embedder(tmp_path)
    manifest = {"files": {"model.onnx": "0" * 64}, "dimensions": 384, "max_tokens": 256}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(EncoderError, match=r"model.onnx is damaged: sha256 .*, expected 0000"):
        load_embedder(tmp_path)


@pytest.fixture(scope="module")
def encoder_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("minilm")
    assert export_minilm(directory)
    return directory


@pytest.mark.integration
def test_export_is_whole_quiet_and_done_once(
    encoder_dir: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert is_exported(encoder_dir)
    assert not export_minilm(encoder_dir)
    assert capfd.readouterr() == ("", "")
    names = {path.name for path in encoder_dir.iterdir()}
    assert names == {"model.onnx", "tokenizer.json", "manifest.json"}


@pytest.mark.integration
def test_both_runtimes_give_the_canonical_vectors(encoder_dir: Path) -> None:
    exported, torch = load_embedder(encoder_dir), load_embedder(packaged_weights())
    assert exported.dimensions == torch.dimensions == 384
    assert (exported.languages, torch.languages) == (("en",), ("en", "zh"))
    assert "delivery" in exported.words & torch.words
    vectors = exported.embed_queries(TEXTS)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(TEXTS), 384)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert vectors[:2, :4] == pytest.approx(np.array(CANONICAL), abs=1e-4)
    assert np.abs(vectors - torch.embed_queries(TEXTS)).max() < 1e-4
    assert np.abs(vectors - exported.embed_passages(TEXTS)).max() < 1e-5
    assert exported.embed_queries([]).shape == torch.embed_queries([]).shape == (0, 384)


@pytest.mark.integration
def test_prefixes_change_the_vectors_and_the_fingerprint() -> None:
    plain = load_embedder(packaged_weights())
    prefixed = load_embedder(packaged_weights(), query_prefix="query: ", languages=("en",))
    assert plain.fingerprint != prefixed.fingerprint
    assert prefixed.languages == ("en",)
    assert np.array_equal(
        prefixed.embed_queries(["returns"]), plain.embed_queries(["query: returns"])
    )


@pytest.mark.integration
def test_model_without_safetensors_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(packaged_weights(), folder, ignore=shutil.ignore_patterns("model.safetensors"))
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(EncoderError, match="Cannot load the embedding model"):
        load_embedder(folder)


@pytest.mark.integration
def test_damaged_export_is_refused(encoder_dir: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(encoder_dir, folder)
    (folder / "tokenizer.json").write_text("{}")
    assert not is_exported(folder)
    with pytest.raises(EncoderError, match=r"tokenizer.json is damaged"):
        load_embedder(folder)
