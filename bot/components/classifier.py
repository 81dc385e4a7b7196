"""The bot's intent classifier, as Rasa's graph runs it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.encoder import Encoder, Vectors
from bot.components.intent_model import Characters, Features, IntentModel, train
from bot.components.language import CHINESE, ENGLISH, script

RANKING_LENGTH = 10


class _Sentences:
    """MiniLM features. Remembers what it has encoded: training asks for every text many times."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[str, Vectors] = {}

    def transform(self, texts: Sequence[str]) -> Any:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known.update(zip(new, self._encoder.encode(new), strict=True))
        return [self._known[text] for text in texts]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class ShopdeskIntentClassifier(IntentClassifier, GraphComponent):
    """One classifier a language: MiniLM vectors for English, characters for the rest.

    A text without letters (an emoji, "???") goes to the characters, which know some of them.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """``encoder``: the directory of the exported MiniLM; SHOPDESK_ENCODER_DIR overrides it."""
        return {"encoder": "var/models/minilm"}

    @staticmethod
    def required_packages() -> list[str]:
        """What must be installed for this component."""
        return ["onnxruntime", "sklearn", "tokenizers"]

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource
    ) -> None:
        """Load the encoder.

        Raises:
            EncoderError: the encoder's directory lacks a file.
        """
        self._storage = model_storage
        self._resource = resource
        directory = os.environ.get("SHOPDESK_ENCODER_DIR") or config["encoder"]
        self._encoder = Encoder(Path(directory))
        self._models: dict[str, IntentModel] = {}
        self._characters: Features | None = None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ShopdeskIntentClassifier:
        """Make an untrained classifier."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> ShopdeskIntentClassifier:
        """Make a trained classifier from Rasa's model storage."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as directory:
            for language in (ENGLISH, CHINESE):
                component._models[language], features = IntentModel.load(directory, language)
                component._characters = features or component._characters
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Train both languages and store them."""
        examples: dict[str, list[tuple[str, str]]] = {ENGLISH: [], CHINESE: []}
        for example in training_data.intent_examples:
            text = str(example.get(TEXT))
            examples[script(text) or CHINESE].append((text, str(example.get(INTENT))))
        sentences = _Sentences(self._encoder)
        with self._storage.write_to(self._resource) as directory:
            texts, intents = zip(*examples[ENGLISH], strict=True)
            model, _ = train(texts, intents, lambda _: sentences)
            model.save(directory, ENGLISH)
            texts, intents = zip(*examples[CHINESE], strict=True)
            model, characters = train(texts, intents, Characters.fit)
            assert isinstance(characters, Characters)  # noqa: S101  (what Characters.fit gave)
            model.save(directory, CHINESE, characters)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the intent and the ranking of each message."""
        for message in messages:
            text = str(message.get(TEXT) or "")
            ranking = [
                {"name": scored.intent, "confidence": scored.confidence}
                for scored in self._rank(text)[:RANKING_LENGTH]
            ]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def _rank(self, text: str) -> Any:
        if script(text) == ENGLISH:
            return self._models[ENGLISH].rank(self._encoder.encode([text])[0])
        assert self._characters is not None  # noqa: S101  (Rasa processes only after load)
        return self._models[CHINESE].rank(self._characters.transform([text]))
