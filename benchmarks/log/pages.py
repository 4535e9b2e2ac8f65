"""The console's pages that are measured, as addresses; the number varies what is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from urllib.parse import urlencode

from benchmarks.log.generate import COMMON, END, FINDINGS, MIDDLING, RARE
from bot.conversations.log.outcomes import OUTCOMES

Address = Callable[[int], str]

LIST = "/console/conversations"
LAST_DAY = END.date() - timedelta(days=1)
_INTENTS = ("cannot_log_in", "reset_password", "check_contract", "out_of_scope", "customer_cannot_log_in")


def searches() -> dict[str, Address]:
    """Pages of conversations by words."""
    return {
        "search, a rare word": _list(lambda _: {"words": RARE}),
        "search, a word of one message in 500": _list(lambda _: {"words": MIDDLING}),
        "search, a common word": _list(lambda _: {"words": COMMON}),
        "search, two words": _list(lambda _: {"words": f"{COMMON} password"}),
        "search, a common and a rare word": _list(lambda _: {"words": f"{COMMON} {RARE}"}),
        "search, no such word": _list(lambda _: {"words": "zzzz"}),
        "search, a common word in a month": _list(lambda n: {"words": COMMON, **_month(n)}),
        "search, a word of one message in 500 in a month": _list(lambda n: {"words": MIDDLING, **_month(n)}),
        "search, a common word, went wrong on a day": _list(
            lambda n: {"words": COMMON, "went_wrong": "yes", **_day(11 * n % 350)}
        ),
        "search, a common word, rated down, unsure": _list(
            lambda _: {"words": COMMON, "thumb": "down", "unsure": "yes"}
        ),
    }


def pages(transcripts: Sequence[str], older: Sequence[str], cases: Sequence[str]) -> dict[str, Address]:
    """Every page, given the ids of some conversations, where some pages begin, and the numbers of some cases."""
    return {
        "list, newest": _list(lambda _: {}),
        "list, deep in the year": _list(lambda n: {"older_than": _pick(older, n)}),
        "a month": _list(_month),
        "channel": _list(lambda n: {"channel": _pick(("widget", "staff"), n)}),
        "intent": _list(lambda n: {"intent": _pick(_INTENTS, n)}),
        "finding": _list(lambda n: {"finding": _pick(FINDINGS, n)}),
        "outcome": _list(lambda n: {"outcome": _pick(OUTCOMES, n)}),
        "rated down": _list(lambda _: {"thumb": "down"}),
        "handed off": _list(lambda _: {"handed_off": "yes"}),
        "unsure": _list(lambda _: {"unsure": "yes"}),
        "went wrong": _list(lambda _: {"went_wrong": "yes"}),
        "went wrong on a day": _list(lambda n: {"went_wrong": "yes", **_day(11 * n % 350)}),
        "confidence below 30 %": _list(lambda _: {"below": "30"}),
        "confidence below 1 % (none)": _list(lambda _: {"below": "1"}),
        "intent and finding in a month": _list(
            lambda n: {"intent": _pick(_INTENTS, n), "finding": _pick(FINDINGS, n), **_month(n)}
        ),
        "outcome, rated down, unsure": _list(
            lambda n: {"outcome": _pick(OUTCOMES, n), "thumb": "down", "unsure": "yes"}
        ),
        "seldom intent, finding, outcome, rated down": _list(
            lambda n: {
                "intent": "list_ending_contracts",
                "finding": "not_started",
                "outcome": _pick(OUTCOMES, n),
                "thumb": "down",
            }
        ),
        **searches(),
        "transcript": lambda n: f"{LIST}/{_pick(transcripts, n)}",
        "hand-offs, open": lambda _: "/console/handoffs",
        "hand-offs, closed": lambda _: "/console/handoffs?show=closed",
        "a case": lambda n: f"/console/handoffs/{_pick(cases, n)}",
        "review": lambda _: "/console/review",
        "corrections": lambda _: "/console/corrections",
        "readings": lambda _: "/console/readings",
        "dashboard, 30 days": _dashboard(30),
        "dashboard, 12 months": _dashboard(365),
    }


def _list(asked: Callable[[int], dict[str, str]]) -> Address:
    return lambda number: f"{LIST}?{urlencode(asked(number))}"


def _dashboard(days: int) -> Address:
    """The period ends today, which is counted live; the page shows the figures of the period before, too."""

    def address(number: int) -> str:
        channel = ("", "widget", "staff")[number % 3]
        return f"/console/dashboard?{urlencode({'days': days, 'channel': channel})}"

    return address


def _pick(names: Sequence[str], number: int) -> str:
    return names[number % len(names)]


def _day(days_ago: int, length: int = 0) -> dict[str, str]:
    last: date = LAST_DAY - timedelta(days=days_ago)
    return {"since": str(last - timedelta(days=length)), "until": str(last)}


def _month(number: int) -> dict[str, str]:
    return _day(10 * number % 330, 29)
