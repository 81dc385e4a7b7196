"""The program that opens customers' files: ``python -m gateway.uploads.inspector FROM TO``.

A process of its own, with little memory and time and none of the gateway's secrets: decoders are
where hostile files do their harm. Writes one JSON object to its output, a :class:`Content` or a
:class:`FileProblem`.
"""

import json
import resource
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from gateway.uploads.content import Content
from gateway.uploads.refusal import FileRefused

_MEMORY = 1_500_000_000
"""Bytes of address space: libraries included."""
_SECONDS = 20
"""Of processor time."""
_LARGEST = 100_000_000
"""Bytes of a file that it writes."""


def inspect(source: Path, target: Path) -> Content:
    """Tell the type by the content and write what may be kept to ``target``.

    Raises:
        FileRefused: it may not be kept.
    """
    with source.open("rb") as file:
        beginning = file.read(8)
    # Each decoder is loaded only where it is needed; loading them is half of the work.
    if beginning.startswith(b"%PDF-"):
        from gateway.uploads.documents import check

        return check(source, target)
    from gateway.uploads.pictures import rewrite

    return rewrite(source, target)


def main() -> None:
    """Inspect the file that the command line names."""
    source, target = map(Path, sys.argv[1:])
    for kind, most in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, _SECONDS),
        (resource.RLIMIT_FSIZE, _LARGEST),
        (resource.RLIMIT_CORE, 0),
    ):
        # Refused where the system's own limit is lower, and on macOS, which limits no memory.
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))
    try:
        told: dict[str, object] = asdict(inspect(source, target))
    except FileRefused as refused:
        told = asdict(refused.problem)
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
