"""A writer by its name."""

import subprocess
import sys

import pytest

from generator.choose import make_answerer, make_writer
from generator.errors import GeneratorError, OptionsError, UnknownWriterError
from generator.options import ModelOptions


def test_the_default_quotes(scorer, evidence):
    answerer = make_answerer("extractive", scorer({}))
    got = answerer.answer("Free returns?", [evidence("Returns are free.")], "en")
    assert (got.text, got.writer) == ("Returns are free.", "extractive")


def test_an_unknown_name_is_answered_with_the_choices(scorer):
    with pytest.raises(
        UnknownWriterError, match="no writer 'gpt'; the writers are extractive, seq2seq, causal"
    ) as caught:
        make_answerer("gpt", scorer({}))
    assert isinstance(caught.value, GeneratorError)


@pytest.mark.parametrize("name", ["seq2seq", "causal"])
def test_a_model_writer_needs_a_model(scorer, name):
    with pytest.raises(OptionsError, match=f"the writer '{name}' needs a model"):
        make_writer(name, scorer({}))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"model": ""}, "model is empty"),
        ({"model": "org/name"}, "revision is not given"),
        ({"model": "org/name", "revision": "abc", "dtype": "int3"}, "dtype is 'int3'"),
        ({"model": "org/name", "revision": "abc", "deadline_s": 0}, "deadline_s is 0"),
        ({"model": "org/name", "revision": "abc", "max_new_tokens": -1}, "max_new_tokens is -1"),
    ],
)
def test_options_that_make_no_sense_are_refused(values, message):
    with pytest.raises(OptionsError, match=message):
        ModelOptions(**values)


@pytest.mark.integration
def test_the_default_loads_no_torch():
    code = (
        "import sys, generator.choose, generator.answer; "
        "sys.exit(any(name in sys.modules for name in ('torch', 'transformers')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
