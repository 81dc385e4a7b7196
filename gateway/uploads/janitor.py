"""Removing files that belong to nothing: uploaded and never sent, or left by a crash."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from itertools import islice

from sqlalchemy.orm import Session

from gateway.uploads.folder import Folder
from store import files
from store.database import Database

_log = logging.getLogger(__name__)

_BATCH = 500


class Janitor:
    """Looks after the files' folder for as long as the gateway runs.

    Args:
        keep: how long a file that was not sent may wait for its message.
        keep_lost: how long a file that the database does not know is set aside, for the case that
            it is the wrong database.
        every: how often it looks.
    """

    def __init__(
        self,
        database: Database,
        folder: Folder,
        *,
        keep: timedelta = timedelta(days=1),
        keep_lost: timedelta = timedelta(days=7),
        every: timedelta = timedelta(hours=6),
    ) -> None:
        self._database = database
        self._folder = folder
        self._keep = keep
        self._keep_lost = keep_lost
        self._every = every

    async def run(self) -> None:
        """Sweep at once, and again and again, until cancelled."""
        while True:
            try:
                await self.sweep()
            except Exception:
                _log.exception("the files could not be looked after")
            await asyncio.sleep(self._every.total_seconds())

    async def sweep(self) -> None:
        """Remove what belongs to nothing, once."""
        removed = 0
        while forgotten := await self._database.write(self._forget):
            for file_id in forgotten:
                await asyncio.to_thread(self._folder.remove, file_id)
            removed += len(forgotten)
        lost = await asyncio.to_thread(self._set_aside)
        if removed or lost:
            _log.info("removed %d files never sent, set %d unknown aside", removed, lost)
        await asyncio.to_thread(
            self._folder.tidy,
            drafts=self._keep.total_seconds(),
            lost=self._keep_lost.total_seconds(),
        )

    def _forget(self, session: Session) -> list[str]:
        # The row first: bytes without a row are found later, a row without bytes would be shown.
        orphans = files.orphans(session, datetime.now(UTC) - self._keep)
        return files.forget(session, [file.id for file in orphans[:_BATCH]])

    def _set_aside(self) -> int:
        count = 0
        ids = self._folder.older_than(self._keep.total_seconds())
        while batch := list(islice(ids, _BATCH)):
            with self._database.snapshot() as session:
                unknown = set(batch) - files.known(session, batch)
            for file_id in unknown:
                self._folder.set_aside(file_id)
            count += len(unknown)
        return count
