"""Who uses an SQLite database just now: many gateways, or one that replaces it, never both.

PostgreSQL has its own ways to be backed up and restored, and needs none of this.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from store.database import parse_url
from store.errors import StoreError


@contextmanager
def hold(url: str, *, alone: bool = False) -> Iterator[None]:
    """Use the database for as long as the block lasts; ends with the process, however that ends.

    Args:
        alone: nobody else may use it, because it is to be replaced.

    Raises:
        StoreError: it is in use and wanted alone, or somebody has it alone.
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
            fcntl.flock(file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if alone:
                raise StoreError(
                    f"the database {database} is in use; stop the gateway first (Ctrl-C where "
                    "`make run` runs, or `docker compose stop gateway`)"
                ) from error
            raise StoreError(
                f"the database {database} is being restored; start again when that has ended"
            ) from error
        yield
