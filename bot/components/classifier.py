"""The bot's intent classifier, as Rasa's graph runs it."""

from __future__ import annotations

import os
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

from bot.components.intent_model import IntentModel, Scored
from bot.components.intent_training import train
from bot.components.language import CHINESE, ENGLISH
from bot.components.reader import Reader, model_language

RANKING_LENGTH = 10


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class ShopdeskIntentClassifier(IntentClassifier, GraphComponent):
    """One intent model a language, over MiniLM's vectors and n-grams.

    Chinese reaches MiniLM through a glossary.
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
            GlossaryError: the glossary is broken.
        """
        self._storage = model_storage
        self._resource = resource
        directory = os.environ.get("SHOPDESK_ENCODER_DIR") or config["encoder"]
        self._reader = Reader(Path(directory))
        self._models: dict[str, IntentModel] = {}

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
                component._models[language] = IntentModel.load(directory, language)
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Train both languages and store them."""
        examples: dict[str, list[tuple[str, str]]] = {ENGLISH: [], CHINESE: []}
        for example in training_data.intent_examples:
            text = str(example.get(TEXT))
            examples[model_language(text)].append((text, str(example.get(INTENT))))
        with self._storage.write_to(self._resource) as directory:
            for language, labelled in examples.items():
                texts, intents = zip(*labelled, strict=True)
                model = train(texts, self._reader.vectors(texts, language), intents, language)
                model.save(directory, language, language)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the intent and the ranking of each message."""
        for message in messages:
            ranking = [
                {"name": scored.intent, "confidence": scored.confidence}
                for scored in self._rank(str(message.get(TEXT) or ""))[:RANKING_LENGTH]
            ]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def _rank(self, text: str) -> list[Scored]:
        language = model_language(text)
        return self._models[language].rank(text, self._reader.vectors([text], language)[0])
