"""How well messages are told apart: accuracy, macro F1, calibration, and what fits no intent."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import yaml
from sklearn.metrics import precision_recall_fscore_support, roc_auc_score
from sklearn.model_selection import StratifiedKFold

from bot.components.intent_model import IntentModel, Scored
from bot.components.intent_training import train
from bot.components.reader import model_language
from evaluation.calibration_error import expected_calibration_error
from evaluation.questions import QuestionsError

_BOT = Path(__file__).parents[1] / "bot"
_LEAST_SHARE = 0.1
_MOST_CONFUSIONS = 25


class Vectors(Protocol):
    """What is asked of the encoder; ``bot.components.reader.Reader`` is one."""

    def vectors(self, texts: Sequence[str], language: str) -> npt.NDArray[np.float32]:
        """One unit vector for each text: (texts, dimensions)."""
        ...


@dataclass(frozen=True, slots=True)
class Message:
    """A customer's message, and what is meant by it; "" where it fits no intent."""

    text: str
    intent: str
    language: str


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the model took a message for, and how sure it was."""

    message: Message
    intent: str
    confidence: float

    @property
    def right(self) -> bool:
        return self.intent == self.message.intent


@dataclass(frozen=True, slots=True)
class Report:
    """Measures on one set of messages; shares from 0 to 1.

    Attributes:
        out_of_scope_auroc: of the confidence, for telling messages that fit an intent from others;
            None without any.
        out_of_scope_recall: the share of the others that is below the shipped threshold.
        kept: the share of messages that fit an intent and are not below it.
        ece: expected calibration error, in ten bins of equal width.
        confusions: (meant, taken for, how often), the most frequent first.
    """

    accuracy: float
    macro_precision: float
    macro_recall: float
    macro_f1: float
    out_of_scope_auroc: float | None
    out_of_scope_recall: float | None
    kept: float
    ece: float
    confusions: tuple[tuple[str, str, int], ...]


class Classifier:
    """The shipped pipeline, trained on any messages: a model for each language among them."""

    def __init__(self, reader: Vectors, progress: Callable[[str], None] = lambda _: None) -> None:
        self._reader = reader
        self._progress = progress
        self._models: dict[str, IntentModel] = {}

    def train(self, messages: Sequence[Message]) -> None:
        """Train anew.

        Raises:
            ValueError: an intent has too few examples.
        """
        self._models = {}
        for language, places in self._languages(messages).items():
            self._progress(f"{language}: encoding {len(places)} examples")
            texts = [messages[i].text for i in places]
            vectors = self._reader.vectors(texts, language)
            intents = [messages[i].intent for i in places]
            self._models[language] = train(texts, vectors, intents, language, self._progress)

    def predict(self, messages: Sequence[Message]) -> list[Prediction]:
        """What each message is taken for, in their order."""
        found: dict[int, Scored] = {}
        for language, places in self._languages(messages).items():
            texts = [messages[i].text for i in places]
            vectors = self._reader.vectors(texts, language)
            ranked = self._models[language].rank_all(texts, vectors)
            found |= {place: best[0] for place, best in zip(places, ranked, strict=True)}
        return [
            Prediction(message, found[i].intent, found[i].confidence)
            for i, message in enumerate(messages)
        ]

    def _languages(self, messages: Sequence[Message]) -> dict[str, list[int]]:
        """The places of the messages by the model that reads them, as in the bot.

        A language that has next to no examples is read by the other's model: "1000" among English
        ones makes no Chinese model.
        """
        places: dict[str, list[int]] = {}
        for place, message in enumerate(messages):
            places.setdefault(model_language(message.text), []).append(place)
        least = len(messages) * _LEAST_SHARE
        trained = set(self._models) or {k for k, v in places.items() if len(v) >= least}
        only = min(trained)
        merged: dict[str, list[int]] = {}
        for language, some in places.items():
            merged.setdefault(language if language in trained else only, []).extend(some)
        return merged


def report(known: Sequence[Prediction], unknown: Sequence[Prediction], threshold: float) -> Report:
    """Measure predictions for messages that fit an intent, and for others."""
    gold = [p.message.intent for p in known]
    said = [p.intent for p in known]
    precision, recall, f1, _ = precision_recall_fscore_support(
        gold, said, labels=sorted(set(gold)), average="macro", zero_division=0
    )
    sure = np.array([p.confidence for p in known])
    unsure = np.array([p.confidence for p in unknown])
    confused = Counter((p.message.intent, p.intent) for p in known if not p.right)
    return Report(
        accuracy=float(np.mean([p.right for p in known])),
        macro_precision=float(precision),
        macro_recall=float(recall),
        macro_f1=float(f1),
        out_of_scope_auroc=_auroc(sure, unsure) if len(unsure) else None,
        out_of_scope_recall=float((unsure < threshold).mean()) if len(unsure) else None,
        kept=float((sure >= threshold).mean()),
        ece=expected_calibration_error(sure, np.array([p.right for p in known])),
        confusions=tuple(
            (meant, taken, count)
            for (meant, taken), count in confused.most_common(_MOST_CONFUSIONS)
        ),
    )


def _auroc(sure: npt.NDArray[Any], unsure: npt.NDArray[Any]) -> float:
    labels = [1] * len(sure) + [0] * len(unsure)
    return float(roc_auc_score(labels, np.concatenate([sure, unsure])))


def evaluate(
    training: Sequence[Message],
    test: Sequence[Message],
    unknown: Sequence[Message],
    reader: Vectors,
    threshold: float,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[Report, float, list[Prediction]]:
    """Train on one set, measure on another; the report, the seconds of training, predictions."""
    classifier = Classifier(reader, progress)
    began = time.perf_counter()
    classifier.train(training)
    seconds = time.perf_counter() - began
    progress("measuring")
    predictions = classifier.predict(test)
    found = report(predictions, classifier.predict(unknown) if unknown else [], threshold)
    return found, seconds, predictions


def cross_validate(
    messages: Sequence[Message],
    reader: Vectors,
    folds: int = 5,
    progress: Callable[[str], None] = lambda _: None,
) -> list[Prediction]:
    """What a model trained on the other folds says of each message."""
    known = _Remembering(reader)
    predictions: list[Prediction] = []
    split = StratifiedKFold(folds, shuffle=True, random_state=1)
    intents = [message.intent for message in messages]
    for number, (seen, unseen) in enumerate(split.split(intents, intents), 1):
        progress(f"fold {number} of {folds}")
        classifier = Classifier(known)
        classifier.train([messages[i] for i in seen])
        predictions += classifier.predict([messages[i] for i in unseen])
    return predictions


def learning_curve(
    examples: Sequence[Message],
    test: Sequence[Message],
    reader: Vectors,
    progress: Callable[[str], None] = lambda _: None,
    shares: Sequence[float] = (0.125, 0.25, 0.5, 0.75, 1.0),
) -> dict[str, list[dict[str, float]]]:
    """By language: macro F1 on ``test`` after training on a share of each intent's examples."""
    known = _Remembering(reader)
    shuffled = [examples[i] for i in np.random.default_rng(0).permutation(len(examples))]
    places: Counter[tuple[str, str]] = Counter()
    ranked = []
    for message in shuffled:
        ranked.append((places[message.language, message.intent], message))
        places[message.language, message.intent] += 1
    curve: dict[str, list[dict[str, float]]] = {}
    for share in shares:
        progress(f"learning curve: {share:.0%} of the examples")
        some = [
            message
            for place, message in ranked
            if place < share * places[message.language, message.intent]
        ]
        classifier = Classifier(known)
        classifier.train(some)
        predictions = classifier.predict(test)
        for language in sorted({message.language for message in test}):
            found = report([p for p in predictions if p.message.language == language], [], 0.0)
            count = sum(message.language == language for message in some)
            point = {"share": share, "examples": count, "macro_f1": found.macro_f1}
            curve.setdefault(language, []).append(point)
    return curve


