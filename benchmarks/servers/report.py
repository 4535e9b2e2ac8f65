"""The table of the comparison."""

from __future__ import annotations

import functools
import operator
import os
import platform
import statistics
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.servers.conversations import Load

if TYPE_CHECKING:
    from benchmarks.servers.compare import Figures

RESULT = Path(__file__).parents[1] / "results" / "servers.md"
_NOTES = """
- milliseconds and messages a second at 1, 8 and 32 conversations at once, of six to eight messages, a sixth of them
  with a look-up in the account store; client, servers and databases on one machine. Ours goes through the gateway:
  session token, limits, masking, transcript in the database. Rasa's default is spared all that, and its tracker store
  is in memory.
- rounds of both by turns; latencies are percentiles over all rounds, messages a second their median.
- findings not told: of the look-ups above, answers that say nothing out of the account store.
- 5th and 200th: messages 3 to 8 and 189 to 204 of long conversations, without look-ups; in a form: the bot waits for a
  code all the while, and is asked other questions.
- start: from the command to the first answer, with a trained model. Training: from nothing, ours by `portiere train`.
- memory: the largest resident sizes of all its processes, summed up.
- Rasa's default has no stories to learn from (our dialogue is rules), so that its TED policy is idle: it would be
  slower with them. What else differs is said in `benchmarks/servers/default_rasa.py`.
"""


def table(ours: Figures, default: Figures, epochs: int) -> str:
    """Both bots and the ratio of each figure, the smaller the better unless it says messages a second."""
    lines = ["| | ours | Rasa's default | ratio |", "|---|---|---|---|"]
    for name, figure, digits in _rows(ours, epochs):
        one, other = figure(ours), figure(default)
        ratio = f"{one / other:.2f}" if other else ""
        lines.append(f"| {name} | {one:.{digits}f} | {other:.{digits}f} | {ratio} |")
    return "\n".join(lines)


def keep(text: str, epochs: int) -> None:
    """Write the table with its notes."""
    command = f"python -m benchmarks.servers.compare --epochs {epochs}"
    heading = f"# Servers\n\n`{command}`, {date.today()}, {machine()}.\n\n"
    RESULT.write_text(f"{heading}{text}\n{_NOTES}", encoding="utf-8")


def machine() -> str:
    """The machine in a few words."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return f"{len(os.sched_getaffinity(0))} cores of {model}, Python {platform.python_version()}"


def _rows(figures: Figures, epochs: int) -> Iterator[tuple[str, Callable[[Figures], float], int]]:
    for at_once in figures.loads:
        people = f"{at_once} at once"
        for place in (50, 95, 99):
            yield f"plain turn, {people}, p{place} ms", functools.partial(_latency, at_once, "plain", place), 1
        for place in (50, 95, 99):
            yield (
                f"turn with a look-up, {people}, p{place} ms",
                functools.partial(_latency, at_once, "looked_up", place),
                1,
            )
        yield f"messages a second, {people}", functools.partial(_rate, at_once), 0
    yield "findings not told", lambda f: f.missed, 0
    for in_form, where in ((False, ""), (True, " in a form")):
        early, late = functools.partial(_early, in_form), functools.partial(_late, in_form)
        yield f"5th message of a conversation{where}, p50 ms", early, 1
        yield f"200th message of a conversation{where}, p50 ms", functools.partial(late, 50), 1
        yield f"200th message of a conversation{where}, p95 ms", functools.partial(late, 95), 1
        yield f"200th to the 5th{where}, p50", functools.partial(_growth, in_form), 2
    yield "start, s", lambda f: f.start, 1
    part = "" if epochs == 100 else f" (of the default, {epochs} of its 100 epochs)"
    yield f"training, s{part}", lambda f: f.training, 0
    yield "memory, MB", lambda f: f.megabytes, 0


def _latency(at_once: int, kind: str, place: int, figures: Figures) -> float:
    together: Load = functools.reduce(operator.add, figures.loads[at_once])
    return 1000 * statistics.quantiles(getattr(together, kind), n=100)[place - 1]


def _early(in_form: bool, figures: Figures) -> float:
    return 1000 * statistics.median(figures.early[in_form])


def _late(in_form: bool, place: int, figures: Figures) -> float:
    return 1000 * statistics.quantiles(figures.late[in_form], n=100)[place - 1]


def _growth(in_form: bool, figures: Figures) -> float:
    return _late(in_form, 50, figures) / _early(in_form, figures)


def _rate(at_once: int, figures: Figures) -> float:
    return statistics.median(load.messages_a_second for load in figures.loads[at_once])
