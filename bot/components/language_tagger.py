"""Tells Rasa the language of each message."""

from __future__ import annotations

import json
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.language import is_payload, message_language

LANGUAGE = "language"
"""The entity, and the slot that it fills; also the key of the page's language in the metadata."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class LanguageTagger(GraphComponent, EntityExtractorMixin):
    """Adds an entity ``language`` to every message, which fills the slot of that name."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LanguageTagger:
        """Make the component; it has nothing to configure."""
        return cls()

    def process(self, messages: list[Message], tracker: DialogueStateTracker) -> list[Message]:
        """Tag ``messages``, which belong to the conversation in ``tracker``.

        A pressed button such as "/request_human" carries no language: it gets the page's. Rasa
        parses such a message after all components and forgets their entities, so the language is
        written into the payload itself.
        """
        for message in messages:
            text = str(message.get(TEXT) or "")
            page = (message.get(METADATA) or {}).get(LANGUAGE)
            spoken = tracker.get_slot(LANGUAGE)
            if is_payload(text):
                language = message_language("", page, spoken)
                message.set(TEXT, f"{text.strip()}{json.dumps({LANGUAGE: language})}")
                continue
            entity = {
                "entity": LANGUAGE,
                "value": message_language(text, spoken, page),
                "start": 0,
                "end": len(text),
                "extractor": type(self).__name__,
            }
            message.set(ENTITIES, [*message.get(ENTITIES, []), entity], add_to_output=True)
        return messages
