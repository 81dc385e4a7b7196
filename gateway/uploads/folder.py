"""Where the bytes of customers' files lie: outside of everything that is served, by id alone.

files/3f/a1/3fa1c0de-...   a file
files/incoming/            what is being taken in
files/lost/                what no database knows of, for a week
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID, uuid4


class Folder:
    """The files' folder; made if it is missing, readable for its owner only."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._incoming = path / "incoming"
        self._lost = path / "lost"
        for folder in (path, self._incoming, self._lost):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def path_of(self, file_id: str) -> Path:
        """Where the bytes of a file lie.

        Raises:
            ValueError: the id is no UUID.
        """
        name = str(UUID(file_id))
        return self.path / name[:2] / name[2:4] / name

    @contextmanager
    def drafts(self) -> Iterator[tuple[Path, Path]]:
        """Two paths to take a file in with; what is left there at the end is removed."""
        name = uuid4().hex
        drafts = self._incoming / name, self._incoming / f"{name}.checked"
        try:
            yield drafts
        finally:
            for draft in drafts:
                draft.unlink(missing_ok=True)

    def keep(self, draft: Path, file_id: str) -> None:
        """Make a draft the file with this id; after a power cut it is there whole or not at all."""
        path = self.path_of(file_id)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(draft, os.O_RDONLY)
        os.fchmod(descriptor, 0o600)
        os.fsync(descriptor)
        os.close(descriptor)
        os.replace(draft, path)
        _sync(path.parent)

    def remove(self, file_id: str) -> None:
        """Remove the bytes of a file, if they are there."""
        self.path_of(file_id).unlink(missing_ok=True)

    def set_aside(self, file_id: str) -> None:
        """Take a file away without removing it yet."""
        path = self.path_of(file_id)
        with suppress(FileNotFoundError):
            os.utime(path)
            os.replace(path, self._lost / path.name)

    def older_than(self, seconds: float) -> Iterator[str]:
        """The ids of all files that were kept longer ago than this."""
        before = time.time() - seconds
        for path in self.path.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
            with suppress(FileNotFoundError, ValueError):
                if path.stat().st_mtime < before:
                    yield str(UUID(path.name))

    def tidy(self, *, drafts: float, lost: float) -> None:
        """Remove what was left in ``incoming`` and ``lost`` for longer than so many seconds."""
        now = time.time()
        for folder, seconds in ((self._incoming, drafts), (self._lost, lost)):
            for path in folder.iterdir():
                with suppress(FileNotFoundError):
                    if path.stat().st_mtime < now - seconds:
                        path.unlink()


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
