"""A log as a year would leave it: invented conversations with the skew, the rhythm and the words of real ones.

One seed gives one log. Half of all cases are three intents, a tenth of the conversations have a doubt, weekday mornings
are the busiest. Words come from a vocabulary whose frequencies fall like those of a language (Zipf, exponent 1).
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import numpy as np
from sqlalchemy import Table, func, insert, select
from sqlalchemy.engine import Engine

from benchmarks.log.surroundings import cases_of, events_of, messages_of, sessions, wishes_of
from bot.cases import cases
from bot.conversations.log.outcomes import OUTCOMES
from bot.conversations.log.tables import conversation_label, logged_conversation, turn
from bot.conversations.tables import conversation, handoff, message, request, tracker_event

TURNS = 8
END = datetime(2026, 11, 1, tzinfo=timezone.utc)
DAYS = 365
FINDINGS = (
    "expired",
    "used",
    "ok",
    "ended",
    "valid",
    "typo",
    "unknown",
    "active",
    "google_twin",
    "revoked",
    "not_started",
)
RARE, COMMON = "cedolino", "codice"  # words that one message in a hundred thousand has, and two in three
MIDDLING = "visura"  # one in five hundred
_CHUNK = 2_000
_VOCABULARY = 4_000
_WORDS = 9  # a message
_ANSWER = json.dumps([{"text": "Il codice è scaduto giovedì: può riattivarlo solo chi lo ha mandato."}])
_COMMON_WORDS = (COMMON, "accesso", "password", "portale", "appartamento", "scaduto", "invito", "entrare", "email")

Row = dict[str, Any]


def fill(engine: Engine, count: int, seed: int = 7) -> None:
    """Write so many conversations into empty tables, with `COPY` on PostgreSQL."""
    chance = np.random.default_rng(seed)
    vocabulary = [*_COMMON_WORDS, *(_word(chance) for _ in range(_VOCABULARY))]
    seconds = _moments(chance, count)
    next_turn = next_case = 1
    for first in range(0, count, _CHUNK):
        talks = list(conversations(chance, first, seconds[first : first + _CHUNK]))
        turns = list(turns_of(chance, talks, vocabulary, next_turn))
        opened = list(cases_of(chance, talks, next_case, END))
        next_turn += len(turns)
        next_case += len(opened)
        rows = (
            (logged_conversation, talks),
            (turn, turns),
            (conversation_label, list(labels(talks, turns))),
            (conversation, list(sessions(talks))),
            (handoff, opened),
            (request, list(wishes_of(chance, talks))),
            (message, list(messages_of(talks, turns, END))),
            (tracker_event, list(events_of(talks, turns, END))),
        )
        _write(engine, [(table, some) for table, some in rows if some])
    if engine.dialect.name == "postgresql":  # so that the log can be written on
        with engine.begin() as connection:
            sequence = func.pg_get_serial_sequence("turn", "id")
            connection.execute(select(func.setval(sequence, func.max(turn.c.id))))


def conversations(chance: np.random.Generator, first: int, seconds: Any) -> Iterator[Row]:
    """Rows of conversations that begin at these seconds of the year; their ids do not tell their age."""
    count = len(seconds)
    intents = [case.intent for case in cases().values()]
    likely = 1 / np.arange(1, len(intents) + 1)
    chosen = chance.choice(len(intents), count, p=likely / likely.sum())
    outcomes = chance.choice(len(OUTCOMES), count, p=(0.55, 0.08, 0.12, 0.17, 0.08))
    for number in range(count):
        began = END - timedelta(days=DAYS) + timedelta(seconds=float(seconds[number]))
        unsure = int(chance.random() < 0.1)
        yield {
            "id": f"{chance.integers(2**60):015x}{first + number:07d}",
            "channel": "staff" if chance.random() < 0.15 else "widget",
            "language": "it",
            "tier": "anonymous" if chance.random() < 0.6 else "code",
            "company": None,
            "person": f"{chance.integers(2**40):010x}",
            "started_at": began,
            "ended_at": began + timedelta(minutes=5),
            "turns": TURNS - 1,
            "intent": intents[chosen[number]],
            "lowest_confidence": round(float(chance.beta(9, 1.2)) * (0.6 if unsure else 1.0), 4),
            "unsure_turns": unsure,
            "has_answer": True,
            "handed_off": bool(outcomes[number] == 1),
            "thumb": None if chance.random() < 0.9 else ("up", "down")[int(chance.random() < 0.3)],
            "outcome": OUTCOMES[outcomes[number]],
            "is_settled": True,
            "has_texts": True,
        }


def turns_of(chance: np.random.Generator, talks: list[Row], vocabulary: list[str], first: int) -> Iterator[Row]:
    """An opening and seven messages of each conversation."""
    likely = 1 / np.arange(1, len(vocabulary) + 1)
    words = chance.choice(len(vocabulary), (len(talks), TURNS - 1, _WORDS), p=likely / likely.sum())
    ident = first
    for talk, said in zip(talks, words, strict=True):
        for number in range(TURNS):
            text = None if number == 0 else " ".join(vocabulary[place] for place in said[number - 1])
            if text and chance.random() < 1e-5:
                text += f" {RARE}"
            if text and chance.random() < 2e-3:
                text += f" {MIDDLING}"
            is_unsure = bool(talk["unsure_turns"]) and number == 2
            finding = FINDINGS[int(chance.integers(len(FINDINGS)) * chance.random())] if number == 3 else None
            yield {
                "id": ident,
                "conversation_id": talk["id"],
                "number": number,
                "side": "person" if number else "bot",
                "at": talk["started_at"] + timedelta(seconds=30 * number),
                "text": text,
                "answers": _ANSWER,
                "support_user": None,
                "intent": talk["intent"] if number == 1 else "thank" if number else None,
                "confidence": 0.4 if is_unsure else 0.93 if number else None,
                "is_unsure": is_unsure,
                "ranking": None,
                "actions": '["utter_greet"]',
                "slots": None,
                "findings": json.dumps([finding] if finding else []),
                "milliseconds": round(float(chance.gamma(4, 3)), 1),
            }
            ident += 1


def labels(talks: list[Row], turns: list[Row]) -> Iterator[Row]:
    """Intents and findings, each once a conversation."""
    began = {talk["id"]: talk["started_at"] for talk in talks}
    seen = set()
    for row in turns:
        told = [("intent", row["intent"])] if row["intent"] and not row["is_unsure"] else []
        told += [("finding", name) for name in json.loads(row["findings"])]
        for kind, name in told:
            ident = row["conversation_id"]
            if (ident, kind, name) not in seen:
                seen.add((ident, kind, name))
                yield {"conversation_id": ident, "kind": kind, "name": name, "started_at": began[ident]}


def _moments(chance: np.random.Generator, count: int) -> Any:
    """Seconds into the year, in order: few on Sundays, most at ten in the morning and in the late afternoon."""
    days = chance.choice(DAYS, count, p=_weights(DAYS, lambda day: 0.25 if day % 7 == 6 else 1.0))
    hours = chance.choice(24, count, p=_weights(24, lambda hour: 3.0 if hour in (9, 10, 17, 18) else 0.4))
    return np.sort(days * 86_400 + hours * 3_600 + chance.random(count) * 3_600)


def _weights(count: int, weight: Any) -> Any:
    chosen = np.array([weight(number) for number in range(count)])
    return chosen / chosen.sum()


def _word(chance: np.random.Generator) -> str:
    return "".join(
        chance.choice(list("bcdfglmnprstv")) + chance.choice(list("aeio")) for _ in range(chance.integers(2, 5))
    )


def _write(engine: Engine, tables: list[tuple[Table, list[Row]]]) -> None:
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            cursor = connection.connection.cursor()
            for table, rows in tables:
                cursor.copy_expert(f"COPY {table.name} ({', '.join(rows[0])}) FROM STDIN", _copied(rows))
        return
    with engine.begin() as connection:
        for table, rows in tables:
            loaded = [{name: _loaded(name, value) for name, value in row.items()} for row in rows]
            connection.execute(insert(table), loaded)


def _copied(rows: list[Row]) -> io.StringIO:
    """Rows in the text form of `COPY`; what stands in them has no tabs, line ends or backslashes."""
    return io.StringIO("".join("\t".join(map(_cell, row.values())) + "\n" for row in rows))


def _cell(value: Any) -> str:
    if value is None:
        return r"\N"
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _loaded(name: str, value: Any) -> Any:
    return json.loads(value) if name in ("answers", "actions", "findings") and value is not None else value
