"""Which trained model belongs to the sources as they are now."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path("models")
_SOURCES = ("config.yml", "domain.yml", "bot/cases.yml")
_SOURCE_FOLDERS = (("data", "*.yml"), ("bot/nlu", "*.py"))


def fingerprint() -> str:
    """A hash over the content of everything that training reads: 16 hexadecimal digits."""
    digest = hashlib.sha256()
    for path in _source_files():
        content = path.read_bytes()
        digest.update(f"{path.as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:16]


def current_model() -> Path:
    """Where the model of the present sources is, or would be."""
    return FOLDER / f"portiere-{fingerprint()}.tar.gz"


def _source_files() -> Iterator[Path]:
    for name in _SOURCES:
        yield Path(name)
    for folder, pattern in _SOURCE_FOLDERS:
        yield from sorted(Path(folder).rglob(pattern))
