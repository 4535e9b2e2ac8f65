"""Reading a CSV file of the account store into rows, with every flaw that can be seen in the file alone."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from actions.accounts.csv_cells import printable
from actions.accounts.csv_tables import CsvColumn, CsvTable, Row

CHUNK = 5000
"""Rows that are checked and written together."""

LineRow = tuple[int, Row]
OnRead = Callable[[str, int], None]
"""Called with a file's name and the number of its bytes read so far."""


@dataclass(frozen=True)
class Problem:
    """What is wrong in a file: in which line (1 is the heading) and column, where it is one of those."""

    file: str
    reason: str
    line: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        line = f", line {self.line}" if self.line else ""
        column = f", column {self.column}" if self.column else ""
        return f"{self.file}{line}{column}: {self.reason}"


class LoadFailed(Exception):
    """The files cannot be loaded, and nothing was changed; the text lists the problems, one a line."""

    def __init__(self, problems: list[Problem], is_complete: bool = True) -> None:
        self.problems = problems
        count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
        summary = f"{count}: nothing was loaded." if is_complete else f"Stopped after {count}: nothing was loaded."
        super().__init__("\n".join([*map(str, problems), summary]))


@dataclass
class Problems:
    """The problems found so far. ``limit`` of them end the load: whoever has so many mends them in bulk."""

    limit: int = 100
    found: list[Problem] = field(default_factory=list)

    def add(self, problem: Problem) -> None:
        """Note a problem; `LoadFailed` if it is one too many."""
        self.found.append(problem)
        if len(self.found) >= self.limit:
            raise LoadFailed(self.found, is_complete=False)

    def check(self) -> None:
        """`LoadFailed` if there are any."""
        if self.found:
            raise LoadFailed(self.found)


class CsvFile:
    """One file, read in chunks; rows with a flaw are noted and left out."""

    def __init__(self, path: Path, table: CsvTable, problems: Problems, on_read: OnRead) -> None:
        self._path = path
        self._table = table
        self._problems = problems
        self._on_read = on_read
        self._lines: dict[tuple[str, ...], dict[object, int]] = {}
        self.flawed: set[str] = set()
        """Keys of the rows that were left out."""

    def chunks(self) -> Iterator[list[LineRow]]:
        """The sound rows with their lines."""
        with self._path.open("rb") as binary:
            # Bytes that are not UTF-8 become lone surrogates, so that the cell can be named.
            lines = io.TextIOWrapper(binary, "utf-8-sig", errors="surrogateescape", newline="")
            heading = lines.readline()
            delimiter = ";" if ";" in heading and "," not in heading else ","
            columns = self._columns(next(csv.reader([heading], delimiter=delimiter), []))
            if columns is None:
                return
            chunk: list[LineRow] = []
            for line, cells in self._cells(csv.reader(lines, delimiter=delimiter, strict=True)):
                row = self._row(line, columns, cells)
                if row is not None:
                    chunk.append((line, row))
                if len(chunk) == CHUNK:
                    yield chunk
                    self._on_read(self._table.file, binary.tell())
                    chunk = []
            if chunk:
                yield chunk
            self._on_read(self._table.file, binary.tell())

    def note(self, line: int, column: str | None, reason: str, row: Row | None = None) -> None:
        """Note a problem of a row, which counts as left out."""
        if row is not None:
            self.flawed.add(row[self._table.key.field])
        self._problems.add(Problem(self._table.file, reason, line, column))

    def _columns(self, headings: list[str]) -> list[CsvColumn] | None:
        """The columns in the order of the file; None if the heading is not what it should be."""
        names = [heading.strip() for heading in headings]
        expected = {column.heading: column for column in self._table.columns}
        reasons = [f"the column {name} is missing" for name in expected if name not in names]
        reasons += [f"there is no column {name or '(empty)'}" for name in names if name not in expected]
        reasons += [f"the column {name} is there twice" for name in expected if names.count(name) > 1]
        for reason in reasons:
            self._problems.add(Problem(self._table.file, f"{reason}; expected: {','.join(expected)}", 1))
        return None if reasons else [expected[name] for name in names]

    def _cells(self, reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
        """The cells of each row that is not empty, with the line on which it begins."""
        while True:
            line = reader.line_num + 2  # type: ignore[attr-defined]  # the heading was read before
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                self.note(line, None, f"cannot be read as CSV: {error}")
                continue
            if cells:
                yield line, cells

    def _row(self, line: int, columns: list[CsvColumn], cells: list[str]) -> Row | None:
        if len(cells) != len(columns):
            self.note(line, None, f"has {len(cells)} cells, the heading has {len(columns)}")
            return None
        row: Row = {}
        is_sound = True
        for column, cell in zip(columns, cells, strict=True):
            try:
                row[column.field] = self._value(column, cell)
            except ValueError as error:
                self.note(line, column.heading, str(error))
                is_sound = False
        key = row.get(self._table.key.field)
        if is_sound and (flaw := self._table.flaw(row) or self._repetition(line, row)):
            self.note(line, *flaw)
            is_sound = False
        if not is_sound:
            if key is not None:
                self.flawed.add(key)
            return None
        row.update(self._table.folded(row))
        return row

    def _value(self, column: CsvColumn, cell: str) -> object:
        text = printable(cell)
        if text:
            return column.read(text)
        if column.optional:
            return None
        raise ValueError("is empty")

    def _repetition(self, line: int, row: Row) -> tuple[str, str] | None:
        """The flaw of a key, or of values that must be unique, which an earlier line has already."""
        for fields in filter(None, ((self._table.key.field,), self._table.unique)):
            value = row[fields[0]] if len(fields) == 1 else tuple(row[name] for name in fields)
            first = self._lines.setdefault(fields, {}).setdefault(value, line)
            if first != line:
                return fields[-1], f"is the same as in line {first}"
        return None
