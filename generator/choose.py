"""A writer by its name: the one place that knows which there are."""

from collections.abc import Mapping
from typing import Final, Literal, get_args

from generator.answer import DEFAULT_THRESHOLDS, Answerer
from generator.errors import OptionsError, UnknownWriterError
from generator.extractive import ExtractiveWriter
from generator.options import ModelOptions
from generator.writer import SentenceScorer, Writer
from knowledge_base.passages import Language

WriterName = Literal["extractive", "seq2seq", "causal"]
WRITERS: Final[tuple[str, ...]] = get_args(WriterName)


def make_writer(name: str, scorer: SentenceScorer, options: ModelOptions | None = None) -> Writer:
    """Make the writer called ``name``, its model loaded.

    Args:
        name: one of `WRITERS`.
        scorer: for the writer that quotes.
        options: for the writers that load a model; the one that quotes has none.

    Raises:
        UnknownWriterError: there is no writer of that name.
        OptionsError: the writer needs a model and ``options`` is None.
        ModelLoadError: the model cannot be loaded.
    """
    if name == "extractive":
        return ExtractiveWriter(scorer)
    if name not in WRITERS:
        raise UnknownWriterError(
            f"there is no writer {name!r}; the writers are {', '.join(WRITERS)}"
        )
    if options is None:
        raise OptionsError(f"the writer {name!r} needs a model: give the folder or hub name of one")
    # Imported here: torch and transformers take seconds, and the default needs neither.
    if name == "seq2seq":
        from generator.seq2seq import Seq2SeqWriter

        return Seq2SeqWriter(options)
    from generator.causal import CausalWriter

    return CausalWriter(options)


def make_answerer(
    name: str,
    scorer: SentenceScorer,
    *,
    model: str | None = None,
    revision: str | None = None,
    local_files_only: bool = False,
    device: str = "auto",
    deadline: float = 20.0,
    thresholds: Mapping[Language, float] = DEFAULT_THRESHOLDS,
) -> Answerer:
    """The writer called ``name`` behind the guard, with the one that quotes to fall back on.

    Args:
        name: one of `WRITERS`.
        scorer: how near sentences are to a question.
        model: a folder or the name of a hub model; None for the writer that quotes.
        revision: the commit of a hub model.
        local_files_only: whether the network may not be used to fetch it.
        device: see `ModelOptions`.
        deadline: seconds that the writer may take.
        thresholds: see `Answerer`.

    Raises:
        UnknownWriterError, OptionsError, ModelLoadError: as `make_writer`.
    """
    options = None
    if model:
        options = ModelOptions(
            model,
            revision=revision,
            local_files_only=local_files_only,
            device=device,
            deadline_s=deadline,
        )
    writer = make_writer(name, scorer, options)
    fallback = None if isinstance(writer, ExtractiveWriter) else ExtractiveWriter(scorer)
    return Answerer(writer, fallback, thresholds=thresholds)
