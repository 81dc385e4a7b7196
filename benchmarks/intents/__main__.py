"""The shipped intent pipeline beside Rasa's classifiers and a plain baseline, in one run.

python -m benchmarks.intents --data DIR [--intents 27] [--examples 20] [--json FILE]

All learn the same examples of CLINC150 (Larson et al., 2019) and are asked the same messages of its
validation set, and those of it that fit no intent:

- the shipped pipeline;
- MiniLM and logistic regression, without anything else;
- Rasa's default: counted words and n-grams, DIET with 100 epochs (Bunk et al., 2020);
- the same with MiniLM's sentence embedding beside the counts.

DIET takes minutes for what the others learn in seconds, so a part of the intents is enough.
"""

import argparse
import json
import lzma
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console
from rich.table import Table
from sklearn.linear_model import LogisticRegression

from bot.components.reader import Reader
from evaluation.intents import Classifier, Message, Prediction, Report, report
from shopdesk.processes import RASA_ENVIRONMENT, rasa_executable
from shopdesk.settings import ROOT, load_settings

THRESHOLD = 0.5
_C = 20.0

_COUNTS: list[dict[str, Any]] = [
    {"name": "WhitespaceTokenizer"},
    {"name": "RegexFeaturizer"},
    {"name": "LexicalSyntacticFeaturizer"},
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
]
_DIET = {"name": "DIETClassifier", "epochs": 100, "constrain_similarities": True}

console = Console()
Predictor = Callable[[Sequence[Message]], list[Prediction]]


def main() -> None:
    """Measure, print a table, and write the figures where ``--json`` says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.intents")
    parser.add_argument("--data", type=Path, required=True, help="holds clinc150/")
    parser.add_argument("--intents", type=int, default=27)
    parser.add_argument("--examples", type=int, default=20, help="of each intent")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    train, test, unknown = _data(given.data / "clinc150", given.intents, given.examples)
    console.print(f"{len(train)} examples, {len(test)} messages, {len(unknown)} that fit no intent")
    peers: dict[str, Callable[[Sequence[Message]], Predictor]] = {
        "shopdesk": _shipped,
        "MiniLM + LR": _baseline,
        "counts + DIET": lambda some: _rasa([*_COUNTS, _DIET], some),
        "counts + MiniLM + DIET": lambda some: _rasa(
            [*_COUNTS, {"name": "benchmarks.intents.minilm.MiniLM"}, _DIET], some
        ),
    }
    found: dict[str, tuple[Report, float]] = {}
    for name, learn in peers.items():
        began = time.perf_counter()
        with console.status(f"{name}: learning"):
            predict = learn(train)
        seconds = time.perf_counter() - began
        with console.status(f"{name}: asking"):
            found[name] = report(predict(test), predict(unknown), THRESHOLD), seconds
    console.print(_table(found))
    if given.json:
        figures = {name: {**asdict(one), "train_seconds": s} for name, (one, s) in found.items()}
        given.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")


def _data(
    folder: Path, intents: int, examples: int
) -> tuple[list[Message], list[Message], list[Message]]:
    rows = _read(folder / "train.jsonl.xz")
    names = sorted({row["intent"] for row in rows})
    # Evenly among the names, so that related ones ("card_declined", "card_lost") are together.
    chosen = set(names[:: max(1, len(names) // intents)][:intents])
    taken: dict[str, list[Message]] = defaultdict(list)
    for row in rows:
        if row["intent"] in chosen and len(taken[row["intent"]]) < examples:
            taken[row["intent"]].append(Message(row["text"], row["intent"], "en"))
    test = [
        Message(row["text"], row["intent"], "en")
        for row in _read(folder / "val.jsonl.xz")
        if row["intent"] in chosen
    ]
    unknown = [Message(row["text"], "", "en") for row in _read(folder / "oos_val.jsonl.xz")]
    return [one for some in taken.values() for one in some], test, unknown


def _read(file: Path) -> list[dict[str, str]]:
    with lzma.open(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _reader() -> Reader:
    return Reader(load_settings().encoder_dir)


def _shipped(train: Sequence[Message]) -> Predictor:
    classifier = Classifier(_reader())
    classifier.train(train)
    return classifier.predict


def _baseline(train: Sequence[Message]) -> Predictor:
    reader = _reader()
    model = LogisticRegression(C=_C, max_iter=2000)
    model.fit(reader.vectors([m.text for m in train], "en"), [m.intent for m in train])

    def predict(messages: Sequence[Message]) -> list[Prediction]:
        scores = model.predict_proba(reader.vectors([m.text for m in messages], "en"))
        return [
            Prediction(message, str(model.classes_[row.argmax()]), float(row.max()))
            for message, row in zip(messages, scores, strict=True)
        ]

    return predict


def _rasa(pipeline: list[dict[str, Any]], train: Sequence[Message]) -> Predictor:
    by_intent: dict[str, list[str]] = defaultdict(list)
    for message in train:
        by_intent[message.intent].append(f"- {message.text}\n")
    nlu = [{"intent": name, "examples": "".join(lines)} for name, lines in by_intent.items()]
    config = {"recipe": "default.v1", "language": "en", "pipeline": pipeline, "policies": []}
    folder = tempfile.TemporaryDirectory()
    home = Path(folder.name)
    (home / "config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    (home / "nlu.yml").write_text(yaml.safe_dump({"nlu": nlu}, allow_unicode=True), "utf-8")
    _run(
        "rasa", "train", "nlu", "--force", "--config", str(home / "config.yml"), "--nlu",
        str(home / "nlu.yml"), "--out", str(home), "--fixed-model-name", "model",
    )  # fmt: skip

    def predict(messages: Sequence[Message]) -> list[Prediction]:
        texts = "".join(json.dumps(message.text) + "\n" for message in messages)
        model = str(home / "model.tar.gz")
        told = _run("benchmarks.intents.ask_rasa", model, said=texts, of=folder)
        answers = [json.loads(line) for line in told.splitlines() if line.startswith("[")]
        return [
            Prediction(message, str(intent), float(confidence))
            for message, (intent, confidence) in zip(messages, answers, strict=True)
        ]

    return predict


def _run(module: str, *arguments: str, said: str = "", of: object = None) -> str:
    """Run a module in Rasa's environment; what it prints. ``of`` is kept until then."""
    settings = load_settings()
    python = Path(rasa_executable(settings)).with_name("python")
    environment = {
        **os.environ, **RASA_ENVIRONMENT, "PYTHONPATH": str(ROOT),
        "SHOPDESK_ENCODER_DIR": str(settings.encoder_dir),
    }  # fmt: skip
    done = subprocess.run(
        [str(python), "-m", module, *arguments],
        cwd=ROOT, env=environment, input=said, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"{module} failed:\n{done.stderr[-3000:]}")
    return done.stdout


def _table(found: dict[str, tuple[Report, float]]) -> Table:
    table = Table("pipeline", "accuracy", "macro F1", "AUROC", "ECE", "learning")
    for name, (one, seconds) in found.items():
        table.add_row(
            name, f"{one.accuracy:.3f}", f"{one.macro_f1:.3f}",
            f"{one.out_of_scope_auroc:.3f}", f"{one.ece:.3f}", f"{seconds:.0f} s",
        )  # fmt: skip
    return table


if __name__ == "__main__":
    main()
