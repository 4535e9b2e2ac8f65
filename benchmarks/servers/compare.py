"""`python -m benchmarks servers`: latency, throughput, start, training and memory, ours and Rasa's default."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.servers import default_rasa, report
from benchmarks.servers.conversations import Load, load, long_conversation
from benchmarks.servers.default_rasa import ROOT, default_bot
from benchmarks.servers.ours import our_bot
from benchmarks.servers.processes import Running

AT_ONCE = (1, 8, 32)
_CONVERSATIONS = {1: 16, 8: 32, 32: 64}  # in each round
_ROUNDS = 3


@dataclass
class Figures:
    """What was measured of one bot."""

    loads: dict[int, list[Load]] = field(default_factory=lambda: {at_once: [] for at_once in AT_ONCE})
    fifth: float = 0.0  # seconds of the messages 4 to 6 of a long conversation, the median
    two_hundredth: float = 0.0  # and of 195 to 204
    start: float = 0.0
    training: float = 0.0
    megabytes: float = 0.0


def main() -> None:
    """Measure both, print the table and keep it."""
    parser = argparse.ArgumentParser(prog="benchmarks servers", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round of few conversations, kept nowhere")
    parser.add_argument("--epochs", type=int, default=100, help="passes of the default's training over the data")
    options = parser.parse_args()
    ours, default = Figures(), Figures()
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "default"
        train_both(ours, default, project, options.epochs)
        _say("starting")
        with our_bot(Path(folder) / "ours") as one, default_bot(project, Path(folder) / "home") as other:
            ours.start, default.start = one.start_seconds, other.start_seconds
            measure([(ours, one), (default, other)], rounds=1 if options.quick else _ROUNDS)
            ours.megabytes, default.megabytes = one.peak_megabytes(), other.peak_megabytes()
    text = report.table(ours, default, options.epochs)
    print(text)
    if not options.quick:
        report.keep(text)


def train_both(ours: Figures, default: Figures, project: Path, epochs: int) -> None:
    """Train each once, from nothing."""
    _say("training ours")
    own = project.with_name("own")
    own.mkdir(parents=True)
    for name in ("data", "bot", "actions"):
        (own / name).symlink_to(ROOT / name)
    for name in ("domain.yml", "config.yml"):
        shutil.copy(ROOT / name, own / name)
    ours.training = default_rasa.train(own, own / "train.log")
    _say("training Rasa's default (minutes)")
    default_rasa.write_project(project, epochs)
    default.training = default_rasa.train(project, project / "train.log")


def measure(bots: Sequence[tuple[Figures, Running]], rounds: int) -> None:
    """Load both by turns, so that what else the machine does meets both."""
    for _, running in bots:  # the first turns load what is loaded late
        asyncio.run(load(running.bot, 2, 8))
    for number in range(rounds):
        for at_once in AT_ONCE:
            for figures, running in bots:
                _say(f"round {number + 1} of {rounds}: {at_once} at once, {type(running.bot).__name__}")
                figures.loads[at_once].append(asyncio.run(load(running.bot, at_once, _CONVERSATIONS[at_once])))
    for figures, running in bots:
        _say(f"a long conversation: {type(running.bot).__name__}")
        times = asyncio.run(long_conversation(running.bot))
        figures.fifth = statistics.median(times[3:6])
        figures.two_hundredth = statistics.median(times[194:])


def _say(what: str) -> None:
    print(f"  {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
