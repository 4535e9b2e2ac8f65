"""`make bench`: every benchmark, or those whose names are given."""

from __future__ import annotations

import importlib
import sys

BENCHMARKS = ("turns", "email_spelling", "accounts", "diagnosis")


def main() -> None:
    """Run the benchmarks in order."""
    for name in sys.argv[1:] or BENCHMARKS:
        if name not in BENCHMARKS:
            sys.exit(f"There is no benchmark {name}. There are: {', '.join(BENCHMARKS)}.")
        print(f"── {name}", flush=True)
        sys.argv = [name]
        importlib.import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main()
