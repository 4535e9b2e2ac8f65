"""Where the time of a turn goes, before a turn's cost was looked at and now: py-spy on each process of the service.

`--before` names the commit to compare with, "" none. `--keep` names a folder for py-spy's samples, which
https://www.speedscope.app draws. Samples say for which purpose a process is busy; how long it is, the processor's own
clock says, so that other programs on the machine change little.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

import aiohttp
import psutil

from benchmarks.profile_meanings import PROCESSES, meanings, shares
from benchmarks.servers.conversations import CODE, CONVERSATIONS, FORM_BEGINS, QUESTIONS, Conversation, Talk
from benchmarks.servers.ours import OurBot
from benchmarks.servers.processes import ROOT
from benchmarks.servers.report import machine
from tests.service import Service, running_service

RESULT = Path(__file__).parent / "results" / "profile.md"
BEFORE = "7911a13"  # the last commit before a turn's cost was looked at
_RATE = 200  # samples a second
_NAMES = {"rasa": "Rasa", "gateway": "gateway", "actions": "action server"}
_NOTES = """
- milliseconds that the processor spends on one message, by process and purpose. The clock of each process tells how
  long it was busy, py-spy's samples (200 a second, waiting left out) for what.
- plain turn: the messages of the servers' benchmark. Look-up: those with a code. 200th: messages 190 to 229 of a
  conversation; in a form: the bot waits for a code all the while.
- The log of conversations, the console and the proof of a mailbox have come in between.
- What the decision docs/decisions/0007 tells of made the difference. Found last by this profile: an empty domain that
  Rasa built for each message, and a walk of all classes of events for each event of an action, each 2 % of Rasa's part.
"""

Costs = dict[tuple[str, str], float]  # milliseconds of the processor for one message, by process and meaning
Talks = Sequence[tuple[Talk, Sequence[str]]]  # conversations that have begun, and what is said in them
Preparing = Callable[[OurBot, aiohttp.ClientSession], Awaitable[Talks]]


def main() -> None:
    """Profile both, print the tables and keep them."""
    parser = argparse.ArgumentParser(prog="benchmarks.profile", description=__doc__)
    parser.add_argument("--before", default=BEFORE, help="a commit")
    parser.add_argument("--keep", type=Path, help="a folder for the samples")
    options = parser.parse_args()
    keep = options.keep.absolute() if options.keep else None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        trees = {"now": ROOT}
        if options.before:
            trees = {"before": check_out(options.before, folder / "tree"), **trees}
        found = {when: profile(tree, folder / when, keep) for when, tree in trees.items()}
    text = "\n\n".join(table(kind, {when: costs[kind] for when, costs in found.items()}) for kind in PHASES)
    print(text)
    if options.before:
        heading = f"`python -m benchmarks profile`, {date.today()}, {machine()}; before: commit {options.before}."
        RESULT.write_text(f"# Where the time of a turn goes\n\n{heading}\n\n{text}\n{_NOTES}", encoding="utf-8")


def check_out(commit: str, folder: Path) -> Path:
    """The project as it was at a commit."""
    subprocess.run(["git", "clone", "--quiet", "--shared", ROOT, folder], check=True)
    subprocess.run(["git", "-C", folder, "checkout", "--quiet", commit], check=True)
    return folder


def profile(tree: Path, home: Path, keep: Path | None) -> dict[str, Costs]:
    """Train and start the project in ``tree``, and talk to it: the costs of each kind of turn."""
    _say(f"training, if need be, and starting: {home.name}")
    with _directory(tree):
        environment = {**os.environ, "PORTIERE_HOME": str(home)}
        subprocess.run([sys.executable, "-m", "bot.cli.main", "train"], env=environment, check=True)
        with running_service(home) as service:
            return {kind: asyncio.run(_costs(service, kind, home, keep)) for kind in PHASES}


async def _costs(service: Service, kind: str, home: Path, keep: Path | None) -> Costs:
    _say(f"{home.name}: {kind}")
    pids = {name: service.pid_of(name) for name in PROCESSES}
    async with aiohttp.ClientSession() as client:
        talks = await PHASES[kind](OurBot(service.url), client)
        with recording(pids, home) as samples:
            began = {name: _processor_seconds(pid) for name, pid in pids.items()}
            for talk, messages in talks:
                for text in messages:
                    await talk.say(client, text)
            spent = {name: _processor_seconds(pid) - began[name] for name, pid in pids.items()}
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
        for name, file in samples.items():
            shutil.copy(file, keep / f"{home.name} {kind} {name}.txt".replace(" ", "-"))
    count = sum(len(messages) for _, messages in talks)
    return {
        (name, meaning): share * 1000 * spent[name] / count
        for name, file in samples.items()
        for meaning, share in shares(name, file.read_text().splitlines()).items()
    }


@contextlib.contextmanager
def recording(pids: dict[str, int], folder: Path) -> Iterator[dict[str, Path]]:
    """Sample the processes while the block runs; the files, in py-spy's raw form, are there after it."""
    files = {name: folder / f"{name}.samples" for name in pids}
    recorders = []
    for name, pid in pids.items():
        command = [str(Path(sys.executable).with_name("py-spy")), "record", "--pid", str(pid), "--rate", str(_RATE)]
        command += ["--format", "raw", "--full-filenames", "--output", str(files[name]), "--duration", "3600"]
        recorders.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE))
    time.sleep(1)  # they read the processes' symbols first
    try:
        yield files
    finally:
        for recorder in recorders:
            recorder.send_signal(signal.SIGINT)
        for recorder in recorders:
            _, errors = recorder.communicate(timeout=60)
            if recorder.returncode:
                raise RuntimeError(f"py-spy failed:\n{errors.decode(errors='replace')}")


