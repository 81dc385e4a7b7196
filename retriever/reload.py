"""A search that notices when the index has changed, and goes on with the new one."""

import logging
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic

from knowledge_base.passages import Language, ScoredPassage
from retriever.calibration import FITTED, Calibration
from retriever.embedder import Embedder
from retriever.errors import RetrieverError
from retriever.load import open_index, searcher_of
from retriever.manifest import FILE
from retriever.search import Candidate

_EVERY_SECONDS = 0.25
_AGAIN_SECONDS = 5.0
"""How long after a failed load the same index is tried again: it may only be on its way here."""

_log = logging.getLogger(__name__)


class ReloadingSearcher:
    """Searches like `Searcher`, always the newest index that could be loaded.

    A thread looks at the manifest a few times a second, loads what has changed beside what is in
    use, and puts it in its place: no question waits or fails. An index that cannot be loaded is
    logged, and the old one stays.

    Args:
        index_dir: the index.
        embedder: what it is built with.
        calibration: see `Searcher`.
        every: seconds between two looks.

    Raises:
        StaleIndexError: when the index is missing, damaged, or was built with another encoder.
    """

    def __init__(
        self,
        index_dir: Path,
        embedder: Embedder,
        calibration: Mapping[Language, Calibration] = FITTED,
        every: float = _EVERY_SECONDS,
    ) -> None:
        self._index_dir = index_dir
        self._embedder = embedder
        self._calibration = calibration
        self._seen = self._look()
        self._failed_at = 0.0
        self._told = ""
        self._manifest, self._segments = open_index(index_dir, embedder)
        self._searcher = searcher_of(self._manifest, self._segments, embedder, calibration)
        self._stopping = threading.Event()
        self._thread = threading.Thread(
            target=self._watch, args=(every,), name="index", daemon=True
        )
        self._thread.start()

    def __len__(self) -> int:
        """How many passages there are, in all languages."""
        return len(self._searcher)

    @property
    def languages(self) -> tuple[Language, ...]:
        """The languages there are passages in."""
        return self._searcher.languages

    @property
    def content_sha256(self) -> str:
        """The sha256 of the knowledge base that is searched."""
        return self._manifest.content_sha256

    def search(self, query: str, language: Language, k: int = 5) -> list[ScoredPassage]:
        """See `Searcher.search`."""
        return self._searcher.search(query, language, k)

    def candidates(self, query: str, language: Language, k: int = 5) -> list[Candidate]:
        """See `Searcher.candidates`."""
        return self._searcher.candidates(query, language, k)

    def score(self, question: str, sentences: Sequence[str], language: Language) -> list[float]:
        """See `Searcher.score`."""
        return self._searcher.score(question, sentences, language)

    def refresh(self) -> bool:
        """Look at the manifest now; True when another index was loaded."""
        seen = self._look()
        failing = bool(self._told) and monotonic() - self._failed_at > _AGAIN_SECONDS
        if seen is None or (seen == self._seen and not failing):
            return False
        self._seen = seen
        try:
            manifest, segments = open_index(self._index_dir, self._embedder, self._segments)
            if (manifest.version, manifest.content_sha256) == (
                self._manifest.version,
                self.content_sha256,
            ):
                self._told = ""
                return False
            searcher = searcher_of(manifest, segments, self._embedder, self._calibration)
        except (RetrieverError, OSError) as error:
            self._failed_at = monotonic()
            if str(error) != self._told:
                _log.warning("the index has changed but cannot be used: %s", error)
            self._told = str(error)
            return False
        self._manifest, self._segments, self._searcher = manifest, segments, searcher
        self._told = ""
        _log.info("index version %d: %d passages", manifest.version, len(searcher))
        return True

    def close(self) -> None:
        """Look no more; the index that is loaded can still be searched."""
        self._stopping.set()
        self._thread.join()

    def _watch(self, every: float) -> None:
        while not self._stopping.wait(every):
            try:
                self.refresh()
            except Exception:  # whatever it is: the thread must live, and the old index stay
                _log.exception("the index could not be looked at")

    def _look(self) -> tuple[int, int, int] | None:
        try:
            status = (self._index_dir / FILE).stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size
