"""What a channel refuses, and what becomes of what it cannot send."""

from gateway.errors import GatewayError


class BadSignature(GatewayError):  # noqa: N818 - reads as what it says
    """A request that does not come from the account, or too late to be believed."""


class BadDelivery(GatewayError):  # noqa: N818
    """A request of the account that is not understood; says where and what was expected."""


class DeliveryFailed(GatewayError):  # noqa: N818
    """The receiver did not take what it was sent.

    Attributes:
        retry_after: seconds for which the receiver wants to be left alone, None if it did not say.
        permanent: whether sending it again is of no use.
    """

    def __init__(
        self, reason: str, *, retry_after: float | None = None, permanent: bool = False
    ) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        self.permanent = permanent
