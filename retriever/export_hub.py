"""Any sentence-transformers model as ONNX, for processes that have no torch: the bot's.

What is written is compared with the model itself before it is used: of the many ways in which a
model can differ from what is exported here, none shall make the bot worse without a word.
"""

import hashlib
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from knowledge_base.passages import LANGUAGES
from retriever._files import read_json, sha256_of, write_json
from retriever._onnx import Pooling, write_onnx
from retriever._quiet import quiet
from retriever.errors import EncoderError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

MAX_TOKENS = 512
"""Messages are short; models that read more are not asked to."""

WEIGHTS_APART_BYTES = 1_800_000_000
"""Weights above this go into a file of their own: one ONNX file holds at most 2 GiB."""

_FORMAT = 1
_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
_PARTS_OF_A_MODEL = (".safetensors", ".json", ".txt", ".model")
_SAMPLES = (
    "Where is my parcel?",
    "我的包裹到哪里了？",
    "I ordered two tents, order LK-204518; one came with a torn bag. 可以换一个吗？",
)
_TOLERANCE = 1e-3

# The e5 family was trained with "query: " before each text, and says so only in its description.
_E5 = re.compile(r"(^|[-_])e5-(small|base|large)(?!.*instruct)", re.IGNORECASE)


def export_encoder(model: str, directory: Path | str, revision: str | None = None) -> bool:
    """Write the files that the bot reads ``model`` from to ``directory``.

    ``model.onnx`` takes int64 ``input_ids``, ``attention_mask`` and, only where the model's own
    tokenizer gives them, ``token_type_ids``; it gives ``sentence_embedding``, unit vectors.
    ``tokenizer.json`` is the model's. ``manifest.json`` says what was exported, which ``prefix``
    goes before each text, and which languages need no glossary; it is written last, so that a
    folder with a matching one is whole.

    Args:
        model: a sentence-transformers model, by its folder or its name on a hub.
        directory: where to write; nothing is written when it is up to date, and no hub is asked.
        revision: commit of a hub model, so that it cannot change unnoticed.

    Returns:
        Whether anything was written.

    Raises:
        EncoderError: the model cannot be loaded, pools otherwise than by mean or CLS, has parts
            that are not exported, or gives other vectors once exported.
    """
    target = Path(directory)
    wanted = _identity(model, revision)
    if _is_up_to_date(target, wanted):
        return False
    loaded = _load(model, revision)
    pooling, prefix = _pooling(loaded, model), _prefix(loaded, model)
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target, prefix=".draft.") as folder:
        draft = Path(folder)
        max_tokens = min(loaded.max_seq_length or MAX_TOKENS, MAX_TOKENS)
        _write(loaded, model, pooling, max_tokens, draft)
        dimensions = _compare(loaded, model, prefix, max_tokens, draft)
        (target / "manifest.json").unlink(missing_ok=True)
        files = sorted(path.name for path in draft.iterdir())
        for name in files:
            (draft / name).replace(target / name)
    for left in set(target.glob("model.onnx*")) - {target / name for name in files}:
        left.unlink()
    write_json(
        target / "manifest.json",
        {
            **wanted,
            # Of a hub model without a revision: the commit that could be pinned.
            "commit": getattr(loaded.config, "_commit_hash", None),
            "dimensions": dimensions,
            "max_tokens": max_tokens,
            "prefix": prefix,
            "languages": list(LANGUAGES),
            "files": {name: sha256_of(target / name) for name in files},
        },
    )
    return True


def _identity(model: str, revision: str | None) -> dict[str, object]:
    """What must be as it was for an export to be up to date.

    A folder can change under its name, so its content counts; a hub's model is not asked again.
    """
    digest, folder = hashlib.sha256(), Path(model)
    parts = sorted(folder.rglob("*")) if folder.is_dir() else []
    for path in parts:
        if path.is_file() and path.suffix in _PARTS_OF_A_MODEL:
            digest.update(f"{path.relative_to(folder)}\0{sha256_of(path)}\0".encode())
    return {
        "format": _FORMAT,
        "model": model,
        "revision": revision,
        "source_sha256": digest.hexdigest() if parts else None,
    }


def _is_up_to_date(directory: Path, wanted: Mapping[str, object]) -> bool:
    manifest = read_json(directory / "manifest.json") or {}
    files = manifest.get("files")
    return (
        all(name in manifest and manifest[name] == value for name, value in wanted.items())
        and isinstance(files, dict)
        and bool(files)
        and all(
            (directory / name).is_file() and sha256_of(directory / name) == expected
            for name, expected in files.items()
        )
    )


