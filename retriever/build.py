"""Build the index, keep it up to date, and load it again.

An index folder holds a folder for each segment (`retriever.segment`) and ``manifest.json``, which
names those that count (`retriever.manifest`). What has changed in the knowledge base becomes a
small segment of its own; when the small ones hold a tenth of what the large one does, they are
merged.
"""

from collections.abc import Sequence
from pathlib import Path

from knowledge_base.passages import Passage
from retriever._files import alone
from retriever.content import Content, GivenPassages
from retriever.embedder import Embedder, load_embedder
from retriever.encode import Progress
from retriever.errors import IndexWriteError
from retriever.load import load_searcher, load_searcher_with
from retriever.merge import merge
from retriever.update import DEFAULTS, Options, Update

__all__ = ["Progress", "build_index", "build_index_with", "load_searcher", "load_searcher_with"]


def build_index(
    passages: Sequence[Passage],
    encoder_dir: Path | str,
    index_dir: Path | str,
    progress: Progress | None = None,
) -> bool:
    """Index ``passages`` with the encoder in ``encoder_dir`` and save the index to ``index_dir``.

    Args:
        passages: the whole knowledge base, each id once.
        encoder_dir: folder of the encoder; see `retriever.embedder.load_embedder`.
        index_dir: is made when there is none.
        progress: told from time to time how far it is.

    Returns:
        Whether anything was built; False when the index was up to date.

    Raises:
        EncoderError: when there is no usable encoder.
        IndexWriteError: when the index cannot be written.
        ValueError: when there are no passages or an id is used twice.
    """
    return build_index_with(load_embedder(encoder_dir, threads=2), passages, index_dir, progress)


def build_index_with(
    embedder: Embedder,
    passages: Sequence[Passage],
    index_dir: Path | str,
    progress: Progress | None = None,
) -> bool:
    """Like `build_index`, with an embedder that is loaded already."""
    content = GivenPassages(passages)
    return update_index(embedder, content, Path(index_dir), Options(progress=progress))


def update_index(
    embedder: Embedder, content: Content, index_dir: Path, options: Options = DEFAULTS
) -> bool:
    """Bring the index in ``index_dir`` up to date with ``content``.

    What has changed is searchable before small segments are merged, and whoever merges keeps
    nobody from changing the index.

    Returns:
        Whether anything was built; False when the index was up to date.

    Raises:
        ContentError: when the content is broken; the index stays as it is.
        EncoderError: when the embedder gives no vectors.
        IndexWriteError: when the index cannot be written; it stays as it is.
    """
    try:
        index_dir.mkdir(parents=True, exist_ok=True)
        with alone(index_dir, options.waiting):
            built = Update(embedder, content, index_dir, options).run()
        if not options.merge:
            return built
        with alone(index_dir, options.waiting, "merge.lock"):
            return merge(embedder, index_dir, options) or built
    except OSError as error:
        raise IndexWriteError(
            f"Cannot write the index in {index_dir}: {error.strerror or error}. The index that was "
            "there stays. Make room or correct the folder's rights, then run `shopdesk index "
            "build`: what is embedded is kept."
        ) from error
