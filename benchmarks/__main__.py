"""`make bench`: every benchmark, or those whose names are given."""

from __future__ import annotations

import importlib
import sys

BENCHMARKS = {
    "turns": "benchmarks.turns",
    "email_spelling": "benchmarks.email_spelling",
    "accounts": "benchmarks.accounts",
    "understanding": "benchmarks.nlu.understanding",
    "classifiers": "benchmarks.nlu.classifiers",
    "yardsticks": "benchmarks.nlu.yardsticks",
}


def main() -> None:
    """Run the benchmarks in order."""
    for name in sys.argv[1:] or BENCHMARKS:
        if name not in BENCHMARKS:
            sys.exit(f"There is no benchmark {name}. There are: {', '.join(BENCHMARKS)}.")
        print(f"── {name}", flush=True)
        sys.argv = [name]
        importlib.import_module(BENCHMARKS[name]).main()


if __name__ == "__main__":
    main()
