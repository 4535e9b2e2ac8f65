"""Parts of sentences that actions put together: list lines, statuses and column headings, one file a language."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import yaml


@functools.lru_cache(maxsize=1)
def _phrases() -> dict[str, str]:
    content = yaml.safe_load(Path(__file__).with_name("phrases.it.yml").read_text(encoding="utf-8"))
    return {f"{group}.{name}": text for group, phrases in content.items() for name, text in phrases.items()}


def phrase(name: str, /, **values: Any) -> str:
    """A phrase by its group and name, such as ``contract.active``, its placeholders filled in."""
    return _phrases()[name].format(**values)
