"""An administrator's office: real stores with two companies, and actions run as the action server does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.engine import Engine

from actions.accounts.store import SqlAccounts
from actions.attempts import Attempts
from actions.base import PortiereAction
from actions.services import Services
from bot.conversations.mailbox_numbers import MailboxNumbers
from bot.conversations.outbox import Outbox
from bot.conversations.store import ConversationStore, Proof
from bot.privacy.vault import Vault
from bot.settings import Settings
from tests.unit.accounts.factories import (
    NOW,
    account,
    administrator,
    company,
    contact,
    contract,
    house,
    invite,
    save,
)

DAY = timedelta(days=1)


@dataclass
class Said:
    """What an action answered: responses with their values, and the slots that it set."""

    messages: list[dict[str, Any]]
    slots: dict[str, Any]
    events: list[dict[str, Any]] = field(default_factory=list)

    @property
    def responses(self) -> list[str]:
        return [message["response"] for message in self.messages]

    @property
    def buttons(self) -> list[str]:
        return [button["title"] for message in self.messages for button in message["buttons"]]

    def table(self) -> dict[str, Any]:
        return next(message["custom"] for message in self.messages if message["custom"].get("kind") == "table")


@dataclass
class Office:
    """Runs staff actions for one administrator after another."""

    services: Services
    accounts_engine: Engine
    conversations_engine: Engine

    def conversation(self, company: str = "brenta") -> str:
        proof = Proof(tier="administrator", subject=f"admin-{company}", company=company)
        opened, _ = self.services.conversations.open("staff", "it", proof, NOW, timedelta(hours=1))
        return opened.id

    def ask(
        self,
        action: type[PortiereAction],
        text: str = "",
        *,
        company: str = "brenta",
        entities: Mapping[str, str] | None = None,
        more_codes: Sequence[str] = (),
        slots: Mapping[str, Any] | None = None,
        conversation: str | None = None,
        said_before: Sequence[str] = (),
        proof: Mapping[str, Any] | None = None,
    ) -> Said:
        """Run one action on a message; addresses and codes in ``entities`` are values, as a person types them."""
        conversation = conversation or self.conversation(company)
        kinds = {"email": "email", "invite_code": "codice"}
        references = {
            name: self.services.vault.store(conversation, kinds[name], value) if name in kinds else value
            for name, value in (entities or {}).items()
        }
        metadata = {"tier": "administrator", "company": company, "subject": f"admin-{company}", "client": "x"}
        latest = {
            "text": text,
            "intent": {"name": "inform"},
            "entities": [
                *({"entity": name, "value": value} for name, value in references.items()),
                *(
                    {"entity": "invite_code", "value": self.services.vault.store(conversation, "codice", code)}
                    for code in more_codes
                ),
            ],
            "metadata": metadata if proof is None else dict(proof),
        }
        events = [
            *({"event": "bot", "metadata": {"utter_action": response}} for response in said_before),
            {"event": "user", "text": text, "parse_data": latest},
        ]
        tracker = Tracker(conversation, {**references, **(slots or {})}, latest, events, False, None, {}, None)
        dispatcher = CollectingDispatcher()
        found = asyncio.run(action(self.services).run(dispatcher, tracker, {}))
        set_slots = {event["name"]: event["value"] for event in found if event["event"] == "slot"}
        return Said(dispatcher.messages, set_slots, list(found))

    def shown(self, said: Said, conversation: str) -> str:
        """Everything in an answer as the person would see it, and more: slots and payloads, too."""
        everything = json.dumps([said.messages, said.events], ensure_ascii=False, default=str)
        return self.services.vault.unmask(conversation, everything)


def build_office(folder: Path, accounts_engine: Engine, conversations_engine: Engine) -> Office:
    """Two companies whose customers and streets have nearly the same names."""
    _write_company(accounts_engine, "brenta", "Adele Vianello", "Bruno Carraro", "Dora Scarpa", "Molo", "ABCD")
    _write_company(
        accounts_engine, "livenza", "Adele Vianella", "Bruno Carrara", "Dora Scarpi", "Mole", "WXYZ", later=DAY
    )
    settings = Settings(
        home=folder,
        accounts_url=accounts_engine.url.render_as_string(hide_password=False),
        conversations_url=conversations_engine.url.render_as_string(hide_password=False),
    )
    vault = Vault(conversations_engine, b"k" * 32)
    services = Services(
        accounts=SqlAccounts(accounts_engine),
        conversations=ConversationStore(conversations_engine),
        vault=vault,
        outbox=Outbox(conversations_engine),
        mailbox_numbers=MailboxNumbers(conversations_engine, b"n" * 32, vault.resolve),
        attempts=Attempts(FixedWindowRateLimiter(MemoryStorage()), settings),
        settings=settings,
        now=lambda: NOW,
    )
    return Office(services, accounts_engine, conversations_engine)


def _write_company(
    engine: Engine,
    slug: str,
    settled: str,
    expired: str,
    open_: str,
    street: str,
    code: str,
    later: timedelta = timedelta(),
) -> None:
    """One who is in, one whose invite has expired, one whose invite is open and whose contract ends this month.

    No two companies have a date in common: ``later`` moves all of them.
    """
    today: date = NOW.date() + later
    now = NOW + later

    def address(name: str) -> str:
        return f"{name.replace(' ', '.').lower()}@example.com"

    save(
        engine,
        [company(slug)],
        [administrator(slug, "Irene Zorzi"), account(f"{slug}-a", address(settled))],
        house(f"{slug}-h", f"Via del {street} 5", "int. 1", "int. 2", "int. 3", company=slug),
        contact(f"{slug}-settled", settled, company=slug, email=address(settled), account=f"{slug}-a"),
        contact(f"{slug}-expired", expired, company=slug, email=address(expired)),
        contact(f"{slug}-open", open_, company=slug, email=address(open_)),
        [
            contract(f"{slug}-k1", f"{slug}-settled", f"{slug}-h-int. 1", starts_on=today - 400 * DAY),
            contract(f"{slug}-k2", f"{slug}-expired", f"{slug}-h-int. 2", starts_on=today - 390 * DAY),
            contract(
                f"{slug}-k3", f"{slug}-open", f"{slug}-h-int. 3", starts_on=today - 380 * DAY, ends_on=today + 5 * DAY
            ),
        ],
        [
            invite(f"{slug}-i1", f"{slug}-settled", f"{code}2345", used_at=now - 20 * DAY, used_by=f"{slug}-a"),
            invite(f"{slug}-i2", f"{slug}-expired", f"{code}2346", contract_id=f"{slug}-k2", expires_at=now - 10 * DAY),
            invite(f"{slug}-i3", f"{slug}-open", f"{code}2347", contract_id=f"{slug}-k3", expires_at=now + 3 * DAY),
        ],
    )
