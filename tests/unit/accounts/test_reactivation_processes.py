"""Reactivating several invites: all or none and once, whatever happens to the processes that do it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.engine import Engine

from actions.accounts.interface import ReactivationRefused
from actions.accounts.models import AccessEventRow, InviteRow
from actions.accounts.records import Confirmation
from actions.accounts.store import SqlAccounts
from tests.unit.accounts.factories import NOW, company, contact, invite, save

KEYS = ["i1", "i2", "i3", "i4"]
# A process of its own that confirms all four. With a file's name as third argument it stops before its third entry of
# the audit trail, and says so by making the file.
CONFIRM = """
import sys, time
from datetime import timedelta
from pathlib import Path
from actions.accounts import reactivations
from actions.accounts.records import Confirmation
from actions.accounts.store import SqlAccounts
from bot.database import open_engine
from tests.unit.accounts.factories import NOW

if len(sys.argv) > 3:
    original, written = reactivations.AccessEventRow, []
    def entry(**values):
        written.append(values)
        if len(written) == 3:
            Path(sys.argv[3]).touch()
            time.sleep(60)
        return original(**values)
    reactivations.AccessEventRow = entry
confirmation = Confirmation("brenta", "irene", sys.argv[2], NOW, NOW + timedelta(days=30))
SqlAccounts(open_engine(sys.argv[1])).reactivate_invites(["i4", "i3", "i2", "i1"], confirmation)
"""


@pytest.fixture(autouse=True)
def world(engine: Engine) -> None:
    save(
        engine,
        [company("brenta"), company("livenza")],
        contact("ada", "Ada Neri"),
        contact("eva", "Eva Neri", company="livenza"),
        [invite(key, "ada", f"ABCD234{number}") for number, key in enumerate(KEYS, start=5)],
        invite("foreign", "eva", "WXYZ2345"),
    )


def confirm(url: str, conversation: str, *more: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", CONFIRM, url, conversation, *more], start_new_session=True)


def state(engine: Engine) -> tuple[list[Any], list[Any]]:
    """The expiries, and which invites the audit trail names."""
    invites, trail = InviteRow.__table__, AccessEventRow.__table__
    with engine.connect() as connection:
        expiries = connection.execute(select(invites.c.expires_at).where(invites.c.id.in_(KEYS))).scalars().all()
        return list(expiries), sorted(connection.execute(select(trail.c.invite_id)).scalars().all())


def test_two_processes_at_once_change_each_invite_once(url: str, engine: Engine) -> None:
    processes = [confirm(url, f"c{number}") for number in range(2)]
    assert [process.wait(60) for process in processes] == [0, 0]
    expiries, trail = state(engine)
    assert all(expiry > NOW for expiry in expiries)
    assert trail == KEYS


def test_a_process_that_is_killed_in_the_middle_leaves_nothing_half_done(
    url: str, engine: Engine, tmp_path: Path
) -> None:
    before = state(engine)
    stopped = tmp_path / "stopped"
    process = confirm(url, "c1", str(stopped))
    until = time.monotonic() + 30
    while not stopped.exists() and time.monotonic() < until:
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait(10)
    assert stopped.exists()
    assert state(engine) == before
    assert confirm(url, "c1").wait(60) == 0
    assert state(engine)[1] == KEYS


@pytest.mark.parametrize("foreign", ["foreign", "nothing"])
def test_one_invite_of_another_company_refuses_all(accounts: SqlAccounts, engine: Engine, foreign: str) -> None:
    before = state(engine)
    with pytest.raises(ReactivationRefused):
        accounts.reactivate_invites([*KEYS, foreign], Confirmation("brenta", "irene", "c1", NOW, NOW))
    assert state(engine) == before
