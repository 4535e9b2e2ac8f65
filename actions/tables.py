"""Tables that staff get: structured for a page that draws them, and as lines of text for one that does not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from actions.phrases import phrase

_LINES = 15  # rows that the text shows; the table holds all


def table(file: str, columns: Sequence[str], rows: Sequence[Sequence[str]], today: date) -> dict[str, Any]:
    """The structured form: title, headings, rows, and the name under which the page offers them as CSV."""
    return {
        "kind": "table",
        "title": phrase(f"title.{file}"),
        "columns": [phrase(f"column.{column}") for column in columns],
        "rows": [list(row) for row in rows],
        "file": f"{phrase(f'file.{file}')}-{today.isoformat()}.csv",
    }


def lines(rows: Sequence[Sequence[str]]) -> str:
    """The rows as text, one a line."""
    shown = [phrase("line.row", cells=", ".join(cell for cell in row if cell)) for row in rows[:_LINES]]
    return "\n".join([*shown, *([phrase("line.more")] if len(rows) > _LINES else [])])
