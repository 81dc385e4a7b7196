"""What can go wrong between Shopdesk and a shop system."""


class CommerceError(Exception):
    """The shop's orders or products cannot be had. The one class that a caller needs to catch."""


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
