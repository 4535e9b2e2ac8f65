"""An account that no contact refers to any more still gets an answer."""

from __future__ import annotations

from sqlalchemy import delete

from actions.accounts.models import ContactRow
from actions.administrators import ActionFindAdministrator
from actions.contracts import ActionCheckContract
from tests.unit.staff.conftest import empty_stores, office
from tests.unit.staff.office import Office

__all__ = ["empty_stores", "office"]

PROOF = {"tier": "portal", "account_id": "brenta-a", "client": "x"}


def forget_contacts(office: Office) -> None:
    with office.accounts_engine.begin() as connection:
        connection.execute(delete(ContactRow).where(ContactRow.account_id == "brenta-a"))


def test_it_has_no_contract_and_no_administrator(office: Office) -> None:
    forget_contacts(office)
    contract = office.ask(ActionCheckContract, "il mio contratto è attivo?", proof=PROOF)
    assert contract.slots["contract_status"] == "none"
    assert contract.slots["company_name"] is None
    administrator = office.ask(ActionFindAdministrator, "chi è il mio amministratore?", proof=PROOF)
    assert administrator.slots["administrator_known"] is False
