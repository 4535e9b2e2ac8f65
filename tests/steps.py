"""`make test`: every check in order, each with its time; the first one that fails ends the run."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

LOG = Path("var/log")
# Files side by side on two workers: half of their time is waiting. Each worker runs services of its own.
PYTEST = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "2", "--dist", "loadfile")


@dataclass(frozen=True)
class Step:
    """One check. Rasa's own commands draw progress bars, so a quiet step shows its output only when it fails."""

    name: str
    arguments: tuple[str, ...]
    is_quiet: bool = False


STEPS = (
    Step("lint", ("-m", "ruff", "check", ".")),
    Step("format", ("-m", "ruff", "format", "--check", ".")),
    Step("types", ("-m", "mypy")),
    Step("unit", (*PYTEST, "tests/unit")),
    Step("data", (*PYTEST, "tests/data")),
    Step("validate", ("-m", "rasa", "data", "validate", "--fail-on-warnings"), is_quiet=True),
    Step("train", ("-m", "bot.cli.main", "train")),
    Step("dialogue", ("-m", "tests.dialogue_run"), is_quiet=True),
    Step("nlu", (*PYTEST, "tests/nlu")),
    Step("api", (*PYTEST, "tests/api")),
    Step("browser", (*PYTEST, "tests/browser")),
)


def main() -> int:
    """Run the steps whose names are given, or all; the exit code."""
    wanted = set(sys.argv[1:]) or {step.name for step in STEPS}
    passed = 0
    for step in STEPS:
        if step.name not in wanted:
            continue
        print(f"── {step.name}", flush=True)
        began = time.monotonic()
        code = run(step)
        print(
            f"── {step.name}: {'passed' if code == 0 else 'FAILED'} in {time.monotonic() - began:.0f} s",
            flush=True,
        )
        if code != 0:
            print(f"{passed} passed, 1 failed")
            return 1
        passed += 1
    print(f"{passed} passed, 0 failed")
    return 0


def run(step: Step) -> int:
    """Run one step; its exit code."""
    command = [sys.executable, *step.arguments]
    if not step.is_quiet:
        return subprocess.run(command, check=False).returncode
    LOG.mkdir(parents=True, exist_ok=True)
    log = LOG / f"test-{step.name}.log"
    with log.open("wb") as output:
        code = subprocess.run(command, stdout=output, stderr=output, check=False).returncode
    if code != 0:
        text = log.read_text(encoding="utf-8", errors="replace").replace("\r", "\n")
        print("\n".join(text.splitlines()[-60:]))
    return code


if __name__ == "__main__":
    sys.exit(main())
