"""Loading the account store from CSV files: all of them, or nothing.

A load adds and replaces rows by their keys; rows that the files do not name stay. The files are read in the
order in which they refer to each other, a chunk at a time: memory holds the keys of one file, no more.
What a row refers to is looked up in the database, where the earlier files stand already.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.engine import Connection, Engine

from actions.accounts.csv_rows import CsvFile, LineRow, LoadFailed, OnRead, Problem, Problems
from actions.accounts.csv_tables import TABLES, CsvColumn, CsvTable, Row
from actions.accounts.models import AccessEventRow, InviteRow, NameWordRow, metadata
from actions.accounts.names import name_words
from actions.accounts.spelling_index import add_words

__all__ = ["LoadFailed", "Problem", "load_folder"]

Owners = dict[str, str]
"""What each row of a table belongs to, by key."""

_SQLITE_CACHE = 256 * 1024  # KiB; with SQLite's 2 MB, the indexes of a large load would be written over and over
_TABLES = {table.name: table for table in TABLES}


def load_folder(engine: Engine, folder: Path, on_read: OnRead = lambda file, size: None) -> dict[str, int]:
    """Load the files of a folder in one transaction; the rows of each. `LoadFailed` if anything is wrong.

    An expiry that an administrator extended in the chat outlives a load of older data.
    """
    problems = Problems()
    _check_files(folder, problems)
    with engine.begin() as connection:
        _prepare(connection)
        load = _Load(connection, problems)
        counts = {
            table.name: load.load(table, CsvFile(folder / table.file, table, problems, on_read)) for table in TABLES
        }
        problems.check()
        _keep_reactivations(connection)
    with engine.begin() as connection:
        _refresh_statistics(connection)
    return counts


def _refresh_statistics(connection: Connection) -> None:
    """Have the database look at what is in the tables now, by which it plans its searches; PostgreSQL would, later."""
    _prepare(connection)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA analysis_limit=1000")
    for table in metadata.sorted_tables:
        connection.exec_driver_sql(f"ANALYZE {connection.dialect.identifier_preparer.format_table(table)}")


def _check_files(folder: Path, problems: Problems) -> None:
    if not folder.is_dir():
        raise LoadFailed([Problem(str(folder), "is not a folder")])
    for table in TABLES:
        if not (folder / table.file).is_file():
            problems.add(Problem(table.file, f"is missing in {folder}; without data it holds the heading alone"))
    problems.check()


def _prepare(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA cache_size=-{_SQLITE_CACHE}")
    else:
        # The engine's limit is meant for look-ups.
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")


class _Load:
    """One load: which rows were left out so far, so that what refers to them is not reported as well."""

    def __init__(self, connection: Connection, problems: Problems) -> None:
        self._connection = connection
        self._problems = problems
        self._flawed: dict[str, set[str]] = {}
        self._spelt: set[tuple[str, str]] = set()

    def load(self, table: CsvTable, file: CsvFile) -> int:
        """Check and write a file; the number of its rows."""
        self._flawed[table.name] = file.flawed
        count = 0
        for chunk in file.chunks():
            known = self._owners(table, {row[table.key.field] for _, row in chunk})
            self._check_references(table, file, chunk, known)
            self._check_unique(table, file, chunk)
            rows = [row for _, row in chunk if row[table.key.field] not in file.flawed]
            if rows:
                self._write(table, rows, known)
            count += len(rows)
        return count

    def _owners(self, table: CsvTable, keys: set[str]) -> Owners:
        """What the rows of these keys belong to; a key that is not on file is left out."""
        key = table.table.c[table.key.field]
        return dict(self._connection.execute(table.owners.where(key.in_(keys))).all())

    def _check_references(self, table: CsvTable, file: CsvFile, chunk: Sequence[LineRow], known: Owners) -> None:
        """Report references to what does not exist, or to what belongs to somebody else."""
        references = [column for column in table.columns if column.refers_to]
        found = {
            column.heading: self._owners(
                _TABLES[column.refers_to or ""],
                {row[column.field] for _, row in chunk if row[column.field] is not None},
            )
            for column in references
        }
        for line, row in chunk:
            for column in references:
                value = row[column.field]
                if value is None:
                    continue
                if value not in found[column.heading]:
                    file.flawed.add(row[table.key.field])
                    if value not in self._flawed[column.refers_to or ""]:
                        file.note(
                            line,
                            column.heading,
                            f"{value} is neither in {column.refers_to}.csv nor in the store",
                        )
                elif column.matches and not self._match(table, column, row, found):
                    owner = _TABLES[column.refers_to or ""].owner
                    than = "" if column.matches == owner else f" than the {column.matches}"
                    file.note(line, column.heading, f"{value} is of another {owner}{than}", row)
            self._check_owner(table, file, line, row, found, known)

    def _match(self, table: CsvTable, column: CsvColumn, row: Row, found: dict[str, Owners]) -> bool:
        """Whether what a column refers to belongs together with what its ``matches`` column refers to."""
        other = table.column(column.matches or "")
        owner, key = found[column.heading][row[column.field]], str(row[other.field])
        if other.heading == _TABLES[column.refers_to or ""].owner:
            return owner == key
        return owner == found[other.heading].get(key, owner)  # an unknown key is reported by itself

    def _check_owner(
        self,
        table: CsvTable,
        file: CsvFile,
        line: int,
        row: Row,
        found: dict[str, Owners],
        known: Owners,
    ) -> None:
        """Report a row that would change its company or contact: what refers to it would be wrong then."""
        key = row[table.key.field]
        if table.owner is None or key not in known or key in file.flawed:
            return
        column = table.columns[1]
        value = row[column.field]
        owner = value if column.heading == table.owner else found[column.heading][value]
        if owner != known[key]:
            reason = f"{key} is of {known[key]} and cannot change that; give the new row a new {table.key.heading}"
            file.note(line, column.heading, reason, row)

    def _check_unique(self, table: CsvTable, file: CsvFile, chunk: Sequence[LineRow]) -> None:
        """Report what must be unique and stands in the database under another key."""
        if not table.unique:
            return
        fields = [table.table.c[name] for name in table.unique]
        first = {row[table.unique[0]] for _, row in chunk}
        query = select(table.table.c[table.key.field], *fields).where(fields[0].in_(first))
        holders = {tuple(values): key for key, *values in self._connection.execute(query)}
        for line, row in chunk:
            key = row[table.key.field]
            holder = holders.get(tuple(row[name] for name in table.unique), key)
            if holder != key:
                file.note(line, table.unique[-1], f"is taken by {holder}", row)

    def _write(self, table: CsvTable, rows: Sequence[Row], known: Owners) -> None:
        """Insert what is new and update what has changed: of a file that is loaded again, that is little."""
        key = table.table.c[table.key.field]
        current = {}
        if known:
            query = select(table.table).where(key.in_(known))
            current = {row[key.name]: dict(row) for row in self._connection.execute(query).mappings()}
        new = [row for row in rows if row[key.name] not in known]
        changed = [row for row in rows if row[key.name] in known and row != _part(current[row[key.name]], row)]
        if new:
            self._connection.execute(insert(table.table), new)
        if changed:
            by_key = update(table.table).where(key == bindparam("known_key"))
            self._connection.execute(by_key, [{**row, "known_key": row[key.name]} for row in changed])
        if table.name == "contacts":
            self._write_name_words(new, changed)

    def _write_name_words(self, new: Sequence[Row], changed: Sequence[Row]) -> None:
        if changed:
            renewed = NameWordRow.contact_id.in_([contact["id"] for contact in changed])
            self._connection.execute(delete(NameWordRow).where(renewed))
        words = [
            {"contact_id": contact["id"], "word": word, "company_slug": contact["company_slug"]}
            for contact in (*new, *changed)
            for word in name_words(contact["name"])
        ]
        if words:
            self._connection.execute(insert(NameWordRow.__table__), words)
        new_words = {(row["company_slug"], row["word"]) for row in words} - self._spelt
        add_words(self._connection, new_words)
        self._spelt |= new_words


def _part(whole: Row, part: Row) -> Row:
    return {name: whole[name] for name in part}


def _keep_reactivations(connection: Connection) -> None:
    """Put back the expiries that were extended in the chat, where the files hold an earlier one."""
    extended = (
        select(func.max(AccessEventRow.expires_at))
        .where(AccessEventRow.invite_id == InviteRow.id)
        .correlate(InviteRow)
        .scalar_subquery()
    )
    connection.execute(
        update(InviteRow)
        .where(InviteRow.id.in_(select(AccessEventRow.invite_id)), InviteRow.expires_at < extended)
        .values(expires_at=extended)
    )
