"""What the store refuses. Every message is value, expectation, remedy."""


class StoreError(Exception):
    """The root of everything that the store raises by itself."""


class UnknownConversation(StoreError):  # noqa: N818 - reads as what it says
    """No conversation has this id."""


class UnknownMessage(StoreError):  # noqa: N818
    """The conversation holds no such message, or none that the request can be about."""


class UnknownFile(StoreError):  # noqa: N818
    """The conversation holds no such file, or it was sent before."""


class IllegalTransition(StoreError):  # noqa: N818
    """A status may not follow another, see :data:`store.status.TRANSITIONS`."""


class SchemaOutdated(StoreError):  # noqa: N818
    """The database's schema is not the one that this code was written for."""
