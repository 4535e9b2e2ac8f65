"""Charts as SVG files that are readable on a light and on a dark page."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.nlu.measures import Bin, Names, Numbers

INK = "#7f8790"  # at least 3.6 to 1 against white and against near black
ACCENT = "#2f81d8"
WARNING = "#c9571c"
_STYLE = {
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "font.size": 10,
    "svg.fonttype": "none",
    "svg.hashsalt": "portiere",
}


@contextmanager
def _chart(path: Path, size: tuple[float, float]) -> Iterator[Axes]:
    """Axes on no background, written without a date: the same figures make the same file."""
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=size, constrained_layout=True)
        axes = figure.add_subplot()
        figure.patch.set_alpha(0)
        axes.patch.set_alpha(0)
        yield axes
        drawing = io.StringIO()
        figure.savefig(drawing, format="svg", metadata={"Date": None})
    path.write_text(re.sub(r"(font: *\S+) [^;\"]+", r"\1 system-ui, sans-serif", drawing.getvalue()), encoding="utf-8")


def reliability_diagram(path: Path, bins: Sequence[Bin]) -> None:
    """Accuracy against confidence, points as large as their bins are full."""
    with _chart(path, (5, 4.4)) as axes:
        axes.plot([0, 1], [0, 1], linestyle="--", color=INK, linewidth=1)
        sizes = [12 + 500 * b.count / sum(other.count for other in bins) for b in bins]
        axes.plot([b.confidence for b in bins], [b.accuracy for b in bins], color=ACCENT, linewidth=1, alpha=0.6)
        axes.scatter([b.confidence for b in bins], [b.accuracy for b in bins], s=sizes, color=ACCENT, zorder=3)
        axes.set(xlabel="confidence", ylabel="share that is right", xlim=(0, 1.03), ylim=(0, 1.03))
        axes.set_title("Reliability: as sure as it is right on the dashed line", fontsize=10)


def risk_coverage_curve(path: Path, coverage: Numbers, risk: Numbers, chosen: tuple[float, float]) -> None:
    """Share of wrong actions among all actions against the share of messages acted on; the bot's point marked."""
    with _chart(path, (5, 3.6)) as axes:
        axes.plot(coverage * 100, risk * 100, color=ACCENT, linewidth=1.6)
        axes.scatter([chosen[0] * 100], [chosen[1] * 100], color=WARNING, zorder=3)
        axes.annotate(
            "the bot's threshold",
            (chosen[0] * 100, chosen[1] * 100),
            xytext=(-12, 14),
            textcoords="offset points",
            ha="right",
            color=WARNING,
        )
        axes.set(xlabel="messages acted on, %", ylabel="of those wrongly, %", xlim=(0, 101), ylim=(0, None))
        axes.set_title("Risk and coverage as the threshold falls", fontsize=10)


def confusion_matrix(path: Path, names: Names, counts: Numbers) -> None:
    """Rows are what messages are, columns what they are taken for; mistakes are orange."""
    with _chart(path, (11, 10)) as axes:
        for row, column in zip(*np.nonzero(counts), strict=True):
            color = ACCENT if row == column else WARNING
            axes.fill_between([column - 0.5, column + 0.5], row - 0.5, row + 0.5, color=color, linewidth=0)
            axes.text(column, row, int(counts[row, column]), ha="center", va="center", fontsize=8, color="white")
        axes.set_xticks(range(len(names)), names, rotation=90, fontsize=8)
        axes.set_yticks(range(len(names)), names, fontsize=8)
        axes.set(xlim=(-0.5, len(names) - 0.5), ylim=(len(names) - 0.5, -0.5))
        axes.set(xlabel="taken for", ylabel="is")
        axes.grid(color=INK, alpha=0.12, linewidth=0.5)
        axes.set_axisbelow(True)
