from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.engine import Engine

from actions.accounts.csv_tables import TABLES
from actions.accounts.loader import LoadFailed, load_folder
from actions.accounts.models import metadata
from actions.accounts.records import Confirmation, ContactQuery
from actions.accounts.store import SqlAccounts

EXAMPLE = Path("docs/accounts-csv-example")
COMPANY = "amministrazioni-laguna"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the documented example, to be changed."""
    copy = tmp_path / "csv"
    copy.mkdir()
    for path in EXAMPLE.glob("*.csv"):
        (copy / path.name).write_bytes(path.read_bytes())
    return copy


def add(folder: Path, file: str, *lines: str) -> None:
    with (folder / file).open("a", encoding="utf-8") as stream:
        stream.writelines(f"{line}\n" for line in lines)


def change(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    content = path.read_text(encoding="utf-8")
    assert old in content
    path.write_text(content.replace(old, new), encoding="utf-8")


def problems(engine: Engine, folder: Path) -> list[str]:
    with pytest.raises(LoadFailed) as failure:
        load_folder(engine, folder)
    return [str(problem) for problem in failure.value.problems]


def content(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    with engine.connect() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }


def test_the_documented_example_loads(engine: Engine, accounts: SqlAccounts) -> None:
    counts = load_folder(engine, EXAMPLE)
    assert counts == {
        "companies": 1,
        "administrators": 1,
        "properties": 1,
        "units": 2,
        "accounts": 1,
        "contacts": 2,
        "contracts": 2,
        "invites": 2,
    }
    (found,) = accounts.search_contacts(COMPANY, ContactQuery(text="il signor Niccolo Bonetti"), 5).contacts
    record = accounts.customer(COMPANY, found.contact.id)
    assert record is not None
    assert [contract.unit_name for contract in record.contracts] == ["Via del Molo 5 int. 2"]
    invite = accounts.find_invite("CHMA2345")
    assert invite is not None
    assert invite.used_at == datetime(2026, 1, 12, 8, 30, tzinfo=timezone.utc)


def test_every_column_is_documented() -> None:
    rows = re.findall(r"^\| `(\w+\.csv)` \| (.+) \|$", Path("docs/accounts-csv.md").read_text(), re.MULTILINE)
    documented = {file: set(re.findall(r"`(\w+)`", text)) for file, text in rows}
    assert list(documented) == [table.file for table in TABLES]
    for table in TABLES:
        assert {column.heading for column in table.columns} <= documented[table.file]
        optional = set(re.findall(r"\*`(\w+)`\*", dict(rows)[table.file]))
        assert optional == {column.heading for column in table.columns if column.optional}


def test_a_second_load_of_the_same_files_changes_nothing(engine: Engine) -> None:
    load_folder(engine, EXAMPLE)
    before = content(engine)
    load_folder(engine, EXAMPLE)
    assert content(engine) == before


def test_a_later_load_replaces_rows_by_key_and_keeps_the_others(
    engine: Engine, accounts: SqlAccounts, folder: Path
) -> None:
    load_folder(engine, folder)
    change(folder, "contacts.csv", "Chiara Marin,chiara.marin@example.com", "Chiara Vianello,")
    change(folder, "invites.csv", "laguna-invite-1", "laguna-invite-3")
    change(folder, "invites.csv", "CHMA-2345", "CHMA-2346")
    load_folder(engine, folder)
    assert not accounts.search_contacts(COMPANY, ContactQuery(text="Marin"), 5).contacts
    (found,) = accounts.search_contacts(COMPANY, ContactQuery(text="Vianello"), 5).contacts
    assert found.contact.email is None
    assert accounts.find_invite("CHMA2345") is not None
    assert accounts.find_invite("CHMA2346") is not None


def test_an_expiry_that_was_extended_in_the_chat_outlives_an_older_export(
    engine: Engine, accounts: SqlAccounts
) -> None:
    load_folder(engine, EXAMPLE)
    now = datetime(2026, 3, 10, 12, tzinfo=timezone.utc)
    extended = now + timedelta(days=30)
    accounts.reactivate_invites(["laguna-invite-2"], Confirmation(COMPANY, "irene", "c1", now, extended))
    load_folder(engine, EXAMPLE)
    invite = accounts.find_invite("NBNT2345")
    assert invite is not None
    assert invite.expires_at == extended


def test_files_from_an_italian_spreadsheet_load(engine: Engine, folder: Path, accounts: SqlAccounts) -> None:
    for path in folder.glob("*.csv"):
        text = path.read_text(encoding="utf-8").replace(",", ";").replace("\n", "\r\n")
        path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    load_folder(engine, folder)
    (found,) = accounts.search_contacts(COMPANY, ContactQuery(text="bonetti"), 5).contacts
    assert found.contact.name == "Niccolò Bonetti"


def test_codes_are_accepted_as_they_are_printed_or_typed(engine: Engine, folder: Path, accounts: SqlAccounts) -> None:
    change(folder, "invites.csv", "NBNT-2345", " nbnt 2345 ")
    load_folder(engine, folder)
    assert accounts.find_invite("NBNT2345") is not None


@pytest.mark.parametrize(
    ("file", "line", "problem"),
    [
        ("companies.csv", "s,S,+39 1,nobody", "line 3, column email: is not a mail address"),
        ("companies.csv", "s,,+39 1,s@example.com", "line 3, column name: is empty"),
        (
            "companies.csv",
            f"{'x' * 65},S,1,s@example.com",
            "line 3, column slug: is longer than 64 characters",
        ),
        (
            "companies.csv",
            f"{COMPANY},S,+39 1,s@example.com",
            "line 3, column slug: is the same as in line 2",
        ),
        (
            "administrators.csv",
            "b,nowhere,Bo",
            "line 3, column company: nowhere is neither in companies.csv nor in the store",
        ),
        ("units.csv", "u,laguna-molo-5,int. 1", "line 4, column label: is the same as in line 2"),
        ("accounts.csv", "a,a@example.com", "line 3: has 2 cells, the heading has 4"),
        (
            "accounts.csv",
            "a,chiara.marin@example.com,2026-01-01T00:00:00Z,",
            "line 3, column login: is the same as in line 2",
        ),
        (
            "accounts.csv",
            "a,a@example.com,2026-01-01T00:00:00,",
            "line 3, column created_at: has no zone; write 2026-01-31T18:30:00+01:00, or Z for UTC",
        ),
        (
            "accounts.csv",
            "a,a@example.com,yesterday,",
            "line 3, column created_at: is not a moment such as 2026-01-31T18:30:00+01:00",
        ),
        ("contacts.csv", f"c,{COMPANY},A\x07B,,", "line 4, column name: holds the control character U+0007"),
        (
            "contacts.csv",
            f"c,{COMPANY},Bo,,nobody",
            "line 4, column account: nobody is neither in accounts.csv nor in the store",
        ),
        (
            "contracts.csv",
            "k,laguna-marin,laguna-molo-5-1,guest,2026-01-01,",
            "line 4, column role: is neither tenant nor owner",
        ),
        (
            "contracts.csv",
            "k,laguna-marin,laguna-molo-5-1,owner,2026-01-01,2025-12-31",
            "line 4, column ends_on: is before starts_on",
        ),
        (
            "contracts.csv",
            "k,laguna-marin,laguna-molo-5-1,owner,31/01/2026,",
            "line 4, column starts_on: is not a day such as 2026-01-31",
        ),
        (
            "contracts.csv",
            "k,laguna-marin,laguna-molo-5-1,owner,0026-01-31,",
            "line 4, column starts_on: is not between the years 1900 and 2199",
        ),
        (
            "invites.csv",
            "i,laguna-marin,,,ABC-2345,2026-01-01T00:00Z,2026-02-01T00:00Z,,,",
            "line 4, column code: is not an invite code: 8 characters out of ABCDEFGHJKMNPQRSTUVWXYZ23456789",
        ),
        (
            "invites.csv",
            "i,laguna-marin,,,nbnt2345,2026-01-01T00:00Z,2026-02-01T00:00Z,,,",
            "line 4, column code: is the same as in line 3",
        ),
        (
            "invites.csv",
            "i,laguna-marin,,,ABCD-2345,2026-01-01T00:00Z,2026-01-01T00:00Z,,,",
            "line 4, column expires_at: is not after issued_at",
        ),
        (
            "invites.csv",
            "i,laguna-marin,,,ABCD-2345,2026-01-01T00:00Z,2026-02-01T00:00Z,2025-12-31T00:00Z,,",
            "line 4, column used_at: is before issued_at",
        ),
        (
            "invites.csv",
            "i,laguna-marin,,,ABCD-2345,2026-01-01T00:00Z,2026-02-01T00:00Z,,account-marin,",
            "line 4, column used_at: is empty, but used_by is not",
        ),
        (
            "invites.csv",
            "i,laguna-marin,laguna-2026-02,,ABCD-2345,2026-01-01T00:00Z,2026-02-01T00:00Z,,,",
            "line 4, column contract: laguna-2026-02 is of another contact",
        ),
    ],
)
def test_a_bad_row_is_reported_where_it_stands(
    engine: Engine, folder: Path, file: str, line: str, problem: str
) -> None:
    add(folder, file, line)
    assert problems(engine, folder) == [f"{file}, {problem}"]


def test_nothing_of_another_company_can_be_tied_to_a_contact(engine: Engine, folder: Path) -> None:
    add(folder, "companies.csv", "other,Other,+39 1,o@example.com")
    add(folder, "administrators.csv", "other-admin,other,Ada")
    add(folder, "properties.csv", "other-house,other,Via Po 1")
    add(folder, "units.csv", "other-unit,other-house,int. 1")
    add(folder, "contracts.csv", "k,laguna-marin,other-unit,tenant,2026-01-01,")
    add(
        folder,
        "invites.csv",
        "i,laguna-marin,,other-admin,ABCD-2345,2026-01-01T00:00Z,2026-02-01T00:00Z,,,",
    )
    assert problems(engine, folder) == [
        "contracts.csv, line 4, column unit: other-unit is of another company than the contact",
        "invites.csv, line 4, column administrator: other-admin is of another company than the contact",
    ]


def test_a_contact_cannot_go_over_to_another_company(engine: Engine, folder: Path) -> None:
    load_folder(engine, folder)
    add(folder, "companies.csv", "other,Other,+39 1,o@example.com")
    change(folder, "contacts.csv", f"laguna-marin,{COMPANY}", "laguna-marin,other")
    assert problems(engine, folder) == [
        f"contacts.csv, line 2, column company: laguna-marin is of {COMPANY} and cannot change that; "
        "give the new row a new id"
    ]


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        (
            "accounts.csv",
            "account-marin,",
            "account-new,",
            "accounts.csv, line 2, column login: is taken by account-marin",
        ),
        (
            "invites.csv",
            "laguna-invite-2",
            "new",
            "invites.csv, line 3, column code: is taken by laguna-invite-2",
        ),
        (
            "units.csv",
            "laguna-molo-5-2,",
            "new,",
            "units.csv, line 3, column label: is taken by laguna-molo-5-2",
        ),
    ],
)
def test_what_the_store_holds_under_another_key_is_taken(
    engine: Engine, folder: Path, file: str, old: str, new: str, problem: str
) -> None:
    load_folder(engine, folder)
    change(folder, file, old, new)
    assert problem in problems(engine, folder)


def test_only_the_cause_is_reported_not_what_refers_to_it(engine: Engine, folder: Path) -> None:
    change(folder, "properties.csv", "Via del Molo 5", "")
    assert problems(engine, folder) == ["properties.csv, line 2, column address: is empty"]


def test_all_bad_rows_are_reported_together_and_nothing_is_changed(engine: Engine, folder: Path) -> None:
    load_folder(engine, folder)
    before = content(engine)
    change(folder, "companies.csv", "Amministrazioni Laguna", "Renamed")
    add(folder, "accounts.csv", "a,a@example.com,never,", "b,b,2026-01-01T00:00Z,")
    add(folder, "contacts.csv", "c,nowhere,Bo,,")
    assert problems(engine, folder) == [
        "accounts.csv, line 3, column created_at: is not a moment such as 2026-01-31T18:30:00+01:00",
        "accounts.csv, line 4, column login: is not a mail address",
        "contacts.csv, line 4, column company: nowhere is neither in companies.csv nor in the store",
    ]
    assert content(engine) == before


def test_a_hundred_problems_end_the_load(engine: Engine, folder: Path) -> None:
    add(folder, "accounts.csv", *(f"a{number},nobody,2026-01-01T00:00Z," for number in range(500)))
    with pytest.raises(LoadFailed, match="Stopped after 100 problems: nothing was loaded") as failure:
        load_folder(engine, folder)
    assert len(failure.value.problems) == 100


def test_missing_files_and_columns_are_named(engine: Engine, folder: Path) -> None:
    (folder / "units.csv").unlink()
    assert problems(engine, folder) == [f"units.csv: is missing in {folder}; without data it holds the heading alone"]
    (folder / "units.csv").write_text("id,propriety,label\n")
    found = problems(engine, folder)
    assert "units.csv, line 1: the column property is missing; expected: id,property,label" in found
    assert "units.csv, line 1: there is no column propriety; expected: id,property,label" in found


def test_an_empty_file_and_a_missing_folder_are_named(engine: Engine, folder: Path) -> None:
    (folder / "companies.csv").write_text("")
    assert "the column slug is missing" in problems(engine, folder)[0]
    assert problems(engine, folder / "nowhere") == [f"{folder / 'nowhere'}: is not a folder"]


def test_text_in_another_encoding_is_named(engine: Engine, folder: Path) -> None:
    path = folder / "contacts.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("latin-1"))
    assert problems(engine, folder) == ["contacts.csv, line 3, column name: is not UTF-8; save the file as UTF-8"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [('c,"unclosed', "unexpected end of data"), ("c,\0,,,", "line contains NUL")],
)
def test_a_line_that_is_no_csv_is_named(engine: Engine, folder: Path, line: str, reason: str) -> None:
    add(folder, "contacts.csv", line)
    assert problems(engine, folder) == [f"contacts.csv, line 4: cannot be read as CSV: {reason}"]


def test_rows_beyond_one_chunk_are_checked_and_loaded(engine: Engine, folder: Path) -> None:
    add(
        folder,
        "accounts.csv",
        *(f"a{number},a{number}@example.com,2026-01-01T00:00Z," for number in range(11_000)),
    )
    assert load_folder(engine, folder)["accounts"] == 11_001
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(metadata.tables["account"])).scalar() == 11_001


def test_the_reader_says_how_far_it_is(engine: Engine, folder: Path) -> None:
    read: dict[str, int] = {}
    load_folder(engine, folder, read.__setitem__)
    assert read == {path.name: path.stat().st_size for path in folder.glob("*.csv")}
