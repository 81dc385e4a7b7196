"""What several gateways on one PostgreSQL tell each other: that a conversation has changed.

SQLite has one gateway, and nobody to tell. A notice is sent by the commit of what it tells of, and
says only where to look; one that is lost, because the line was down, is made good by looking.
"""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from store.errors import StoreError

_CHANNEL = "shopdesk"

What = Literal["messages", "status", "rating", "seen", "survey", "session"]


@dataclass(frozen=True, slots=True)
class Notice:
    """A conversation has changed.

    Attributes:
        sender: the server that changed it.
        message_id: which answer was rated, None for all else.
    """

    sender: str
    conversation_id: str
    what: What
    message_id: str | None = None


def announce(session: Session, notice: Notice) -> None:
    """Tell the other servers when, and only if, the transaction is committed."""
    if session.get_bind().dialect.name == "postgresql":
        parts = [notice.sender, notice.conversation_id, notice.what, notice.message_id]
        session.execute(select(func.pg_notify(_CHANNEL, json.dumps(parts))))


async def listen(url: URL) -> AsyncIterator[Notice | None]:
    """All notices from now on, and first None: from then on none is missed.

    Args:
        url: of a PostgreSQL database.

    Raises:
        StoreError: the line could not be had, or broke.
    """
    # Loaded only here: SQLite needs none of it.
    import psycopg

    try:
        address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
            await connection.execute(f"LISTEN {_CHANNEL}")
            yield None
            async for notification in connection.notifies():
                yield Notice(*json.loads(notification.payload))
    except psycopg.Error as error:
        # The message may hold the address with its password.
        raise StoreError(f"PostgreSQL does not notify: {type(error).__name__}") from None
