"""Search and answering put together from the settings, for the action server and the commands."""

import json

from retriever.build import load_searcher
from retriever.search import Searcher

from actions.knowledge import Knowledge
from actions.server import IndexInfo
from generator.answer import Answerer
from generator.choose import make_answering_pair
from generator.options import ModelOptions
from shopdesk.settings import Settings


def load_searcher_and_answerer(settings: Settings) -> tuple[Searcher, Answerer]:
    """Load the index and the writer.

    Raises:
        RetrieverError: the index is missing or does not fit; the message says how to build it.
        GeneratorError: the writer's model cannot be loaded.
    """
    searcher = load_searcher(settings.index_dir, settings.encoder_dir)
    options = None
    if settings.writer != "extractive":
        options = ModelOptions(
            model=settings.writer_model,
            revision=settings.writer_revision or None,
            deadline_s=settings.writer_deadline,
        )
    writer, fallback = make_answering_pair(settings.writer, scorer=searcher, options=options)
    return searcher, Answerer(writer, fallback)


def load_knowledge(settings: Settings) -> tuple[Knowledge, IndexInfo]:
    """What the action server works with, and what it tells of itself."""
    searcher, answerer = load_searcher_and_answerer(settings)
    manifest = json.loads((settings.index_dir / "manifest.json").read_text())
    index = IndexInfo(passages=manifest["passages"], content_hash=manifest["content_hash"])
    return Knowledge(searcher, answerer, passages=settings.passages), index
