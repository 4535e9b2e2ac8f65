"""What actions count as a guess or a mail, and that it does not depend on what exists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from actions.base import PortiereAction
from actions.invites import ActionCheckInvite, ActionRequestReminder
from actions.login_addresses import ActionCheckEmail
from actions.recovery import ActionCheckNumber, ActionRequestRecovery
from bot.conversations.store import Proof
from tests.unit.accounts.factories import NOW
from tests.unit.staff.office import DAY, Office, Said

ANONYMOUS = {"tier": "anonymous", "client": "a house"}
USED, EXPIRED, OPEN = "ABCD2345", "ABCD2346", "ABCD2347"
LOGIN = "adele.vianello@example.com"


class Tenant:
    """Somebody without a proof, in a conversation of their own."""

    def __init__(self, office: Office, client: str = "a house") -> None:
        self._office = office
        self._proof = {**ANONYMOUS, "client": client}
        self.talk = office.services.conversations.open("widget", "it", Proof(client=client), NOW, DAY)[0].id

    def ask(self, action: type[PortiereAction], slots: Mapping[str, Any] | None = None, **values: str) -> Said:
        said_before: tuple[str, ...] = ()
        if action is ActionRequestReminder:  # is offered after the code was looked up
            said_before, slots = ("utter_invite_used",), {"tier": "code"}
        return self._office.ask(
            action, conversation=self.talk, entities=values, slots=slots, proof=self._proof, said_before=said_before
        )

    def try_number(self, number: str) -> Said:
        return self.ask(
            ActionCheckNumber, {"mailbox_number": self._office.services.vault.store(self.talk, "numero", number)}
        )


def is_refused(said: Said) -> bool:
    return any(event.get("name") == "utter_too_many_attempts" for event in said.events)


def unknown(number: int) -> str:
    return f"MNPQ{number + 2222}"


class TestCodes:
    def test_found_ones_count_as_unknown_ones_do(self, office: Office) -> None:
        tenant = Tenant(office)
        for code in (USED, EXPIRED, OPEN, *map(unknown, range(5))):
            assert not is_refused(tenant.ask(ActionCheckInvite, invite_code=code))
        assert is_refused(tenant.ask(ActionCheckInvite, invite_code="WXYZ2345"))
        assert is_refused(tenant.ask(ActionCheckInvite, invite_code=unknown(8)))

    def test_what_was_answered_once_is_answered_again(self, office: Office) -> None:
        tenant = Tenant(office)
        for number in range(8):
            tenant.ask(ActionCheckInvite, invite_code=unknown(number))
        assert not is_refused(tenant.ask(ActionCheckInvite, invite_code=unknown(0)))

    def test_an_administrator_may_ask_about_any_number_of_the_companys_own(self, office: Office) -> None:
        talk = office.conversation()
        for number in range(8):
            office.ask(ActionCheckInvite, conversation=talk, entities={"invite_code": unknown(number)})
        own, foreign, none = (
            office.ask(ActionCheckInvite, conversation=talk, entities={"invite_code": code})
            for code in (USED, "WXYZ2345", unknown(9))
        )
        assert own.slots["invite_status"] == "used"
        assert is_refused(foreign)
        assert is_refused(none)


class TestAddresses:
    @pytest.mark.parametrize("code", [USED, OPEN], ids=["with an account behind it", "without one"])
    def test_each_that_is_compared_with_a_code_is_counted(self, office: Office, code: str) -> None:
        tenant = Tenant(office)
        for number in range(7):
            address = LOGIN if number == 3 else f"somebody{number}@example.com"
            assert not is_refused(tenant.ask(ActionCheckEmail, invite_code=code, email=address))
        assert is_refused(tenant.ask(ActionCheckEmail, invite_code=code, email="one.more@example.com"))

    def test_without_a_code_nothing_is_compared_and_nothing_counted(self, office: Office) -> None:
        tenant = Tenant(office)
        for number in range(20):
            assert not is_refused(tenant.ask(ActionCheckEmail, email=f"somebody{number}@example.com"))


class TestReminders:
    def test_the_owner_of_an_account_gets_three_an_hour_from_whatever_conversations(self, office: Office) -> None:
        for number in range(3):
            said = Tenant(office, f"house {number}").ask(ActionRequestReminder, invite_code=USED)
            assert said.slots["request_made"] is True
        fourth = Tenant(office, "another house")
        assert is_refused(fourth.ask(ActionRequestReminder, invite_code=USED))
        office.services.outbox.collect_requests(NOW)
        assert len(office.services.outbox.listed("waiting")) == 3

    def test_they_count_as_help_mails_do(self, office: Office) -> None:
        for number in range(3):
            Tenant(office, f"house {number}").ask(ActionRequestRecovery, email=LOGIN.title())
        assert is_refused(Tenant(office, "another house").ask(ActionRequestReminder, invite_code=USED))


class TestNumbers:
    @pytest.mark.parametrize("address", [LOGIN, "nobody@example.com"])
    def test_those_for_one_address_are_counted_over_all_conversations(self, office: Office, address: str) -> None:
        tenants = [Tenant(office, f"house {number}") for number in range(3)]
        for tenant in tenants:
            assert not is_refused(tenant.ask(ActionRequestRecovery, email=address))
        for attempt in range(10):
            assert not is_refused(tenants[attempt % 2].try_number(f"{attempt:06}"))
        assert is_refused(tenants[2].try_number("123456"))

    def test_another_address_typed_meanwhile_changes_nothing(self, office: Office) -> None:
        tenants = [Tenant(office, f"house {number}") for number in range(2)]
        for tenant in tenants:
            tenant.ask(ActionRequestRecovery, email=LOGIN)
        for attempt in range(10):
            tenants[0].try_number(f"{attempt:06}")
        elsewhere = office.services.vault.store(tenants[1].talk, "email", "nobody@example.com")
        number = office.services.vault.store(tenants[1].talk, "numero", "123456")
        assert is_refused(tenants[1].ask(ActionCheckNumber, {"email": elsewhere, "mailbox_number": number}))
