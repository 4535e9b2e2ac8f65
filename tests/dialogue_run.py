"""Runs Rasa's test stories of `tests/dialogue/` with the present model; any wrong prediction fails."""

from __future__ import annotations

import subprocess
import sys
import tempfile

from bot.models import current_model


def main() -> int:
    with tempfile.TemporaryDirectory() as results:
        command = [sys.executable, "-m", "rasa", "test", "core", "--stories", "tests/dialogue"]
        command += [
            "--model",
            str(current_model()),
            "--out",
            results,
            "--fail-on-prediction-errors",
            "--no-plot",
        ]
        return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
