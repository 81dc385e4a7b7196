"""Taking a file in: read, scanned, looked at, kept, and noted, or refused."""

import asyncio
import hashlib
import logging
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from sqlalchemy.orm import Session

from gateway.uploads.checks import Scanner, inspect
from gateway.uploads.children import Children
from gateway.uploads.content import Content
from gateway.uploads.folder import Folder
from gateway.uploads.names import clean_name
from gateway.uploads.refusal import FileRefused
from store import conversations, files
from store.database import Database
from store.records import FileRecord

_log = logging.getLogger(__name__)

_BUFFER = 262_144


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """How much is taken in.

    Attributes:
        file_bytes: of one file, as it is sent.
        conversation_bytes: of all files of a conversation, as they are kept.
        conversation_files: how many a conversation may have.
        at_once: how many files of all customers are taken in at the same time.
        at_once_each: how many of one conversation.
        reading_seconds: for one file to arrive.
        inspecting_seconds: for looking at its content.
    """

    file_bytes: int = 10_000_000
    conversation_bytes: int = 50_000_000
    conversation_files: int = 50
    at_once: int = 24
    at_once_each: int = 5
    reading_seconds: float = 300
    inspecting_seconds: float = 30


class Uploads:
    """Takes in the files of customers.

    Args:
        scan_command: see :class:`gateway.uploads.checks.Scanner`; empty for no scanner.

    Raises:
        GatewayError: there is no such scanner.
    """

    def __init__(
        self,
        database: Database,
        folder: Folder,
        *,
        scan_command: str = "",
        limits: UploadLimits | None = None,
    ) -> None:
        self.limits = limits or UploadLimits()
        self.folder = folder
        self.database = database
        self._children = Children()
        self._scanner = Scanner(scan_command, self._children)
        self._being_read: Counter[str] = Counter()

    async def receive(
        self, conversation_id: str, name: str, chunks: AsyncIterator[bytes]
    ) -> FileRecord:
        """Take one file in; it is sent with a message later.

        Raises:
            FileRefused: it was not kept, and nothing is left of it.
        """
        # Asked for here so that nobody sends in vain, and again when it is noted.
        self._check_usage(await self.database.read(lambda s: files.usage(s, conversation_id)))
        self._begin(conversation_id)
        try:
            with self.folder.drafts() as (raw, checked):
                await self._read(chunks, raw)
                await self._scanner.scan(raw)
                content = await inspect(
                    raw, checked, self._children, seconds=self.limits.inspecting_seconds
                )
                return await self._keep(conversation_id, name, content, checked)
        except OSError as error:
            # A full disk, above all.
            _log.exception("a file could not be kept")
            raise FileRefused("file_later", "the file cannot be kept just now") from error
        finally:
            self._end(conversation_id)

    def close(self) -> None:
        """End the checks that are running."""
        self._children.close()

    def _begin(self, conversation_id: str) -> None:
        if self._being_read[conversation_id] >= self.limits.at_once_each:
            raise FileRefused("file_limit", "too many files at once; send them one after another")
        if self._being_read.total() >= self.limits.at_once:
            raise FileRefused("file_later", "too many files just now; try again in a moment")
        self._being_read[conversation_id] += 1

    def _end(self, conversation_id: str) -> None:
        self._being_read[conversation_id] -= 1
        if not self._being_read[conversation_id]:
            del self._being_read[conversation_id]

    async def _read(self, chunks: AsyncIterator[bytes], raw: Path) -> None:
        size = 0
        buffer = bytearray()
        try:
            async with asyncio.timeout(self.limits.reading_seconds):
                async for chunk in chunks:
                    size += len(chunk)
                    if size > self.limits.file_bytes:
                        raise too_large(self.limits)
                    buffer += chunk
                    if len(buffer) >= _BUFFER:
                        await asyncio.to_thread(_append, raw, bytes(buffer))
                        buffer.clear()
        except TimeoutError as error:
            raise FileRefused("file_later", "the file took too long to arrive") from error
        if size == 0:
            raise FileRefused("file_broken", "the file is empty")
        await asyncio.to_thread(_append, raw, bytes(buffer))

    async def _keep(
        self, conversation_id: str, name: str, content: Content, checked: Path
    ) -> FileRecord:
        file_id = str(uuid4())
        size, digest = await asyncio.to_thread(_measure, checked)
        await asyncio.to_thread(self.folder.keep, checked, file_id)

        def note(session: Session) -> FileRecord:
            if conversations.find(session, conversation_id) is None:
                # The page's language is noted with the first message.
                conversations.open_for(session, conversation_id, language="en")
            conversations.lock(session, conversation_id)
            count, kept = files.usage(session, conversation_id)
            self._check_usage((count, kept + size))
            return files.add(
                session,
                conversation_id,
                file_id=file_id,
                name=clean_name(name, content.media_type),
                media_type=content.media_type,
                size=size,
                sha256=digest,
                width=content.width,
                height=content.height,
            )

        try:
            return await self.database.write(note)
        except FileRefused:
            await asyncio.to_thread(self.folder.remove, file_id)
            raise

    def _check_usage(self, used: tuple[int, int]) -> None:
        count, size = used
        if count >= self.limits.conversation_files or size > self.limits.conversation_bytes:
            raise FileRefused(
                "file_limit",
                f"a conversation may hold {self.limits.conversation_files} files and "
                f"{self.limits.conversation_bytes // 1_000_000} MB in all",
            )


def too_large(limits: UploadLimits) -> FileRefused:
    """The refusal of a file that is too large."""
    return FileRefused(
        "file_too_large", f"a file may have {limits.file_bytes // 1_000_000} MB, not more"
    )


def _append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def _measure(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return path.stat().st_size, digest
