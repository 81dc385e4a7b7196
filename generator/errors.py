"""What can go wrong while an answer is written; one tree, so that a caller can catch all of it."""


class GeneratorError(Exception):
    """Base of every error of this room."""


class UnknownWriterError(GeneratorError, ValueError):
    """A writer was asked for by a name that none has."""


class OptionsError(GeneratorError, ValueError):
    """An option of a writer is missing or makes no sense."""


class ModelLoadError(GeneratorError):
    """A language model could not be loaded: not there, not safetensors, or of another family."""


class DeadlineExceededError(GeneratorError):
    """A writer was not done in its time; what it had so far is thrown away."""
