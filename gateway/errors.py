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
