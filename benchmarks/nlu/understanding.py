"""How well the trained model understands messages that it has never seen, and what writing noise costs.

Writes ``benchmarks/results/understanding.md`` and its charts; run with ``python -m benchmarks understanding``.
The definitions of all figures stand in the result (`DEFINITIONS`).
"""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
from rapidfuzz import fuzz, process
from sklearn.metrics import confusion_matrix as counted

from benchmarks.nlu import charts
from benchmarks.nlu.decisions import PLAIN, Decisions, decided_with_noise
from benchmarks.nlu.measures import Truths, confusions, reliability, risk_coverage
from benchmarks.nlu.messages import masked, training_messages
from benchmarks.nlu.noise import NOISES
from bot.nlu.normalization import normalize
from bot.services import logs
from tests.nlu.held_out import Message, held_out_messages

RESULTS = Path(__file__).parents[1] / "results"
TWIN = 80  # likeness of letters, in percent, from which a training message is a twin
WORST = 15
MOST_EXAMPLE_LETTERS = 110
DEFINITIONS = f"""
- top-1: the likeliest intent is the right one, whatever the threshold. macro F1: the mean of the intents' F1.
- rightly, wrongly: the intent that the bot acts on (not `nlu_fallback`) is the right one, or another; shares of all
  messages. To take a case for out of scope counts as wrongly, and so does an out-of-scope message taken for a case.
- unsure: the bot asks or tells what it can do (`nlu_fallback`), share of all messages.
- kept out: share of the out-of-scope messages that are understood as such or left unsure.
- ECE: expected calibration error with 15 bins of equal width, mean gap between confidence and share that is right,
  weighted by the bins' messages (Naeini, Cooper and Hauskrecht 2015; Guo et al., On Calibration of Modern Neural
  Networks, 2017).
- AURC: area under the risk-coverage curve (Geifman and El-Yaniv 2017): smaller if mistakes are the unsure ones.
- ms: mean milliseconds a message through masking and Rasa's whole pipeline, one at a time.
- without twins: without the held-out messages that have a training message of {TWIN} % like letters (Indel similarity
  of normalised texts without signs): short ones such as "ok" that anyone writes, and a few longer ones.
- noise is seeded: typos in 10 % of the words of three letters and more (two letters swapped, one dropped, doubled or
  hit beside; not in addresses and codes); the costs are points of top-1.
"""
COLUMNS = "| messages | number | top-1 | macro F1 | rightly | wrongly | unsure | kept out | ECE | AURC | ms |"


def main() -> None:
    """Measure, draw, print and keep the figures."""
    logs.configure()
    print("held-out messages, as written and with noise …", file=sys.stderr, flush=True)
    noisy = decided_with_noise(held_out_messages())
    plain = noisy.pop(PLAIN)
    rows = {"held-out": plain, "without twins": plain.among(~twins(plain)), **noisy}
    draw(plain)
    text = "\n".join(report(rows)) + "\n"
    RESULTS.joinpath("understanding.md").write_text(text, encoding="utf-8")
    print(text, end="")


def twins(decisions: Decisions) -> Truths:
    """Which messages have a near copy among the training messages."""
    learnt = [_letters(message) for message in training_messages()]
    unseen = [_letters(replace(message, text=masked(message.text))) for message in decisions.messages]
    likeness = process.cdist(unseen, learnt, scorer=fuzz.ratio, dtype=np.float32)
    return likeness.max(axis=1) >= TWIN


def _letters(message: Message) -> str:
    return re.sub(r"\W+", " ", normalize(message.text)).strip()


def draw(decisions: Decisions) -> None:
    """The three charts of the held-out messages."""
    coverage, risk = risk_coverage(decisions.confidence, decisions.right)
    acted = float(decisions.acted.mean())
    names = np.unique(np.concatenate([decisions.truth, decisions.predicted]))
    counts = counted(decisions.truth, decisions.predicted, labels=names)
    chosen = (acted, decisions.acting.wrongly / acted if acted else 0.0)
    charts.confusion_matrix(RESULTS / "understanding-confusions.svg", names, counts)
    charts.reliability_diagram(
        RESULTS / "understanding-reliability.svg", reliability(decisions.confidence, decisions.right)
    )
    charts.risk_coverage_curve(RESULTS / "understanding-risk-coverage.svg", coverage, risk, chosen)


def report(rows: dict[str, Decisions]) -> Iterator[str]:
    """The result file."""
    plain = rows["held-out"]
    yield "# Understanding"
    yield f"\n`python -m benchmarks understanding`, {date.today()}, {platform.machine()}. Messages of `tests/nlu/` that"
    yield "the model has not learnt from; shares in %.\n"
    yield COLUMNS
    yield "|---" * COLUMNS.count(" | ") + "|---|"
    for name, decisions in rows.items():
        yield line(name, decisions)
    costs = (f"{name} {100 * (plain.accuracy - rows[name].accuracy):.1f}" for name in NOISES)
    yield f"\nCost of noise in points of top-1: {', '.join(costs)}."
    yield DEFINITIONS
    yield "![Risk and coverage](understanding-risk-coverage.svg)\n"
    yield "![Reliability](understanding-reliability.svg)\n"
    yield "![Confusions](understanding-confusions.svg)"
    yield "\n## Worst confusions\n"
    yield "| is | taken for | times | example, with its confidence |"
    yield "|---|---|---|---|"
    yield from worst(plain)
    yield "\n## Each intent\n"
    yield "| intent | messages | understood | acted on rightly | acted on wrongly |"
    yield "|---|---|---|---|---|"
    yield from intents(plain)


def line(name: str, decisions: Decisions) -> str:
    """A row of the first table."""
    acting = decisions.acting
    shares = (
        decisions.accuracy,
        decisions.macro_f1,
        acting.rightly,
        acting.wrongly,
        acting.unsure,
        acting.kept_out,
        decisions.calibration_error,
    )
    cells = " | ".join(f"{100 * share:.1f}" for share in shares)
    milliseconds = float(decisions.milliseconds.mean())
    return (
        f"| {name} | {len(decisions.messages)} | {cells} | {100 * decisions.risk_coverage:.2f} | {milliseconds:.1f} |"
    )


def worst(decisions: Decisions) -> Iterator[str]:
    """The most frequent confusions, each with its most confident example."""
    for truth, taken, count in confusions(decisions.truth, decisions.predicted)[:WORST]:
        here = (decisions.truth == truth) & (decisions.predicted == taken)
        surest = int(np.argmax(np.where(here, decisions.confidence, -1)))
        text = " ".join(decisions.messages[surest].text.split()).replace("|", "/")
        short = text if len(text) <= MOST_EXAMPLE_LETTERS else text[:MOST_EXAMPLE_LETTERS].rsplit(" ", 1)[0] + " …"
        acted = "" if decisions.acted[surest] else ", not acted on"
        yield f"| {truth} | {taken} | {count} | {short} ({decisions.confidence[surest]:.2f}{acted}) |"


def intents(decisions: Decisions) -> Iterator[str]:
    """A row for each intent, the least understood first."""
    parts = {str(name): decisions.among(decisions.truth == name) for name in np.unique(decisions.truth)}
    for name, part in sorted(parts.items(), key=lambda item: item[1].accuracy):
        shares = (part.accuracy, part.acting.rightly, part.acting.wrongly)
        yield f"| {name} | {len(part.messages)} | " + " | ".join(f"{100 * share:.0f}" for share in shares) + " |"


if __name__ == "__main__":
    main()
