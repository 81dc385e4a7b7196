"""Who has an SQLite database just now: one gateway, or whoever replaces it by a backup.

Two gateways would not hear of each other there, and customers would miss messages. PostgreSQL,
which tells them, has its own ways to be backed up and restored too, and needs none of this.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from store.database import parse_url
from store.errors import StoreError


@contextmanager
def hold(url: str) -> Iterator[None]:
    """Have the database for as long as the block lasts; ends with the process, however that ends.

    Raises:
        StoreError: somebody else has it.
    """
    parsed = parse_url(url)
    if parsed.get_backend_name() != "sqlite":
        yield
        return
    database = Path(str(parsed.database)).resolve()
    database.parent.mkdir(parents=True, exist_ok=True)
    # Never removed: somebody may just be waiting for this very file.
    with database.with_name(f"{database.name}.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StoreError(
                f"the database {database} is in use by another gateway, or is being restored; "
                "stop the gateway first (Ctrl-C where `make run` runs, or `docker compose stop "
                "gateway`). Several gateways need PostgreSQL"
            ) from error
        yield
