"""Mails that are kept instead of sent go when the texts of their conversation go."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import pytest

from bot.conversations.keeper import finish_erasures
from bot.conversations.log.retention import erase, purge_texts
from bot.conversations.log.tables import logged_conversation
from bot.mail.worker import Postman
from tests.unit.mail.conftest import NOW, PostOffice
from tests.unit.mail.test_delivery import with_settings

LATER = NOW + timedelta(days=31)


@pytest.fixture
def kept(office: PostOffice) -> list[str]:
    """Two conversations, each with a mail in the folder."""
    talks = [office.ask_for(address) for address in ("maria.rossi@gmail.com", "luca.bianchi@example.com")]
    Postman(with_settings(office, smtp_url=""), now=lambda: office.now).send_due()
    assert len(mails_of(office)) == 2
    return talks


def mails_of(office: PostOffice) -> list[str]:
    """What lies in the folder, in all its files."""
    return [path.read_text() for path in (office.settings.home / "mailbox").rglob("*") if path.is_file()]


def test_they_stay_while_the_conversation_does(office: PostOffice, kept: list[str]) -> None:
    finish_erasures(office.engine, office.settings, NOW)
    assert len(mails_of(office)) == len(kept)


def test_an_erasure_takes_those_of_its_conversation(office: PostOffice, kept: list[str]) -> None:
    erase(office.engine, kept[0], actor="carla", reason=None, now=NOW)
    finish_erasures(office.engine, office.settings, NOW)
    (left,) = mails_of(office)
    assert "luca.bianchi@example.com" in left


def test_the_command_takes_them_at_once(office: PostOffice, kept: list[str]) -> None:
    command = [sys.executable, "-m", "bot.cli.main", "conversations", "erase", "--", kept[0]]
    subprocess.run(command, env={"PORTIERE_HOME": str(office.settings.home)}, check=True, capture_output=True)
    (left,) = mails_of(office)
    assert "luca.bianchi@example.com" in left


def test_they_go_with_texts_that_are_too_old(office: PostOffice, kept: list[str]) -> None:
    with office.engine.begin() as connection:
        for talk in kept:
            connection.execute(
                logged_conversation.insert().values(
                    id=talk,
                    channel="widget",
                    language="it",
                    tier="anonymous",
                    started_at=NOW if talk == kept[0] else LATER,
                    ended_at=NOW if talk == kept[0] else LATER,
                    turns=1,
                    unsure_turns=0,
                    outcome="abandoned",
                    has_texts=True,
                )
            )
    purge_texts(office.engine, LATER - timedelta(days=30), LATER, "keeper")
    finish_erasures(office.engine, office.settings, LATER)
    (left,) = mails_of(office)
    assert "luca.bianchi@example.com" in left


def test_those_of_no_conversation_go(office: PostOffice, kept: list[str]) -> None:
    (office.settings.home / "mailbox" / "1700000000000000000.eml").write_text("from an earlier version")
    finish_erasures(office.engine, office.settings, NOW)
    assert len(mails_of(office)) == len(kept)
