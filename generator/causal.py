"""Answers written by any instruct model of transformers (Qwen, Llama, Mistral ...)."""

from collections.abc import Sequence
from typing import Final

from jinja2 import TemplateError

from generator._model import load_causal
from generator._prompt import INSTRUCTIONS, fenced, plain, read_reply, whole_sentences
from generator.options import ModelOptions
from generator.writer import Draft
from knowledge_base.passages import Language, ScoredPassage

NAME: Final = "causal"


class CausalWriter:
    """Has an `AutoModelForCausalLM` write the answer; what it writes must pass the guard.

    The model's own chat template is used; one that has none gets a plain prompt.

    Args:
        options: which model, and its bounds.

    Raises:
        ModelLoadError: there is no such model, or not one that may be loaded.
    """

    name: str = NAME

    def __init__(self, options: ModelOptions) -> None:
        self._options = options
        self._model = load_causal(options)
        self._has_template = bool(self._model.tokenizer.chat_template)

    def write(
        self, question: str, evidence: Sequence[ScoredPassage], language: Language
    ) -> Draft | None:
        """Write an answer; raises `GeneratorError` when late or when nothing fits the window."""
        passages = [scored.passage for scored in evidence[: self._options.passages]]
        if not passages:
            return None
        forbidden = self._model.control_tokens

        def prompt(count: int) -> str:
            return self._prompt(fenced(question, passages[:count], forbidden), language)

        reply, ended = self._model.generate(
            self._model.fit(prompt, len(passages), special=not self._has_template)
        )
        return read_reply(reply if ended else whole_sentences(reply), passages, language)

    def _prompt(self, body: str, language: Language) -> str:
        if not self._has_template:
            return plain(body, language)
        rules = INSTRUCTIONS[language]
        system, user = {"role": "system", "content": rules}, {"role": "user", "content": body}
        try:
            return self._chat([system, user])
        except TemplateError:
            # Some templates (Gemma's) know no system role and raise.
            return self._chat([{"role": "user", "content": f"{rules}\n\n{body}"}])

    def _chat(self, messages: list[dict[str, str]]) -> str:
        return str(
            self._model.tokenizer.apply_chat_template(
                messages,
                tokenize=False,
                add_generation_prompt=True,
                # Templates of models that think aloud (Qwen3) know this; others ignore it.
                enable_thinking=False,
            )
        )
