"""How long a turn takes through the gateway: the whole service on its embedded defaults, one person after the other."""

from __future__ import annotations

import platform
import statistics
import tempfile
import time
from datetime import date
from pathlib import Path

import httpx

from tests.service import Service, running_service

RESULT = Path(__file__).parent / "results" / "turns.md"
ROUNDS = 60
PLAIN = ("come faccio a registrarmi?", "ho dimenticato la password", "grazie mille", "cosa sai fare?")
LOOKED_UP = (
    "il codice SCAD-2345 risulta scaduto",
    "il codice VERD-2345 non funziona",
    "il codice USAT-2345 è già usato",
)


def main() -> None:
    """Measure, print and keep the figures."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        with running_service(Path(folder)) as service:
            started = time.perf_counter() - began
            rows = [("plain turn", measure(service, PLAIN)), ("turn with a look-up", measure(service, LOOKED_UP))]
            rows += [("200th message of a conversation", long_conversation(service))]
    lines = [f"- start, with a trained model: {started:.1f} s", ""]
    lines += ["| milliseconds through the gateway | p50 | p95 |", "|---|---|---|"]
    for name, times in rows:
        p50, p95 = statistics.median(times), statistics.quantiles(times, n=20)[18]
        lines.append(f"| {name} | {p50 * 1000:.1f} | {p95 * 1000:.1f} |")
    text = "\n".join(lines)
    print(text)
    heading = f"# Turns\n\n`make bench`, {date.today()}, {platform.machine()}, one conversation at a time.\n\n"
    RESULT.write_text(heading + text + "\n", encoding="utf-8")


def measure(service: Service, texts: tuple[str, ...]) -> list[float]:
    """Seconds of each turn, in new conversations of as many messages as there are texts."""
    times: list[float] = []
    with httpx.Client(base_url=service.url, timeout=30, trust_env=False) as client:
        for round_number in range(ROUNDS):
            headers = open_conversation(client)
            spent = [say(client, headers, text) for text in texts]
            times += spent if round_number >= 3 else []  # the first ones warm up
    return times


def long_conversation(service: Service) -> list[float]:
    """Seconds of the messages 190 to 210 of one conversation."""
    with httpx.Client(base_url=service.url, timeout=30, trust_env=False) as client:
        headers = open_conversation(client)
        return [say(client, headers, PLAIN[number % len(PLAIN)]) for number in range(210)][190:]


def open_conversation(client: httpx.Client) -> dict[str, str]:
    """The headers of a new conversation."""
    session = client.post("/api/widget/sessions", json={}).raise_for_status().json()
    return {"Authorization": f"Bearer {session['token']}"}


def say(client: httpx.Client, headers: dict[str, str], text: str) -> float:
    """Seconds that one message takes."""
    began = time.perf_counter()
    client.post("/api/widget/messages", json={"text": text}, headers=headers).raise_for_status()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
