"""The CSV files of `portiere accounts load`, in the order in which they refer to each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, select

from actions.accounts.csv_cells import Reader, code, day, email, moment, role, text
from actions.accounts.models import (
    AccountRow,
    AdministratorRow,
    CompanyRow,
    ContactRow,
    ContractRow,
    InviteRow,
    PropertyRow,
    UnitRow,
)
from actions.accounts.names import fold
from actions.accounts.places import fold_address

Row = dict[str, Any]
Flaw = tuple[str, str]
"""A column and what is wrong with it."""

_KEY = text(64)


@dataclass(frozen=True)
class CsvColumn:
    """A column of a file: its heading, the table's field, how it is read, whether a cell may be empty.

    ``refers_to`` names the file whose key it holds. What it refers to must belong together with what the
    column ``matches`` refers to: the unit of a contract to the company of its contact, say.
    """

    heading: str
    field: str
    read: Reader = _KEY
    optional: bool = False
    refers_to: str | None = None
    matches: str | None = None


@dataclass(frozen=True)
class CsvTable:
    """A file and its table. The first column is the key by which a row is recognised when it is loaded again.

    ``owner`` (a company or a contact) is what a row belongs to, for good; ``owners`` selects key and owner.
    """

    name: str
    table: Table
    columns: tuple[CsvColumn, ...]
    owner: str | None = None
    owners: Any = None
    unique: tuple[str, ...] = ()
    flaw: Callable[[Row], Flaw | None] = lambda row: None
    folded: Callable[[Row], Row] = lambda row: {}

    @property
    def file(self) -> str:
        """The name of the file."""
        return f"{self.name}.csv"

    @property
    def key(self) -> CsvColumn:
        """The column by which rows are recognised."""
        return self.columns[0]

    def column(self, heading: str) -> CsvColumn:
        """The column of that heading."""
        return next(column for column in self.columns if column.heading == heading)


def _key(heading: str = "id") -> CsvColumn:
    return CsvColumn(heading, heading)


def _reference(heading: str, field: str, refers_to: str, **more: Any) -> CsvColumn:
    return CsvColumn(heading, field, refers_to=refers_to, **more)


_COMPANY = _reference("company", "company_slug", "companies")


def _contract_flaw(row: Row) -> Flaw | None:
    if row["ends_on"] is not None and row["ends_on"] < row["starts_on"]:
        return "ends_on", "is before starts_on"
    return None


def _invite_flaw(row: Row) -> Flaw | None:
    if row["expires_at"] <= row["issued_at"]:
        return "expires_at", "is not after issued_at"
    for heading in ("used_at", "revoked_at"):
        if row[heading] is not None and row[heading] < row["issued_at"]:
            return heading, "is before issued_at"
    if row["used_by"] is not None and row["used_at"] is None:
        return "used_at", "is empty, but used_by is not"
    return None


TABLES = (
    CsvTable(
        "companies",
        CompanyRow.__table__,
        (
            _key("slug"),
            CsvColumn("name", "name", text(200)),
            CsvColumn("phone", "phone", text(64)),
            CsvColumn("email", "email", email),
        ),
        owners=select(CompanyRow.slug, CompanyRow.slug),
    ),
    CsvTable(
        "administrators",
        AdministratorRow.__table__,
        (_key(), _COMPANY, CsvColumn("name", "name", text(200))),
        owner="company",
        owners=select(AdministratorRow.id, AdministratorRow.company_slug),
    ),
    CsvTable(
        "properties",
        PropertyRow.__table__,
        (_key(), _COMPANY, CsvColumn("address", "address", text(200))),
        owner="company",
        owners=select(PropertyRow.id, PropertyRow.company_slug),
        folded=lambda row: {"folded_address": fold_address(row["address"])},
    ),
    CsvTable(
        "units",
        UnitRow.__table__,
        (_key(), _reference("property", "property_id", "properties"), CsvColumn("label", "label", text(64))),
        owner="company",
        owners=select(UnitRow.id, PropertyRow.company_slug).join(UnitRow.property),
        unique=("property_id", "label"),
    ),
    CsvTable(
        "accounts",
        AccountRow.__table__,
        (
            _key(),
            CsvColumn("login", "login", email),
            CsvColumn("created_at", "created_at", moment),
            CsvColumn("locked_at", "locked_at", moment, optional=True),
        ),
        owners=select(AccountRow.id, AccountRow.id),
        unique=("login",),
        folded=lambda row: {"folded_login": fold(row["login"])},
    ),
    CsvTable(
        "contacts",
        ContactRow.__table__,
        (
            _key(),
            _COMPANY,
            CsvColumn("name", "name", text(200)),
            CsvColumn("email", "email", email, optional=True),
            _reference("account", "account_id", "accounts", optional=True),
        ),
        owner="company",
        owners=select(ContactRow.id, ContactRow.company_slug),
        folded=lambda row: {"folded_email": fold(row["email"]) if row["email"] else None},
    ),
    CsvTable(
        "contracts",
        ContractRow.__table__,
        (
            _key(),
            _reference("contact", "contact_id", "contacts"),
            _reference("unit", "unit_id", "units", matches="contact"),
            CsvColumn("role", "role", role),
            CsvColumn("starts_on", "starts_on", day),
            CsvColumn("ends_on", "ends_on", day, optional=True),
        ),
        owner="contact",
        owners=select(ContractRow.id, ContractRow.contact_id),
        flaw=_contract_flaw,
    ),
    CsvTable(
        "invites",
        InviteRow.__table__,
        (
            _key(),
            _reference("contact", "contact_id", "contacts"),
            _reference("contract", "contract_id", "contracts", optional=True, matches="contact"),
            _reference("administrator", "administrator_id", "administrators", optional=True, matches="contact"),
            CsvColumn("code", "code", code),
            CsvColumn("issued_at", "issued_at", moment),
            CsvColumn("expires_at", "expires_at", moment),
            CsvColumn("used_at", "used_at", moment, optional=True),
            _reference("used_by", "used_by", "accounts", optional=True),
            CsvColumn("revoked_at", "revoked_at", moment, optional=True),
        ),
        owner="contact",
        owners=select(InviteRow.id, InviteRow.contact_id),
        unique=("code",),
        flaw=_invite_flaw,
    ),
)
