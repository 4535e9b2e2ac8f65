"""axe-core, the accessibility checker."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from playwright.sync_api import Frame, Page

from tests.npm import npm

_FOLDER = Path(__file__).parent
_RUN = "async () => (await axe.run(document, {iframes: false, resultTypes: ['violations']})).violations"


def violations(document: Page | Frame) -> list[str]:
    """What axe-core finds wrong in a page or a frame, each with the element; policies do not stop it."""
    if not document.evaluate("Boolean(window.axe)"):
        document.evaluate(_source())
    found: list[dict[str, Any]] = document.evaluate(_RUN)
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]


@functools.cache
def _source() -> str:
    script = _FOLDER / "node_modules" / "axe-core" / "axe.min.js"
    lock = _FOLDER / "package-lock.json"
    if not script.exists() or script.stat().st_mtime < lock.stat().st_mtime:
        npm(_FOLDER, "ci", "--silent", "--ignore-scripts")
        script.touch()
    return script.read_text(encoding="utf-8")