class _Remembering:
    """Encodes each text once: every fold asks for most of them again."""

    def __init__(self, reader: Vectors) -> None:
        self._reader = reader
        self._known: dict[tuple[str, str], npt.NDArray[np.float32]] = {}

    def vectors(self, texts: Sequence[str], language: str) -> npt.NDArray[np.float32]:
        new = [text for text in dict.fromkeys(texts) if (text, language) not in self._known]
        encoded = self._reader.vectors(new, language)
        self._known |= {(text, language): row for text, row in zip(new, encoded, strict=True)}
        return np.stack([self._known[text, language] for text in texts])


def load_messages(file: Path, *, labelled: bool = True) -> list[Message]:
    """Read JSON Lines of ``{"text", "intent", "language"?}``.

    Raises:
        QuestionsError: the file cannot be read, or a line is not like that; names the line.
    """
    messages = []
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionsError(f"{file}: no readable UTF-8 file ({error}).") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            messages.append(_message(line, f"{file}:{number}", labelled))
    if not messages:
        raise QuestionsError(f'{file} holds no line; expected {{"text": ..., "intent": ...}}.')
    return messages


def _message(line: str, where: str, labelled: bool) -> Message:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise QuestionsError(f"{where}: found no JSON ({error}); correct the line.") from None
    text = row.get("text") if isinstance(row, dict) else None
    intent = (row.get("intent") or "") if isinstance(row, dict) else ""
    if not isinstance(text, str) or not text.strip() or not isinstance(intent, str):
        raise QuestionsError(f'{where}: found {line[:80]!r}; expected "text" and "intent", texts.')
    if labelled and not intent:
        raise QuestionsError(f'{where}: found no "intent"; expected the name of one.')
    return Message(text, intent, str(row.get("language") or model_language(text)))


def own_examples(language: str) -> list[Message]:
    """The bot's own training examples in ``language``."""
    return [
        Message(line.removeprefix("- "), block["intent"], language)
        for file in sorted((_BOT / "data" / "nlu" / language).glob("*.yml"))
        for block in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]
        for line in block["examples"].splitlines()
    ]


def shipped_threshold() -> float:
    """Below which confidence a message counts as not understood: as in ``bot/config.yml``."""
    config = yaml.safe_load((_BOT / "config.yml").read_text(encoding="utf-8"))
    (fallback,) = (part for part in _parts(config) if part["name"] == "FallbackClassifier")
    return float(fallback["threshold"])


def _parts(config: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from config["pipeline"]
