"""The demo shop's database: kept, made anew, fresh dates, many at once."""

import asyncio
import csv
import fcntl
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier

import pytest

from commerce.commerce import Order, Proof
from commerce.demo import ORDER_COLUMNS, DemoShop
from commerce.errors import BrokenFileError, ShopUnavailableError

NUMBER = "LK-204518"
ADA = Proof(email="ada@example.com")

Make = Callable[..., DemoShop]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "state" / "demo_shop.db"


async def order_of(shop: DemoShop) -> Order:
    order = await shop.find_order(NUMBER, ADA)
    assert order is not None
    return order


async def cancel_and_close(shop: DemoShop) -> None:
    await shop.cancel_order(NUMBER, ADA, key="k1")
    await shop.close()


async def test_a_second_start_keeps_what_was_changed(received: Make, database: Path) -> None:
    await cancel_and_close(received(database=database))
    again = received(database=database)
    order = await order_of(again)
    assert order.status == "cancelled"
    assert await again.cancel_order(NUMBER, ADA, key="k1") == order


async def test_a_second_start_keeps_the_dates(received: Make, database: Path) -> None:
    first = await order_of(received(database=database, today=date(2027, 3, 1)))
    later = await order_of(received(database=database, today=date(2027, 3, 9)))
    assert first.placed == later.placed == date(2027, 2, 28)


async def test_in_memory_nothing_is_kept(received: Make) -> None:
    await cancel_and_close(received())
    assert (await order_of(received())).status == "received"


async def test_another_file_of_orders_is_loaded_anew(received: Make, database: Path) -> None:
    await cancel_and_close(received(database=database))
    shop = received(database=database, more=({"number": "LK-204519"},))
    assert (await order_of(shop)).status == "received"
    assert await shop.find_order("LK-204519", ADA) is not None
    # The old keys are gone too.
    assert (await shop.cancel_order("LK-204519", ADA, key="k1")).status == "cancelled"


async def test_whoever_has_it_open_sees_the_new_orders(small_shop: Make, database: Path) -> None:
    old = small_shop(database=database)
    small_shop(database=database, product={"sku": "LK-TENT-009"}, order={"lines": "LK-TENT-009:1"})
    (line,) = (await order_of(old)).lines
    # Of an article that it has not read it knows the number only.
    assert (line.sku, line.name.en, line.category) == ("LK-TENT-009", "LK-TENT-009", "")


def break_it(database: Path) -> None:
    content = bytearray(database.read_bytes())
    # All but the first page, which says what there is.
    content[4096:] = b"\xff" * len(content[4096:])
    database.write_bytes(content)


@pytest.mark.parametrize("broken", [b"not a database", b"x" * 9000])
async def test_what_is_no_database_is_made_anew(
    received: Make, tmp_path: Path, broken: bytes
) -> None:
    database = tmp_path / "demo_shop.db"
    database.write_bytes(broken)
    assert (await order_of(received(database=database))).status == "received"


async def test_a_damaged_database_is_made_anew(received: Make, database: Path) -> None:
    await cancel_and_close(received(database=database))
    break_it(database)
    assert (await order_of(received(database=database))).status == "received"


def test_a_database_of_another_program_is_left_alone(received: Make, tmp_path: Path) -> None:
    database = tmp_path / "demo_shop.db"
    with closing(sqlite3.connect(database)) as other:
        other.execute("CREATE TABLE source (sha256 TEXT)")
    content = database.read_bytes()
    with pytest.raises(BrokenFileError, match=r"demo_shop\.db: found the database of another"):
        received(database=database)
    assert database.read_bytes() == content


def test_a_place_that_cannot_be_written_is_named(received: Make, tmp_path: Path) -> None:
    with pytest.raises(BrokenFileError, match="found no database that can be written"):
        received(database=tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(BrokenFileError, match="found no database that can be written"):
        received(database=tmp_path / "file" / "demo_shop.db")


async def test_a_database_that_breaks_later_is_unavailable(received: Make, database: Path) -> None:
    shop = received(database=database)
    with closing(sqlite3.connect(database)) as other:
        other.execute("DROP TABLE orders")
    with pytest.raises(ShopUnavailableError, match="no such table"):
        await shop.find_order(NUMBER, ADA)


@pytest.mark.parametrize("before", [b"", b"not a database"])
def test_many_may_start_at_once(
    products_file: Path, orders_file: Path, tmp_path: Path, before: bytes
) -> None:
    database, together = tmp_path / "demo_shop.db", Barrier(8)
    database.write_bytes(before)

    def start(_: int) -> DemoShop:
        together.wait()
        return DemoShop(products_file, orders_file, database)

    async def seen_by_all(shops: list[DemoShop]) -> list[str]:
        number, mine = "LK-247389", Proof(email="wu.hao@example.com")
        await shops[0].cancel_order(number, mine, key="k1")
        seen = [await shop.find_order(number, mine) for shop in shops]
        for shop in shops:
            await shop.close()
        return [order.status for order in seen if order]

    with ThreadPoolExecutor(8) as pool:
        shops = list(pool.map(start, range(8)))
    # What one of them changes all see: nobody has a file that another has replaced.
    assert asyncio.run(seen_by_all(shops)) == ["cancelled"] * 8


async def test_a_start_waits_for_another_that_is_under_way(
    products_file: Path, orders_file: Path, tmp_path: Path
) -> None:
    database = tmp_path / "demo_shop.db"
    with (tmp_path / "demo_shop.db.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        start = asyncio.create_task(
            asyncio.to_thread(DemoShop, products_file, orders_file, database)
        )
        await asyncio.wait([start], timeout=0.1)
        assert not start.done()
        assert not database.exists()
    await (await start).close()


async def test_the_newest_order_is_placed_yesterday(products_file: Path, orders_file: Path) -> None:
    today = date(2028, 2, 29)
    with orders_file.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    shift = today - timedelta(days=1) - date.fromisoformat(max(row["placed"] for row in rows))
    shop = DemoShop(products_file, orders_file, today=lambda: today)
    found = []
    for row in rows:
        order = await shop.find_order(row["number"], Proof(email=row["email"]))
        assert order is not None
        for column, day in (
            ("placed", order.placed),
            ("shipped", order.shipped),
            ("delivered", order.delivered),
        ):
            in_file = date.fromisoformat(row[column]) if row[column] else None
            assert day == (in_file + shift if in_file else None)
        found.append(order)
    assert max(order.placed for order in found) == date(2028, 2, 28)
    assert max(order.delivered or order.shipped or order.placed for order in found) <= today
    await shop.close()


async def test_nothing_is_delivered_in_the_future(small_shop: Make) -> None:
    # Placed on the 8th, delivered on the 12th.
    order = await order_of(small_shop(today=date(2026, 5, 1)))
    assert (order.placed, order.delivered) == (date(2026, 4, 27), date(2026, 5, 1))


async def test_a_file_without_orders_is_a_shop_without_any(
    products_file: Path, tmp_path: Path
) -> None:
    empty = tmp_path / "orders.csv"
    empty.write_text(",".join(ORDER_COLUMNS), encoding="utf-8")
    shop = DemoShop(products_file, empty)
    assert await shop.find_order(NUMBER, ADA) is None
    await shop.close()