async def _plain(bot: OurBot, client: aiohttp.ClientSession) -> Talks:
    talks = await _greeted(bot, client, 80)
    return [(talk, [text for text in one.messages[1:] if CODE not in text]) for talk, one in talks]


async def _looked_up(bot: OurBot, client: aiohttp.ClientSession) -> Talks:
    talks = await _greeted(bot, client, 200)
    return [(talk, [text for text in one.messages if CODE in text]) for talk, one in talks]


async def _long(bot: OurBot, client: aiohttp.ClientSession, first: Sequence[str] = ()) -> Talks:
    messages = [*first, *itertools.islice(itertools.cycle(QUESTIONS), 229)]
    talks = [(talk, messages[189:229]) for talk, _ in await _greeted(bot, client, 6)]
    for talk, _ in talks:
        for text in messages[:189]:
            await talk.say(client, text)
    return talks


async def _long_form(bot: OurBot, client: aiohttp.ClientSession) -> Talks:
    return await _long(bot, client, [FORM_BEGINS])


async def _greeted(bot: OurBot, client: aiohttp.ClientSession, count: int) -> list[tuple[Talk, Conversation]]:
    """Conversations in which one word was said: what the first message costs besides belongs to no other."""
    talks = [(await bot.open(client, one.code), one) for one in itertools.islice(itertools.cycle(CONVERSATIONS), count)]
    for talk, one in talks:
        await talk.say(client, one.messages[0])
    return talks


PHASES: dict[str, Preparing] = {
    "plain turn": _plain,
    "turn with a look-up": _looked_up,
    "200th message": _long,
    "200th message in a form": _long_form,
}


def table(kind: str, found: dict[str, Costs]) -> str:
    """One kind of turn: what each process and purpose costs, and its share of the turn."""
    lines = [f"| {kind}, ms | {' | '.join(f'{when} | %' for when in found)} |", "|---|" + "---|---|" * len(found)]
    totals = {when: sum(costs.values()) for when, costs in found.items()}
    for process in PROCESSES:
        whole = {when: sum(costs[process, name] for name in meanings(process)) for when, costs in found.items()}
        lines.append(_row(f"**{_NAMES[process]}**", whole, totals))
        for name in meanings(process):
            part = {when: costs[process, name] for when, costs in found.items()}
            if any(part[when] >= 0.005 * totals[when] for when in found):
                lines.append(_row(name, part, totals))
    lines.append(_row("**together**", totals, totals))
    return "\n".join(lines)


def _row(name: str, costs: dict[str, float], totals: dict[str, float]) -> str:
    cells = " | ".join(f"{costs[when]:.2f} | {100 * costs[when] / totals[when]:.0f}" for when in costs)
    return f"| {name} | {cells} |"


@contextlib.contextmanager
def _directory(folder: Path) -> Iterator[None]:
    left = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(left)


def _processor_seconds(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


def _say(what: str) -> None:
    print(f"  {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
