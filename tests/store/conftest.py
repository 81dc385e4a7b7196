"""A freshly migrated database: SQLite, and PostgreSQL if SHOPDESK_TEST_POSTGRES_URL is set."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text

from store.database import Database, parse_url
from store.migrate import migrate

POSTGRES = os.environ.get("SHOPDESK_TEST_POSTGRES_URL")


@pytest.fixture(params=["sqlite", *(["postgresql"] if POSTGRES else [])])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without a schema."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'shopdesk.db'}"
        return
    assert POSTGRES is not None
    server = create_engine(parse_url(POSTGRES), isolation_level="AUTOCOMMIT")
    name = f"shopdesk_test_{uuid4().hex}"
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield server.url.set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@pytest.fixture
def database_url(empty_database_url: str) -> str:
    """The URL of a migrated database."""
    migrate(empty_database_url)
    return empty_database_url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A migrated database."""
    database = Database(database_url)
    yield database
    database.close()
