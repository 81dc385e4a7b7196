"""A writer by its name: the one place that knows which there are."""

from typing import Final, Literal, get_args

from generator.errors import UnknownWriterError
from generator.extractive import ExtractiveWriter
from generator.options import ModelOptions
from generator.writer import SentenceScorer, Writer

WriterName = Literal["extractive", "seq2seq", "causal"]
WRITERS: Final[tuple[str, ...]] = get_args(WriterName)


def make_writer(
    name: str, *, scorer: SentenceScorer, options: ModelOptions | None = None
) -> Writer:
    """Make the writer called ``name``, its model loaded.

    Args:
        name: one of `WRITERS`.
        scorer: for the writer that quotes.
        options: for the writers that load a model; the one that quotes has none.

    Raises:
        UnknownWriterError: there is no writer of that name.
        ValueError: the writer needs a model and ``options`` is None.
        ModelLoadError: the model cannot be loaded.
    """
    if name == "extractive":
        return ExtractiveWriter(scorer)
    if name not in WRITERS:
        raise UnknownWriterError(
            f"there is no writer {name!r}; the writers are {', '.join(WRITERS)}"
        )
    if options is None:
        raise ValueError(f"the writer {name!r} needs a model: give the folder or hub name of one")
    # Imported here: torch and transformers take seconds, and the default needs neither.
    if name == "seq2seq":
        from generator.seq2seq import Seq2SeqWriter

        return Seq2SeqWriter(options)
    from generator.causal import CausalWriter

    return CausalWriter(options)


def make_answering_pair(
    name: str, *, scorer: SentenceScorer, options: ModelOptions | None = None
) -> tuple[Writer, Writer | None]:
    """The writer called ``name``, and the one that quotes as its fallback where it is another."""
    writer = make_writer(name, scorer=scorer, options=options)
    return writer, None if isinstance(writer, ExtractiveWriter) else ExtractiveWriter(scorer)
