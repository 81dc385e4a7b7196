"""The errors that a person at the command line is shown as one message, never as a traceback."""


class ShopdeskError(Exception):
    """Something the user can mend: what was found, what was expected, what to do."""


class SettingsError(ShopdeskError):
    """A setting has a value that cannot be used."""


class StartError(ShopdeskError):
    """The system cannot start, or stopped while starting."""
