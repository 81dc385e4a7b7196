"""What the gateway raises by itself."""


class GatewayError(Exception):
    """The root of the gateway's errors."""


class BadSession(GatewayError):  # noqa: N818 - reads as what it says
    """A session token that this server did not make, or that is too old."""


class AssistantError(GatewayError):
    """The assistant gave no usable reply.

    Attributes:
        retry: whether asking again may help and does no harm.
    """

    def __init__(self, message: str, *, retry: bool) -> None:
        super().__init__(message)
        self.retry = retry


class BadIdentity(GatewayError):  # noqa: N818
    """An identity token that proves nothing; the message is for the shop's developer."""


class TooMany(GatewayError):  # noqa: N818
    """A client sends more than it may.

    Attributes:
        retry_after: seconds after which it may try again, 0 when that cannot be told.
    """

    def __init__(self, message: str, *, retry_after: float = 0) -> None:
        super().__init__(message)
        self.retry_after = retry_after
