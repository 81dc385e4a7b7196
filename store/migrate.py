"""Bringing a database to the newest schema."""

from pathlib import Path

from sqlalchemy import create_engine, inspect, text

from store.database import parse_url, prepare_sqlite
from store.errors import SchemaOutdated, StoreError

REVISION = "0002"
"""The schema that this code was written for: the newest of the folder ``migrations``."""

_SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = 7_746_733_375  # any number, as long as it is always the same


def migrate(url: str, *, revision: str = "head") -> None:
    """Make or upgrade the schema; all of it or, on an error, nothing.

    Two processes that do it at once take turns, and the second finds nothing to do.

    Args:
        url: see :func:`store.database.parse_url`. SQLite's folder is made if it is missing.
        revision: how far, ``head`` for the newest.
    """
    # Loaded only here: the gateway, which only checks the schema, starts sooner without it.
    from alembic import command
    from alembic.config import Config

    parsed = parse_url(url)
    sqlite = parsed.get_backend_name() == "sqlite"
    if sqlite:
        Path(str(parsed.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed)
    if sqlite:
        # A table that is made anew is dropped under its old name, and with foreign keys on, the
        # drop would take the rows that refer to it along.
        prepare_sqlite(engine, foreign_keys=False)
    try:
        with engine.begin() as connection:
            if not sqlite:
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
            config = Config()
            config.set_main_option("script_location", str(_SCRIPTS))
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
            if sqlite and (broken := connection.execute(text("PRAGMA foreign_key_check")).all()):
                raise StoreError(
                    f"the migration would leave {len(broken)} rows that refer to nothing, the "
                    f"first in the table {broken[0][0]}; nothing was changed. Please report it"
                )
    finally:
        engine.dispose()


def check_schema(url: str) -> None:
    """Raise unless the database has the schema that this code was written for.

    Raises:
        SchemaOutdated: it has another, or none.
    """
    engine = create_engine(parse_url(url))
    try:
        with engine.connect() as connection:
            found = None
            if inspect(connection).has_table("alembic_version"):
                found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    finally:
        engine.dispose()
    if found != REVISION:
        raise SchemaOutdated(
            f"the database has schema {found or 'none'}, this version of Shopdesk needs "
            f"{REVISION}: migrate it first, which `make run` does"
        )
