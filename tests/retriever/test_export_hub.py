"""Models of no use, but built like those of the hubs: exported, and read as the bot reads them."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import modules
from transformers import (
    BertConfig,
    BertModel,
    BertTokenizer,
    PreTrainedModel,
    XLMRobertaConfig,
    XLMRobertaModel,
    XLMRobertaTokenizer,
)

from bot.components.encoder import Encoder, EncoderError
from bot.components.glossary import Glossary
from bot.components.reader import Reader
from retriever import export_hub
from retriever.errors import EncoderError as ExportError
from retriever.export_hub import export_encoder

ROOT = Path(__file__).resolve().parents[2]
TEXTS = ["Where is my parcel?", "我的包裹到哪里了？", "", "退 now", "a " * 100]
LETTERS = [*map(chr, range(33, 127)), *"我的包裹到哪里了？退换可以吗"]
SIZES = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
# Wider than trained models begin with, so that texts are told apart.
SHAPE = {**SIZES, "intermediate_size": 64, "initializer_range": 0.3}

Make = Callable[..., Path]


def bert(folder: Path) -> None:
    marks = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    pieces = [*marks, *LETTERS, *(f"##{letter}" for letter in LETTERS)]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    BertTokenizer(vocabulary, model_max_length=64).save_pretrained(folder)
    config = BertConfig(vocab_size=len(pieces), max_position_embeddings=64, **SHAPE)
    save(BertModel(config), folder)


def xlm_roberta(folder: Path) -> None:
    """Positions start after the padding's, and there are no token types."""
    pieces = ["<s>", "<pad>", "</s>", "<unk>", *LETTERS, "▁", "▁my", "<mask>"]
    scored = [(piece, -float(number)) for number, piece in enumerate(pieces)]
    XLMRobertaTokenizer(scored, model_max_length=64).save_pretrained(folder)
    config = XLMRobertaConfig(
        vocab_size=len(pieces), max_position_embeddings=66, type_vocab_size=1, **SHAPE
    )
    save(XLMRobertaModel(config), folder)


def save(model: PreTrainedModel, folder: Path) -> None:
    model.eval().save_pretrained(folder)


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Makes a folder as sentence-transformers saves one."""

    def model(
        kind: Callable[[Path], None],
        pooling: str,
        *more: torch.nn.Module,
        name: str = "model",
        **options: object,
    ) -> Path:
        folder = tmp_path_factory.mktemp("hub")
        torch.manual_seed(7)
        kind(folder / "bare")
        parts = [modules.Transformer(str(folder / "bare")), modules.Pooling(32, pooling), *more]
        SentenceTransformer(modules=parts, device="cpu", **options).save(str(folder / name))
        return folder / name

    return model


def own_vectors(model: Path, **options: str) -> np.ndarray:
    """What sentence-transformers itself makes of the texts."""
    loaded = SentenceTransformer(str(model), device="cpu")
    return np.asarray(loaded.encode(TEXTS, normalize_embeddings=True, **options))


def manifest_of(directory: Path) -> dict[str, object]:
    return json.loads((directory / "manifest.json").read_text())


@pytest.fixture(scope="module")
def prefixed(make: Make) -> Path:
    """Like multilingual E5, with the prompts written down."""
    prompts = {"query": "query: ", "document": "passage: "}
    return make(xlm_roberta, "mean", modules.Normalize(), prompts=prompts)


@pytest.fixture(scope="module")
def exported(prefixed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("exported")
    assert export_encoder(str(prefixed), directory)
    return directory


@pytest.fixture
def ready_made(exported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """torch takes seconds to write a model; where only the rest matters, it is written already."""

    def write(*values: object) -> None:
        path = next(value for value in values if isinstance(value, Path))
        shutil.copy(exported / "model.onnx", path)

    monkeypatch.setattr(export_hub, "write_onnx", lambda *values, **_: write(*values))


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_the_bot_reads_the_models_own_vectors(
    make: Make, tmp_path: Path, pooling: str, capfd: pytest.CaptureFixture[str]
) -> None:
    model = make(bert, pooling)
    capfd.readouterr()
    assert export_encoder(str(model), tmp_path)
    assert not export_encoder(str(model), tmp_path)
    assert capfd.readouterr() == ("", "")
    vectors = Encoder(tmp_path).encode(TEXTS)
    assert vectors.dtype == np.float32
    assert np.abs(vectors - own_vectors(model)).max() < 1e-4
    assert np.abs(vectors[0] - vectors[1]).max() > 0.01
    assert manifest_of(tmp_path)["prefix"] == ""


def test_a_model_without_token_types_and_with_a_prompt(prefixed: Path, exported: Path) -> None:
    encoder = Encoder(exported)
    vectors = encoder.encode(TEXTS)
    assert np.abs(vectors - own_vectors(prefixed, prompt_name="query")).max() < 1e-4
    assert np.abs(vectors - own_vectors(prefixed, prompt="")).max() > 0.01
    assert encoder.encode([]).shape == (0, 32)
    assert encoder.languages == ("en", "zh")


@pytest.mark.integration
def test_rasas_own_environment_reads_it(prefixed: Path, exported: Path, tmp_path: Path) -> None:
    code = (
        "import json, sys, numpy; from pathlib import Path;"
        "from bot.components.encoder import Encoder;"
        "numpy.save(sys.argv[2], Encoder(Path(sys.argv[1])).encode(json.loads(sys.argv[3])))"
    )
    python, file = ROOT / ".venv-rasa/bin/python", tmp_path / "vectors.npy"
    command = [python, "-c", code, exported, file, json.dumps(TEXTS)]
    subprocess.run(command, cwd=ROOT, check=True, timeout=120)
    own = own_vectors(prefixed, prompt_name="query")
    assert np.abs(np.load(file) - own).max() < 1e-4


def test_the_manifest_says_what_it_is(prefixed: Path, exported: Path) -> None:
    manifest = manifest_of(exported)
    told = {name: manifest[name] for name in ("model", "revision", "dimensions", "max_tokens")}
    assert told == {"model": str(prefixed), "revision": None, "dimensions": 32, "max_tokens": 64}
    assert (manifest["prefix"], manifest["languages"]) == ("query: ", ["en", "zh"])
    names = {path.name for path in exported.iterdir()}
    assert names == {"model.onnx", "tokenizer.json", "manifest.json"}


@pytest.mark.usefixtures("ready_made")
def test_it_is_written_again_when_the_model_or_the_export_changed(
    prefixed: Path, tmp_path: Path
) -> None:
    folder, target = tmp_path / "model", tmp_path / "exported"
    shutil.copytree(prefixed, folder)
    assert export_encoder(str(folder), target)
    assert not export_encoder(str(folder), target)
    (target / "model.onnx").write_bytes(b"half a file")
    assert export_encoder(str(folder), target)
    settings = json.loads((folder / "config_sentence_transformers.json").read_text())
    settings["prompts"]["query"] = "search: "
    (folder / "config_sentence_transformers.json").write_text(json.dumps(settings))
    assert export_encoder(str(folder), target)
    assert manifest_of(target)["prefix"] == "search: "


@pytest.mark.usefixtures("ready_made")
def test_a_revision_is_asked_for_and_an_exported_one_is_not_asked_for_again(
    prefixed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hub's name in the tests' stead of a hub: only loading knows the difference."""
    asked: list[str | None] = []
    load = export_hub._load

    def from_hub(model: str, revision: str | None) -> SentenceTransformer:
        asked.append(revision)
        return load(str(prefixed), None)

    monkeypatch.setattr(export_hub, "_load", from_hub)
    assert export_encoder("somebody/model", tmp_path, "abc")
    assert not export_encoder("somebody/model", tmp_path, "abc")
    assert manifest_of(tmp_path)["revision"] == "abc"
    assert export_encoder("somebody/model", tmp_path, "def")
    assert asked == ["abc", "def"]


