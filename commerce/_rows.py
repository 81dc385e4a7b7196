"""CSV rows that know where they stand, so that every complaint can name file and line."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from commerce.errors import BrokenFileError

_AMOUNT = re.compile(r"\d{1,7}\.\d{2}")
_COUNT = re.compile(r"\d{1,9}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Row:
    """One row; every reader of a cell raises ``BrokenFileError`` where it is not as expected."""

    file: str
    line: int
    cells: dict[str, str]

    def broken(self, found: str, expected: str) -> BrokenFileError:
        """The error for this row, to be raised."""
        return BrokenFileError(self.file, self.line, found, expected)

    def optional(self, column: str) -> str | None:
        return self.cells[column] or None

    def text(self, column: str) -> str:
        if value := self.cells[column]:
            return value
        raise self.broken(f"an empty `{column}`", "a value")

    def matching(self, column: str, pattern: re.Pattern[str], expected: str) -> str:
        value = self.cells[column]
        if pattern.fullmatch(value):
            return value
        raise self.broken(f"`{column}` {value!r}", expected)

    def amount(self, column: str) -> Decimal:
        return Decimal(self.matching(column, _AMOUNT, "an amount with cents, such as 4.95"))

    def count(self, column: str) -> int:
        return int(self.matching(column, _COUNT, "a whole number, such as 12 or 0"))

    def day(self, column: str) -> date:
        expected = "a day such as 2026-03-31"
        value = self.matching(column, _DAY, expected)
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise self.broken(f"`{column}` {value!r}, which no calendar has", expected) from None

    def listed(self, column: str) -> tuple[str, ...]:
        """The parts of a cell that are separated by ``|``."""
        return tuple(part.strip() for part in self.cells[column].split("|") if part.strip())


def read_rows(path: Path, header: Sequence[str]) -> Iterator[Row]:
    """The rows under ``header``; empty lines are passed over.

    Raises:
        BrokenFileError: the file cannot be opened, is not UTF-8, has another header, or holds a
            row with more or fewer values.
    """
    file = str(path)
    # utf-8-sig: spreadsheet programs put a byte order mark in front of what they export.
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise BrokenFileError(file, 0, f"no readable file ({error.strerror})", "a CSV") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise BrokenFileError(file, line, "bytes that are not UTF-8", "UTF-8 text") from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        found = [cell.strip() for cell in next(reader, [])]
        if found != list(header):
            raise BrokenFileError(file, 1, f"the header {','.join(found)!r}", ",".join(header))
        while True:
            line = reader.line_num + 1
            cells = next(reader, None)
            if cells is None:
                return
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                expected = f'{len(header)} (a value that holds a comma stands in "quotes")'
                raise BrokenFileError(file, line, f"{len(cells)} values", expected)
            values = (cell.strip() for cell in cells)
            yield Row(file, line, dict(zip(header, values, strict=True)))
    except csv.Error as error:
        raise BrokenFileError(file, line, f"a row that is not CSV ({error})", "CSV") from error
