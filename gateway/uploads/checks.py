"""What every file passes before it is kept: the shop's virus scanner, then the inspector."""

import logging
import shlex
import shutil
import sys
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from gateway.errors import GatewayError
from gateway.uploads.children import Children
from gateway.uploads.content import Content
from gateway.uploads.refusal import FileProblem, FileRefused

_log = logging.getLogger(__name__)

_TOLD: TypeAdapter[FileProblem | Content] = TypeAdapter(FileProblem | Content)
_INSPECTOR = "gateway.uploads.inspector"


class Scanner:
    """The shop's virus scanner.

    Args:
        command: the path of the file is appended and it is run without a shell, for example
            ``clamdscan --no-summary --fdpass``. It exits with 0 for a clean file and 1 for an
            infected one; everything else counts as "not scanned". Empty for no scanner.
        children: runs it.
        seconds: for one file.

    Raises:
        GatewayError: there is no such program.
    """

    def __init__(self, command: str, children: Children, *, seconds: float = 60) -> None:
        try:
            self._command = shlex.split(command)
        except ValueError as error:
            raise GatewayError(
                f"the file scan command {command!r} cannot be read ({error}); expected a program "
                "and its options"
            ) from error
        if self._command and shutil.which(self._command[0]) is None:
            raise GatewayError(
                f"there is no program {self._command[0]!r} to scan files with; install it or "
                "correct the file scan command"
            )
        self._children = children
        self._seconds = seconds

    async def scan(self, path: Path) -> None:
        """Have the file scanned.

        Raises:
            FileRefused: it is infected, or could not be scanned.
        """
        if not self._command:
            return
        try:
            status, _ = await self._children.run([*self._command, str(path)], seconds=self._seconds)
        except (OSError, TimeoutError) as error:
            _log.error("a file could not be scanned: %s", error)
            raise _try_later() from error
        if status == 1:
            _log.warning("the virus scanner refused a file")
            raise FileRefused("file_infected", "the virus scanner found something in the file")
        if status != 0:
            _log.error("a file could not be scanned: the scanner ended with %d", status)
            raise _try_later()


async def inspect(source: Path, target: Path, children: Children, *, seconds: float) -> Content:
    """Have the file's content looked at in a process of its own.

    Args:
        target: what may be kept is written there.
        seconds: for one file.

    Raises:
        FileRefused: it may not be kept; the inspector crashing or not ending counts as broken.
    """
    # -P: only the packages that we name, nothing that lies where the gateway was started.
    arguments = [sys.executable, "-P", "-m", _INSPECTOR, str(source), str(target)]
    try:
        status, output = await children.run(arguments, seconds=seconds)
        told = _TOLD.validate_json(output)
    except (TimeoutError, ValidationError) as error:
        _log.warning("a file was too much for the inspector: %s", type(error).__name__)
        raise FileRefused("file_broken", "the file cannot be read") from error
    if isinstance(told, FileProblem):
        raise FileRefused(told.code, told.text)
    if status != 0:
        _log.warning("the inspector ended with %d", status)
        raise FileRefused("file_broken", "the file cannot be read")
    return told


def _try_later() -> FileRefused:
    return FileRefused("file_later", "the file cannot be checked just now; try again later")
