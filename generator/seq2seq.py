"""Answers written by any encoder-decoder of transformers (FLAN-T5, BART ...)."""

from collections.abc import Sequence
from typing import Final

from generator._model import load_seq2seq
from generator._prompt import fenced, plain, read_reply, whole_sentences
from generator.options import ModelOptions
from generator.writer import Draft
from knowledge_base.passages import Language, ScoredPassage

NAME: Final = "seq2seq"


class Seq2SeqWriter:
    """Has an `AutoModelForSeq2SeqLM` write the answer; what it writes must pass the guard.

    Args:
        options: which model, and its bounds.

    Raises:
        ModelLoadError: there is no such model, or not one that may be loaded.
    """

    name: str = NAME

    def __init__(self, options: ModelOptions) -> None:
        self._options = options
        self._model = load_seq2seq(options)

    def write(
        self, question: str, evidence: Sequence[ScoredPassage], language: Language
    ) -> Draft | None:
        """Write an answer; raises `GeneratorError` when late or when nothing fits the window."""
        passages = [scored.passage for scored in evidence[: self._options.passages]]
        if not passages:
            return None
        forbidden = self._model.control_tokens

        def prompt(count: int) -> str:
            return plain(fenced(question, passages[:count], forbidden), language)

        reply, ended = self._model.generate(self._model.fit(prompt, len(passages), special=True))
        return read_reply(reply if ended else whole_sentences(reply), passages, language)
