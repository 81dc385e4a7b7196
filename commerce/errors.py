"""What can go wrong between Shopdesk and a shop system."""

from typing import Literal

NotPossibleReason = Literal["not_found", "already", "too_late", "refused"]


class CommerceError(Exception):
    """The shop's orders or products cannot be had. The one class that a caller needs to catch."""


class ShopUnavailableError(CommerceError):
    """The shop system cannot be reached, is too slow, refuses us, or answers what it should not.

    Nothing was changed. To ask again later makes sense.
    """


class OutcomeUnknownError(CommerceError):
    """Something was to be changed, and whether it was cannot be told. Not to be tried again."""


class NotSupportedError(CommerceError):
    """This shop system has no way to do it: a person has to."""


class NotPossibleError(CommerceError):
    """The shop does not do this with this order.

    Attributes:
        reason: ``not_found`` (or not proved: the two look the same), ``already`` (it has been done
            before), ``too_late`` (it is being packed or under way), ``refused`` (anything else).
    """

    def __init__(self, reason: NotPossibleReason, detail: str = "") -> None:
        self.reason = reason
        super().__init__(f"{reason}: {detail}" if detail else reason)


class BrokenFileError(CommerceError):
    """A file of the embedded shop cannot be read as meant.

    Attributes:
        file: the file's path as it was given.
        line: where the mistake is, counted from 1; 0 where it is the file as a whole.
        found: what stands there.
        expected: what would be right.
    """

    def __init__(self, file: str, line: int, found: str, expected: str) -> None:
        self.file = file
        self.line = line
        self.found = found
        self.expected = expected
        place = f"{file}:{line}" if line else file
        super().__init__(f"{place}: found {found}; expected {expected}. Correct the file.")
