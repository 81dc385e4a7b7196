"""The errors that a person at the command line is shown as one message, never as a traceback."""


class ShopdeskError(Exception):
    """Something the user can mend.

    Args:
        found: what is wrong: the value that was found and what was expected.
        remedy: what to do about it.
    """

    def __init__(self, found: str, remedy: str) -> None:
        super().__init__(f"{found}\n  Remedy: {remedy}")


class SettingsError(ShopdeskError):
    """A setting has a value that cannot be used."""


class StartError(ShopdeskError):
    """The system cannot start, or stopped while starting."""
