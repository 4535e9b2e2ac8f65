"""Expired invites as staff see them: those of a place and of the days that a message names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from actions.accounts.names import fold
from actions.accounts.records import Tenancy
from actions.invite_codes import format_code
from actions.periods import Period, find_period
from actions.phrases import phrase
from actions.turn import Turn

COLUMNS = ("name", "unit", "code", "expires_on")

_BEGINNING = date(1970, 1, 1)
# Days for which or until when something is to be done say nothing of when an invite expired.
_WHEN = re.compile(r"\bscadut[ieoa]\b(?:(?!\b(?:entro|per|fino|prima possibile)\b).)*")


def expired_period(text: str, today: date) -> Period:
    """The days, up to today, in which a text wants invites to have expired; all days so far if it names none."""
    period = find_period(text, today, "this_month")
    if period.is_said:
        return replace(period, last=min(period.last, today))
    return replace(period, first=_BEGINNING, last=today, name=phrase("period.so_far"))


def period_of_expired(text: str, today: date) -> Period:
    """`expired_period` of what a wish says after `scaduti`: `dai altri 30 giorni agli scaduti` names no period."""
    found = _WHEN.search(fold(text))
    return expired_period(found[0] if found else "", today)


def moments_of(period: Period, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """After which moment and until which one something happens in these days."""
    instant = timedelta(microseconds=1)
    begin = datetime.combine(period.first, time(), zone) - instant
    return begin, datetime.combine(period.last + timedelta(days=1), time(), zone) - instant


def invite_cells(turn: Turn, rows: Sequence[Tenancy]) -> list[list[str]]:
    """The texts of a table of invites: who, where, which code, until when."""
    invites = [row.invite for row in rows if row.invite]
    codes = turn.references([("codice", format_code(invite.code)) for invite in invites])
    return [
        [row.contact.name, invite.unit_name or "", code, turn.short_date(invite.expires_at)]
        for row, invite, code in zip(rows, invites, codes, strict=True)
    ]
