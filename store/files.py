"""What is known of the files that customers sent. Their bytes are kept elsewhere, under the id.

All functions take the session of a transaction that the caller opened.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime

from sqlalchemy import delete as deletion
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from store.errors import UnknownFile
from store.models import File
from store.records import FileRecord


def add(
    session: Session,
    conversation_id: str,
    *,
    file_id: str,
    name: str,
    media_type: str,
    size: int,
    sha256: str,
    width: int | None = None,
    height: int | None = None,
) -> FileRecord:
    """Note a file that is not sent yet. The conversation must exist.

    Args:
        file_id: a UUID that the server made; the bytes lie under it.
        size: bytes.
        sha256: of the bytes, in hexadecimal.
        width, height: pixels, None unless it is a picture.
    """
    row = File(
        id=file_id,
        conversation_id=conversation_id,
        message_id=None,
        name=name,
        media_type=media_type,
        size=size,
        sha256=sha256,
        width=width,
        height=height,
        at=datetime.now(UTC),
    )
    session.add(row)
    session.flush()
    return _record(row)


def get(session: Session, file_id: str) -> FileRecord | None:
    """Look a file up by its id, a UUID."""
    row = session.get(File, file_id)
    return None if row is None else _record(row)


def usage(session: Session, conversation_id: str) -> tuple[int, int]:
    """How many files the conversation has, sent or not, and their bytes together."""
    count, size = session.execute(
        select(func.count(), func.coalesce(func.sum(File.size), 0)).where(
            File.conversation_id == conversation_id
        )
    ).one()
    return count, int(size)


def attach(
    session: Session, conversation_id: str, message_id: str, file_ids: Iterable[str]
) -> tuple[FileRecord, ...]:
    """Make files part of a message, in the order in which they were uploaded.

    Raises:
        UnknownFile: one of them is not of this conversation, or was sent before; nothing may be
            kept of the transaction then.
    """
    wanted = set(file_ids)
    if not wanted:
        return ()
    rows = session.scalars(
        update(File)
        .where(
            File.id.in_(wanted),
            File.conversation_id == conversation_id,
            File.message_id.is_(None),
        )
        .values(message_id=message_id)
        .returning(File)
        .execution_options(populate_existing=True)
    ).all()
    if missing := wanted - {row.id for row in rows}:
        raise UnknownFile(
            f"the conversation holds no file {min(missing)} that is still to be sent: upload it "
            "again"
        )
    return tuple(_record(row) for row in sorted(rows, key=_upload_order))


def of_messages(
    session: Session, message_ids: Collection[str]
) -> dict[str, tuple[FileRecord, ...]]:
    """The files of these messages, in the order of :func:`attach`; no key for those without."""
    if not message_ids:
        return {}
    rows = session.scalars(select(File).where(File.message_id.in_(message_ids)))
    found: dict[str, tuple[FileRecord, ...]] = {}
    for row in sorted(rows, key=_upload_order):
        found[str(row.message_id)] = (*found.get(str(row.message_id), ()), _record(row))
    return found


def orphans(session: Session, older_than: datetime) -> list[FileRecord]:
    """Files that were uploaded before this instant and never sent."""
    rows = session.scalars(
        select(File).where(File.message_id.is_(None), File.at < older_than).order_by(File.at)
    )
    return [_record(row) for row in rows]


def forget(session: Session, file_ids: Collection[str]) -> list[str]:
    """Remove those of the files that were never sent; gives their ids."""
    if not file_ids:
        return []
    removed = session.scalars(
        deletion(File)
        .where(File.id.in_(file_ids), File.message_id.is_(None))
        .returning(File.id)
        .execution_options(synchronize_session=False)
    )
    return list(removed)


def known(session: Session, file_ids: Sequence[str]) -> set[str]:
    """Which of these ids are those of files."""
    return set(session.scalars(select(File.id).where(File.id.in_(file_ids))))


def _upload_order(row: File) -> tuple[datetime, str]:
    return row.at, row.id


def _record(row: File) -> FileRecord:
    return FileRecord(
        id=row.id,
        conversation_id=row.conversation_id,
        message_id=row.message_id,
        name=row.name,
        media_type=row.media_type,
        size=row.size,
        width=row.width,
        height=row.height,
        at=row.at,
    )
