"""Search and answering put together from the settings, for the action server and the commands."""

from collections.abc import Callable

from actions.knowledge import Knowledge
from actions.server import IndexInfo
from generator.answer import Answerer
from generator.choose import make_answerer
from generator.writer import SentenceScorer
from retriever.build import load_searcher
from retriever.embedder import load_embedder
from retriever.reload import ReloadingSearcher
from retriever.search import Searcher
from shopdesk.errors import StartError
from shopdesk.settings import Settings


def load_search(settings: Settings) -> Searcher:
    """Load the index.

    Raises:
        StartError: none has been built yet.
        RetrieverError: it does not fit; the message says how to build it anew.
    """
    require_index(settings)
    return load_searcher(settings.index_dir, settings.encoder_dir)


def load_searcher_and_answerer(settings: Settings) -> tuple[Searcher, Answerer]:
    """Load the index and the writer.

    Raises:
        StartError, RetrieverError: as `load_search`.
        GeneratorError: the writer's model cannot be loaded.
    """
    searcher = load_search(settings)
    return searcher, _answerer(settings, searcher)


def load_knowledge(settings: Settings) -> tuple[Knowledge, Callable[[], IndexInfo]]:
    """What the action server works with, and what it tells of itself.

    Raises:
        StartError, RetrieverError, GeneratorError: as `load_searcher_and_answerer`.
    """
    require_index(settings)
    searcher = ReloadingSearcher(settings.index_dir, load_embedder(settings.encoder_dir))
    knowledge = Knowledge(searcher, _answerer(settings, searcher), passages=settings.passages)
    return knowledge, lambda: IndexInfo(len(searcher), searcher.content_sha256)


def require_index(settings: Settings) -> None:
    """Raises StartError: no index has been built yet."""
    for made in (settings.encoder_dir, settings.index_dir):
        if not (made / "manifest.json").exists():
            raise StartError(
                f"There is no search index yet: nothing in {made}.", "run `make index`."
            )


def _answerer(settings: Settings, scorer: SentenceScorer) -> Answerer:
    return make_answerer(
        settings.writer,
        scorer,
        model=settings.writer_model or None,
        revision=settings.writer_revision or None,
        deadline=settings.writer_deadline,
    )
