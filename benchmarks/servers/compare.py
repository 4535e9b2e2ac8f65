"""Latency, throughput, start, training and memory, ours and Rasa's default.

`python -m benchmarks.servers.compare --epochs 10` is the quick way: the default's training takes most of the time.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.servers import default_rasa, ours, report
from benchmarks.servers.conversations import Load, load, long_conversation
from benchmarks.servers.default_rasa import default_bot
from benchmarks.servers.ours import our_bot
from benchmarks.servers.processes import Running

EPOCHS = 100  # of Rasa's default
_CONVERSATIONS = {1: 120, 8: 120, 32: 128}  # at once, and how many in each round: a look-up each
_ROUNDS = 3
_LONG_CONVERSATIONS = 3  # of each kind
# Around the 5th and the 200th message; every eighth turn our tracker is shortened, so that twice eight count it in.
_EARLY, _LATE = slice(2, 8), slice(188, 204)


@dataclass
class Figures:
    """What was measured of one bot, in seconds."""

    loads: dict[int, list[Load]] = field(default_factory=lambda: {at_once: [] for at_once in _CONVERSATIONS})
    early: dict[bool, list[float]] = field(default_factory=lambda: {False: [], True: []})  # whether in a form
    late: dict[bool, list[float]] = field(default_factory=lambda: {False: [], True: []})
    start: float = 0.0
    training: float = 0.0
    megabytes: float = 0.0

    @property
    def missed(self) -> int:
        """How many look-ups found nothing."""
        return sum(one.missed for loads in self.loads.values() for one in loads)


def main() -> None:
    """Measure both, print the table and keep it."""
    parser = argparse.ArgumentParser(prog="benchmarks.servers.compare", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round of few conversations, kept nowhere")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="passes of the default's training over the data")
    options = parser.parse_args()
    own, default = Figures(), Figures()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        train_both(own, default, folder, options.epochs)
        _say("starting")
        with our_bot(folder / "home") as one, default_bot(folder / "default", folder / "default-home") as other:
            own.start, default.start = one.start_seconds, other.start_seconds
            measure([(own, one), (default, other)], is_quick=options.quick)
            own.megabytes, default.megabytes = one.peak_megabytes(), other.peak_megabytes()
    text = report.table(own, default, options.epochs)
    print(text)
    if own.missed:
        sys.exit(f"Our own bot has told no finding in answer to {own.missed} codes: this is no measurement.")
    if not options.quick:
        report.keep(text, options.epochs)


def train_both(own: Figures, default: Figures, folder: Path, epochs: int) -> None:
    """Train each once, from nothing, and see to the model that ours is served with."""
    _say("training ours")
    own.training = ours.train(folder / "own")
    ours.train_served(folder / "served.log")
    _say("training Rasa's default (minutes)")
    default_rasa.write_project(folder / "default", epochs)
    default.training = default_rasa.train(folder / "default", folder / "default.log")


def measure(bots: Sequence[tuple[Figures, Running]], is_quick: bool) -> None:
    """Load both by turns, so that what else the machine does meets both."""
    rounds, part = (1, 8) if is_quick else (_ROUNDS, 1)
    for _, running in bots:  # the first turns load what is loaded late
        asyncio.run(load(running.bot, 2, 8))
    for number in range(rounds):
        for at_once, count in _CONVERSATIONS.items():
            for figures, running in bots:
                _say(f"round {number + 1} of {rounds}: {at_once} at once, {type(running.bot).__name__}")
                figures.loads[at_once].append(asyncio.run(load(running.bot, at_once, count // part)))
    for number in range(1 if is_quick else _LONG_CONVERSATIONS):
        for in_form in (False, True):
            for figures, running in bots:
                _say(f"long conversation {number + 1}, in a form: {in_form}, {type(running.bot).__name__}")
                times = asyncio.run(long_conversation(running.bot, in_form))
                figures.early[in_form] += times[_EARLY]
                figures.late[in_form] += times[_LATE]


def _say(what: str) -> None:
    print(f"  {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
