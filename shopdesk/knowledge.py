"""Search and answering put together from the settings, for the action server and the commands."""

import json

from actions.knowledge import Knowledge
from actions.server import IndexInfo
from generator.answer import Answerer
from generator.choose import make_answerer
from retriever.build import load_searcher
from retriever.search import Searcher
from shopdesk.errors import StartError
from shopdesk.settings import Settings


def load_search(settings: Settings) -> Searcher:
    """Load the index.

    Raises:
        StartError: none has been built yet.
        RetrieverError: it does not fit; the message says how to build it anew.
    """
    for made in (settings.encoder_dir, settings.index_dir):
        if not (made / "manifest.json").exists():
            raise StartError(
                f"There is no search index yet: nothing in {made}.", "run `make index`."
            )
    return load_searcher(settings.index_dir, settings.encoder_dir)


def load_searcher_and_answerer(settings: Settings) -> tuple[Searcher, Answerer]:
    """Load the index and the writer.

    Raises:
        StartError, RetrieverError: as `load_search`.
        GeneratorError: the writer's model cannot be loaded.
    """
    searcher = load_search(settings)
    answerer = make_answerer(
        settings.writer,
        searcher,
        model=settings.writer_model or None,
        revision=settings.writer_revision or None,
        deadline=settings.writer_deadline,
    )
    return searcher, answerer


def indexed_content(settings: Settings) -> str:
    """The sha256 of the knowledge base that the index was built over; empty without an index."""
    manifest = settings.index_dir / "manifest.json"
    return str(json.loads(manifest.read_text())["content_sha256"]) if manifest.exists() else ""


def load_knowledge(settings: Settings) -> tuple[Knowledge, IndexInfo]:
    """What the action server works with, and what it tells of itself."""
    searcher, answerer = load_searcher_and_answerer(settings)
    index = IndexInfo(len(searcher), indexed_content(settings))
    return Knowledge(searcher, answerer, passages=settings.passages), index
