"""What can be wrong with the encoder and the index; each message ends with the remedy."""


class RetrieverError(Exception):
    """Search cannot be set up as asked."""


class EncoderError(RetrieverError):
    """The embedding model is missing, damaged, or not the one expected."""


class StaleIndexError(RetrieverError):
    """The index is missing, damaged, or was built from something else."""


class IndexWriteError(RetrieverError):
    """The index cannot be written; the one that was there stays."""
