"""A transformers model with its tokenizer, loaded safely and stopped in time.

This module imports torch; import it only where a model is used, so that the default writer starts
without.
"""

import threading
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any

import torch
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    StoppingCriteria,
    StoppingCriteriaList,
)

from generator.errors import DeadlineExceededError, GeneratorError, ModelLoadError
from generator.options import ModelOptions


class _Deadline(StoppingCriteria):
    """Stops a generation between two tokens once its time is up."""

    def __init__(self, at: float) -> None:
        self.at = at
        self.passed = False

    def __call__(self, input_ids: Any, scores: Any, **kwargs: Any) -> Any:
        self.passed = monotonic() >= self.at
        return torch.full((input_ids.shape[0],), self.passed, device=input_ids.device)


class Model:
    """A loaded model; one generation at a time, as their caches are not made to be shared."""

    def __init__(self, options: ModelOptions, family: type[Any]) -> None:
        self.options = options
        device = options.device
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        dtype = options.dtype
        if dtype == "auto":
            dtype = "bfloat16" if device.startswith("cuda") else "float32"
        # Pickled weights and a repository's own code can run anything: neither is ever accepted.
        safe: dict[str, Any] = {
            "trust_remote_code": False,
            "revision": options.revision or "main",
            "local_files_only": options.local_files_only or options.is_local,
        }
        try:
            self.tokenizer: Any = AutoTokenizer.from_pretrained(options.model, **safe)
            self.model: Any = family.from_pretrained(
                options.model, use_safetensors=True, dtype=getattr(torch, dtype), **safe
            )
            self.model.to(device).eval()
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            raise ModelLoadError(
                f"cannot load {options.model!r} as {family.__name__}: {error}\nExpected a folder "
                "or hub model with config.json, tokenizer files and weights as .safetensors, of "
                "that family and without code of its own; convert other weights with "
                "save_pretrained()"
            ) from error
        self._lock = threading.Lock()

    @property
    def control_tokens(self) -> list[str]:
        """The tokenizer's control tokens, which untrusted text may not hold."""
        added = self.tokenizer.added_tokens_decoder.values()
        return [*self.tokenizer.all_special_tokens, *(str(token) for token in added)]

    @property
    def window(self) -> int:
        """How many tokens a prompt may have."""
        limits = [self.options.max_input_tokens, self.tokenizer.model_max_length]
        config = self.model.config
        positions = getattr(config, "max_position_embeddings", None)
        if positions:
            answer = 0 if config.is_encoder_decoder else self.options.max_new_tokens
            limits.append(positions - answer)
        return int(min(limits))

    def fit(self, prompt: Callable[[int], str], most: int, *, special: bool) -> Mapping[str, Any]:
        """``prompt(n)`` encoded, for the greatest ``n`` up to ``most`` that fits the window.

        Args:
            prompt: the prompt with so many passages.
            most: how many passages there are.
            special: whether the tokenizer adds its own first and last tokens; a chat template
                has written them already.

        Raises:
            GeneratorError: not even one passage fits.
        """
        for count in range(most, 0, -1):
            encoded = self.tokenizer(prompt(count), return_tensors="pt", add_special_tokens=special)
            if encoded["input_ids"].shape[1] <= self.window:
                return {
                    name: encoded[name].to(self.model.device)
                    for name in ("input_ids", "attention_mask")
                }
        raise GeneratorError(
            f"the question with its best passage is longer than {self.window} tokens: "
            "raise max_input_tokens, or use a model with a longer window"
        )

    def generate(self, inputs: Mapping[str, Any]) -> tuple[str, bool]:
        """The reply to ``inputs``, and whether it came to its end.

        Raises:
            DeadlineExceededError: it was not done in ``deadline_s``.
        """
        deadline = _Deadline(monotonic() + self.options.deadline_s)
        if not self._lock.acquire(timeout=self.options.deadline_s):
            raise DeadlineExceededError(
                f"the model was busy for all of its {self.options.deadline_s:g} s"
            )
        try:
            with torch.inference_mode():
                output = self.model.generate(
                    **inputs,
                    max_new_tokens=self.options.max_new_tokens,
                    # The likeliest words: a customer's question is no place for chance. Sampling
                    # settings that a model brings along are taken off, or they would warn.
                    do_sample=False,
                    num_beams=1,
                    temperature=None,
                    top_p=None,
                    top_k=None,
                    pad_token_id=self._padding(),
                    stopping_criteria=StoppingCriteriaList([deadline]),
                )[0]
        finally:
            self._lock.release()
        if deadline.passed:
            raise DeadlineExceededError(f"not done within {self.options.deadline_s:g} s")
        if not self.model.config.is_encoder_decoder:
            output = output[inputs["input_ids"].shape[1] :]
        ended = int(output[-1]) in self._ends() if len(output) else True
        return str(self.tokenizer.decode(output, skip_special_tokens=True)), ended

    def _ends(self) -> set[int]:
        ends = self.model.generation_config.eos_token_id
        ends = ends if isinstance(ends, list) else [ends]
        return {end for end in (*ends, self.tokenizer.eos_token_id) if end is not None}

    def _padding(self) -> int | None:
        padding: int | None = self.tokenizer.pad_token_id
        if padding is None:
            padding = next(iter(self._ends()), None)
        return padding


def load_seq2seq(options: ModelOptions) -> Model:
    """Load any encoder-decoder; raises `ModelLoadError`."""
    return Model(options, AutoModelForSeq2SeqLM)


def load_causal(options: ModelOptions) -> Model:
    """Load any decoder; raises `ModelLoadError`."""
    return Model(options, AutoModelForCausalLM)
