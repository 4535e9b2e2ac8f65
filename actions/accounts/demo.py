"""The demo data: two companies and nine customers, one for each case, with dates relative to a day."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from actions.accounts.models import (
    AccountRow,
    AdministratorRow,
    Base,
    CompanyRow,
    ContactRow,
    ContractRow,
    InviteRow,
    NameWordRow,
    PropertyRow,
    UnitRow,
)
from actions.accounts.names import fold, name_words
from actions.accounts.places import fold_address
from actions.accounts.spelling_index import add_words
from actions.invite_codes import normalize_code

# Who may be picked on the staff page of a demo: nobody whom a loader added.
ADMINISTRATORS = ("demo-studio-brennero", "demo-gestioni-adige")
_ACCOUNTS = {
    "rossi": "maria.rossi@googlemail.com",
    "bianchi": "luca.bianchi@example.com",
    "ferrari": "giulia.ferrari@example.com",
    "gallo": "paolo.gallo@example.com",
    "conti": "e.conti@old.example.com",
    "huber": "franz.huber@example.com",
}


def load_demo(engine: Engine, today: date, zone: ZoneInfo) -> None:
    """Add the demo data, or bring it back to what it was; nothing else is touched, nor the audit trail."""
    with Session(engine, future=True) as session, session.begin():
        for rows in _layers(today, zone):
            for row in rows:
                session.merge(row)
            session.flush()
        words = session.execute(select(NameWordRow.company_slug, NameWordRow.word).distinct()).all()
        add_words(session.connection(), words)


def _layers(today: date, zone: ZoneInfo) -> list[list[Base]]:
    """The rows, each layer referring to earlier ones only."""

    def at(days: int) -> datetime:
        return datetime.combine(today + timedelta(days=days), time(12), zone).astimezone(timezone.utc)

    def account(key: str, login: str) -> AccountRow:
        return AccountRow(id=f"demo-{key}", login=login, folded_login=fold(login), created_at=at(-400), locked_at=None)

    def contact(key: str, name: str, email: str, company: str = "studio-brennero") -> ContactRow:
        account = f"demo-{key}" if key in _ACCOUNTS else None
        return ContactRow(
            id=f"demo-{key}",
            company_slug=company,
            name=name,
            email=email,
            folded_email=fold(email),
            account_id=account,
        )

    def contract(key: str, unit: str, role: str, starts: int, ends: int | None = None) -> ContractRow:
        return ContractRow(
            id=f"demo-{key}",
            contact_id=f"demo-{key}",
            unit_id=unit,
            role=role,
            starts_on=today + timedelta(days=starts),
            ends_on=None if ends is None else today + timedelta(days=ends),
        )

    def invite(
        key: str,
        code: str,
        expires: int,
        *,
        used: int | None = None,
        revoked: int | None = None,
        contract: bool = True,
        company: str = "studio-brennero",
    ) -> InviteRow:
        return InviteRow(
            id=f"demo-{key}",
            contact_id=f"demo-{key}",
            contract_id=f"demo-{key}" if contract else None,
            administrator_id=f"demo-{company}",
            code=normalize_code(code),
            issued_at=at(min(expires, used or 0, revoked or 0) - 30),
            expires_at=at(expires),
            used_at=None if used is None else at(used),
            used_by=None if used is None else f"demo-{key}",
            revoked_at=None if revoked is None else at(revoked),
        )

    contacts = [
        contact("rossi", "Maria Rossi", "maria.rossi@gmail.com"),
        contact("bianchi", "Luca Bianchi", "luca.bianchi@example.com"),
        contact("ferrari", "Giulia Ferrari", "giulia.ferrari@example.com"),
        contact("gallo", "Paolo Gallo", "paolo.gallo@example.com"),
        contact("conti", "Elena Conti", "elena.conti@example.com"),
        contact("greco", "Sara Greco", "sara.greco@example.com"),
        contact("fontana", "Davide Fontana", "davide.fontana@example.com"),
        contact("serra", "Anna Serra", "anna.serra@example.com"),
        contact("huber", "Franz Huber", "franz.huber@example.com", "gestioni-adige"),
    ]
    return [
        [
            CompanyRow(
                slug="studio-brennero",
                name="Studio Brennero",
                phone="+39 0471 555 010",
                email="studio@brennero.example.com",
            ),
            CompanyRow(
                slug="gestioni-adige",
                name="Gestioni Adige",
                phone="+39 045 555 0200",
                email="info@adige.example.com",
            ),
        ],
        [
            AdministratorRow(id="demo-studio-brennero", company_slug="studio-brennero", name="Martina Kofler"),
            AdministratorRow(id="demo-gestioni-adige", company_slug="gestioni-adige", name="Paolo Zanetti"),
            *(
                PropertyRow(id=key, company_slug=company, address=address, folded_address=fold_address(address))
                for key, company, address in (
                    ("demo-roma-12", "studio-brennero", "Via Roma 12"),
                    ("demo-piave-3", "studio-brennero", "Via Piave 3"),
                    ("demo-adige-8", "gestioni-adige", "Corso Adige 8"),
                )
            ),
            *(account(key, login) for key, login in _ACCOUNTS.items()),
        ],
        [
            *(
                UnitRow(id=f"{building}-{number}", property_id=building, label=f"int. {number}")
                for building, numbers in (
                    ("demo-roma-12", "479"),
                    ("demo-piave-3", "125"),
                    ("demo-adige-8", "3"),
                )
                for number in numbers
            ),
            *contacts,
        ],
        [
            *(
                NameWordRow(contact_id=row.id, word=word, company_slug=row.company_slug)
                for row in contacts
                for word in name_words(row.name)
            ),
            contract("rossi", "demo-roma-12-4", "tenant", -400),
            contract("bianchi", "demo-roma-12-7", "tenant", 15),
            contract("ferrari", "demo-piave-3-1", "tenant", -750, -20),
            contract("conti", "demo-piave-3-2", "owner", -900),
            contract("greco", "demo-piave-3-5", "owner", -60),
            contract("fontana", "demo-roma-12-9", "tenant", -10),
            contract("huber", "demo-adige-8-3", "owner", -500),
        ],
        [
            invite("rossi", "USAT-2345", 0, used=-30),
            invite("bianchi", "PRES-2345", 27, used=-3),
            invite("greco", "SCAD-2345", -12),
            invite("fontana", "VERD-2345", 20),
            invite("serra", "REVC-2345", 10, revoked=-5, contract=False),
            invite("huber", "ADGE-2345", -5, company="gestioni-adige"),
        ],
    ]
