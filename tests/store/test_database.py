from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.dialects import sqlite

from store.database import parse_url
from store.errors import StoreError
from store.models import UTCDateTime


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:///var/shopdesk.db", "sqlite+pysqlite:///var/shopdesk.db"),
        ("sqlite+aiosqlite:///var/shopdesk.db", "sqlite+pysqlite:///var/shopdesk.db"),
        ("postgresql://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql+psycopg2://u@h/d", "postgresql+psycopg://u@h/d"),
    ],
)
def test_the_driver_is_ours(url: str, expected: str) -> None:
    assert str(parse_url(url)) == expected


@pytest.mark.parametrize("url", ["mysql://u@h/d", "sqlite://", "sqlite:///:memory:"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(StoreError, match="expected sqlite:///FILE"):
        parse_url(url)


def test_times_are_kept_in_utc_and_must_know_their_zone() -> None:
    column, dialect = UTCDateTime(), sqlite.dialect()
    shanghai = datetime(2026, 1, 1, 8, tzinfo=timezone(timedelta(hours=8)))
    kept = column.process_bind_param(shanghai, dialect)
    assert kept == datetime(2026, 1, 1, tzinfo=UTC)
    assert column.process_result_value(datetime(2026, 1, 1), dialect) == shanghai
    with pytest.raises(ValueError, match="2026-01-01T00:00:00 has no time zone"):
        column.process_bind_param(datetime(2026, 1, 1), dialect)
