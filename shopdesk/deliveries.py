"""``shopdesk deliveries``: what the channels are still to be told, and what they refused.

It works on the database, beside a gateway that runs or without one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from shopdesk.errors import ShopdeskError
from shopdesk.settings import load_settings
from store.status import DeliveryState

if TYPE_CHECKING:
    from store.database import Database
    from store.deliveries import DeliveryRecord

app = typer.Typer(no_args_is_help=True, help="What the channels are told: the outbox.")
out = Console(highlight=False)


@app.command("list")
def list_deliveries(
    state: Annotated[
        DeliveryState | None, typer.Option(help="Only pending, delivered or dead ones.")
    ] = None,
    limit: Annotated[int, typer.Option(help="How many, the latest ones.", min=1, max=10_000)] = 50,
) -> None:
    """Show deliveries, the newest first, and how many there are of each state."""
    from store import deliveries

    with _database() as database, database.snapshot() as session:
        found = deliveries.listing(session, state, limit)
        counts = deliveries.counts(session)
    if found:
        out.print(_table(found))
    numbers = [f"{counts.get(each, 0)} {each.value}" for each in DeliveryState]
    out.print(f"In all: {', '.join(numbers)}.")


@app.command()
def replay(
    ids: Annotated[list[int] | None, typer.Argument(help="Of dead deliveries.")] = None,
    all_dead: Annotated[bool, typer.Option("--all-dead", help="Every one that is dead.")] = False,
) -> None:
    """Have dead deliveries sent again, with the same event ids."""
    from store import deliveries

    if bool(ids) == all_dead:
        raise ShopdeskError(
            "Expected the ids of deliveries, or --all-dead.",
            "see them with `shopdesk deliveries list --state dead`.",
        )
    with _database() as database, database.transaction() as session:
        again = deliveries.replay(session, None if all_dead else ids)
    out.print(f"To be sent again: {len(again)}.")
    others = sorted(set(ids or ()).difference(again))
    if others:
        raise ShopdeskError(
            f"Not sent again: {', '.join(map(str, others))}; expected ids of dead deliveries.",
            "see them with `shopdesk deliveries list --state dead`.",
        )


@contextmanager
def _database() -> "Iterator[Database]":
    from sqlalchemy.exc import OperationalError

    from store.database import Database
    from store.errors import SchemaOutdated
    from store.migrate import check_schema

    url = load_settings().database
    try:
        check_schema(url)
    except SchemaOutdated as error:
        raise ShopdeskError(str(error), "run `shopdesk migrate`.") from error
    except OperationalError as error:
        raise ShopdeskError(
            "The database cannot be reached.", "see `shopdesk doctor`, and database_url."
        ) from error
    database = Database(url)
    try:
        yield database
    finally:
        database.close()


def _table(found: "list[DeliveryRecord]") -> Table:
    table = Table("Id", "State", "Channel", "Customer", "What", "Tries", "Made", "Next or done")
    table.add_column("Last error", overflow="fold")
    for one in found:
        what = f"message {one.seq}" if one.status is None else f"status {one.status.value}"
        when = one.delivered_at if one.state is DeliveryState.DELIVERED else one.next_at
        table.add_row(
            str(one.id),
            one.state.value,
            escape(one.channel),
            escape(one.external_id),
            what,
            str(one.attempts),
            _time(one.created_at),
            "" if one.state is DeliveryState.DEAD else _time(when),
            escape(one.last_error or ""),
        )
    return table


def _time(at: datetime | None) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S") if at else ""
