"""Marks what customers write about: order numbers, e-mail addresses, counts, days, products.

None of Rasa's extractors does it: those that learn would need every example marked by hand and
cost TensorFlow's time at each message, and the regular expressions of ``RegexEntityExtractor`` know
neither that the digits of a telephone number are no order number, nor what day "last Tuesday" was,
nor a mistyped product. What is found fills no slot: the action server decides what it is worth.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.catalogue_names import Catalogue, read_catalogue
from bot.components.language import is_payload
from bot.components.patterns import find_all
from bot.components.products import Products

CATALOGUE = "SHOPDESK_CATALOGUE"
"""The environment variable that names the shop's ``products.csv``."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class EntityExtractor(GraphComponent, EntityExtractorMixin):
    """Adds ``order_number``, ``email``, ``quantity``, ``date`` and ``product``.

    The catalogue is read when Rasa starts, so that a model need not be trained anew for a new
    product. Without one no product is found.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._products = Products.of(catalogue)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EntityExtractor:
        """Make the component; it has nothing to configure."""
        file = os.environ.get(CATALOGUE, "")
        return cls(read_catalogue(Path(file)) if file else Catalogue((), frozenset()))

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the entities of ``messages``; a pressed button has none."""
        for message in messages:
            text = str(message.get(TEXT) or "")
            if is_payload(text):
                continue
            entities = [
                {
                    "entity": found.entity,
                    "value": found.value,
                    "start": found.start,
                    "end": found.end,
                    "extractor": type(self).__name__,
                }
                # The server's own day: customers far away may be one off around midnight.
                for found in find_all(text, date.today(), self._products)
            ]
            message.set(ENTITIES, [*message.get(ENTITIES, []), *entities], add_to_output=True)
        return messages