def _load(model: str, revision: str | None) -> "SentenceTransformer":
    """As `retriever.hub_embedder.HubEmbedder` loads one: no pickles, no code of the author's."""
    from sentence_transformers import SentenceTransformer

    try:
        with quiet():
            return SentenceTransformer(
                model,
                revision=revision,
                device="cpu",
                trust_remote_code=False,
                model_kwargs={
                    "use_safetensors": True,
                    "attn_implementation": "eager",
                    # Weights kept in half precision have no speed to win on a CPU.
                    "dtype": "float32",
                },
            )
    except (OSError, ValueError, RuntimeError, ImportError, KeyError) as error:
        at = f" at revision {revision!r}" if revision else ""
        raise EncoderError(
            f"Cannot load the embedding model {model!r}{at} ({' '.join(str(error).split())}). "
            "Expected a folder or hub name of a sentence-transformers model with safetensors "
            "weights that needs no code of its own. Correct the setting, or fetch the model first."
        ) from error


def _pooling(loaded: "SentenceTransformer", model: str) -> Pooling:
    """How the tokens become one vector, of a model that has no parts but those exported."""
    from sentence_transformers.sentence_transformer import modules

    kinds = [type(module).__name__ for module in loaded]
    pooling = loaded[1] if len(kinds) > 1 else None
    if (
        not isinstance(loaded[0], modules.Transformer)
        or not isinstance(pooling, modules.Pooling)
        or not all(isinstance(part, modules.Normalize) for part in list(loaded)[2:])
    ):
        raise EncoderError(
            f"The embedding model {model!r} consists of {', '.join(kinds)}; expected Transformer, "
            "Pooling and, at most, Normalize. Choose another model."
        )
    mode = pooling.pooling_mode
    if mode == "mean":
        return "mean"
    if mode == "cls":
        return "cls"
    raise EncoderError(
        f"The embedding model {model!r} pools its tokens by {mode!r}; expected 'mean' or 'cls'. "
        "Choose another model."
    )


def _prefix(loaded: "SentenceTransformer", model: str) -> str:
    """What the model wants before a customer's words; a message is to it what a query is."""
    told = loaded.prompts.get("query") or loaded.prompts.get(loaded.default_prompt_name or "")
    return told or ("query: " if _E5.search(Path(model).name) else "")


def _write(
    loaded: "SentenceTransformer", model: str, pooling: Pooling, max_tokens: int, draft: Path
) -> None:
    transformer: Any = loaded[0].auto_model
    size = sum(weights.nbytes for weights in transformer.state_dict().values())
    inputs = tuple(name for name in _INPUTS if name in loaded.tokenizer.model_input_names)
    try:
        write_onnx(
            transformer,
            pooling,
            inputs,
            max_tokens,
            draft / "model.onnx",
            weights_apart=size > WEIGHTS_APART_BYTES,
        )
        text = loaded.tokenizer.backend_tokenizer.to_str()
    except Exception as error:  # torch's exporter and the tokenizers each raise their own
        raise EncoderError(
            f"The embedding model {model!r} ({transformer.config.model_type}) cannot be written as "
            f"ONNX ({type(error).__name__}: {' '.join(str(error).split())[:300]}). "
            "Choose another model."
        ) from error
    (draft / "tokenizer.json").write_text(text, encoding="utf-8")


def _compare(
    loaded: "SentenceTransformer", model: str, prefix: str, max_tokens: int, draft: Path
) -> int:
    """Check that what was written gives the model's own vectors; tells their length."""
    import onnxruntime
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(draft / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    session = onnxruntime.InferenceSession(
        str(draft / "model.onnx"), providers=["CPUExecutionProvider"]
    )
    inputs = [taken.name for taken in session.get_inputs()]
    expected = loaded.encode(
        list(_SAMPLES), prompt=prefix, normalize_embeddings=True, show_progress_bar=False
    )
    for text, vector in zip(_SAMPLES, expected, strict=True):
        encoding = tokenizer.encode(prefix + text)
        given = (encoding.ids, encoding.attention_mask, encoding.type_ids)
        feed = {name: np.array([row]) for name, row in zip(_INPUTS, given, strict=True)}
        found = session.run(["sentence_embedding"], {name: feed[name] for name in inputs})[0][0]
        difference = float(np.abs(found - vector).max())
        if not difference < _TOLERANCE:
            raise EncoderError(
                f"The embedding model {model!r} gives other vectors as ONNX: they differ by "
                f"{difference:.3g} for {text!r}, expected less than {_TOLERANCE}. "
                "Choose another model."
            )
    return int(expected.shape[1])
