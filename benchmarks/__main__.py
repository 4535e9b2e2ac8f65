"""`make bench`: every benchmark, or those whose names are given."""

from __future__ import annotations

import importlib
import sys

from benchmarks import DataMissingError

BENCHMARKS = {
    "servers": "benchmarks.servers.compare",
    "profile": "benchmarks.profile",
    "log": "benchmarks.log.measure",
    "log_writing": "benchmarks.log_writing",
    "email_spelling": "benchmarks.email_spelling",
    "accounts": "benchmarks.accounts",
    "diagnosis": "benchmarks.diagnosis",
    "understanding": "benchmarks.nlu.understanding",
    "classifiers": "benchmarks.nlu.classifiers",
    "yardsticks": "benchmarks.nlu.yardsticks",
}


def main() -> None:
    """Run the benchmarks in order; one whose data are missing is an error only if it was asked for by name."""
    asked = sys.argv[1:]
    there_are = f"There are: {', '.join(BENCHMARKS)}."
    if "--help" in asked or "-h" in asked:
        print(f"python -m benchmarks [NAME …]: measures those, or all. {there_are}")
        return
    for name in asked:
        if name not in BENCHMARKS:
            sys.exit(f"There is no benchmark {name}. {there_are}")
    for name in asked or BENCHMARKS:
        print(f"── {name}", flush=True)
        sys.argv = [name]
        try:
            importlib.import_module(BENCHMARKS[name]).main()
        except DataMissingError as reason:
            if asked:
                sys.exit(str(reason))
            print(f"Left out: {reason}", file=sys.stderr)


if __name__ == "__main__":
    main()