@pytest.mark.usefixtures("ready_made")
def test_e5_gets_its_prefix_though_the_model_does_not_tell(make: Make, tmp_path: Path) -> None:
    """Its weights are those of the other XLM-RoBERTa, from the same seed."""
    model = make(xlm_roberta, "mean", name="multilingual-e5-small")
    export_encoder(str(model), tmp_path)
    assert manifest_of(tmp_path)["prefix"] == "query: "
    vectors = Encoder(tmp_path).encode(TEXTS)
    assert np.abs(vectors - own_vectors(model, prompt="query: ")).max() < 1e-4


def test_large_weights_lie_beside_the_model(
    prefixed: Path,
    exported: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(export_hub, "WEIGHTS_APART_BYTES", 0)
        export_encoder(str(prefixed), tmp_path)
    assert "model.onnx.data" in manifest_of(tmp_path)["files"]  # type: ignore[operator]
    assert np.abs(Encoder(tmp_path).encode(TEXTS) - Encoder(exported).encode(TEXTS)).max() < 1e-5
    request.getfixturevalue("ready_made")
    (tmp_path / "manifest.json").unlink()
    export_encoder(str(prefixed), tmp_path)
    assert not (tmp_path / "model.onnx.data").exists()


def test_what_is_not_exported_is_refused(make: Make, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"by 'max'; expected 'mean' or 'cls'"):
        export_encoder(str(make(bert, "max")), tmp_path)
    dense = make(bert, "mean", modules.Dense(32, 8))
    with pytest.raises(ExportError, match=r"consists of Transformer, Pooling, Dense; expected"):
        export_encoder(str(dense), tmp_path)
    assert not list(tmp_path.iterdir())


def test_other_vectors_than_the_models_own_are_refused(
    prefixed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_hub, "_pooling", lambda *_: "cls")
    with pytest.raises(ExportError, match=r"other vectors as ONNX: they differ by .* for 'Where"):
        export_encoder(str(prefixed), tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_model_that_cannot_be_loaded_is_told(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ExportError, match=r"'nobody/nothing' at revision 'abc' \(.*Correct the se"):
        export_encoder("nobody/nothing", tmp_path / "exported", "abc")
    pickled = make(bert, "mean")
    (pickled / "model.safetensors").rename(pickled / "pytorch_model.bin")
    with pytest.raises(ExportError, match="Cannot load the embedding model"):
        export_encoder(str(pickled), tmp_path / "exported")


def test_chinese_goes_through_the_glossary_only_where_it_must(
    exported: Path, tmp_path: Path
) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    for name in ("model.onnx", "tokenizer.json"):
        (plain / name).write_bytes((exported / name).read_bytes())
    chinese, glossary = "我的包裹到哪里了？", Glossary.load()
    assert np.array_equal(
        Reader(exported).vectors([chinese], "zh"), Encoder(exported).encode([chinese])
    )
    assert np.array_equal(
        Reader(plain).vectors([chinese], "zh"), Encoder(plain).encode([glossary.read(chinese)])
    )
    (plain / "manifest.json").write_text("[]")
    with pytest.raises(EncoderError, match="is damaged: expected a JSON object"):
        Encoder(plain)
