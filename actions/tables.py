"""Tables that staff get: structured for a page that draws them, and as lines of text for one that does not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from actions.phrases import phrase

_LINES = 15  # rows that the text shows; the table holds all


def table(file: str, columns: Sequence[str], rows: Sequence[Sequence[str]], today: date, total: int) -> dict[str, Any]:
    """The structured form: title, headings, rows, and the name under which the page offers them as CSV.

    ``total`` is how many rows there would be if all were shown.
    """
    return {
        "kind": "table",
        "title": phrase(f"title.{file}"),
        "columns": [phrase(f"column.{column}") for column in columns],
        "rows": [list(row) for row in rows],
        "total": total,
        "file": f"{phrase(f'file.{file}')}-{today.isoformat()}.csv",
    }


def count_of(shown: int, total: int) -> str:
    """How many there are, and if not all are shown, how many of them are."""
    return phrase("count.all" if shown == total else "count.first", shown=shown, total=total)


def lines(rows: Sequence[Sequence[str]]) -> str:
    """The rows as text, one a line."""
    shown = [phrase("line.row", cells=", ".join(cell for cell in row if cell)) for row in rows[:_LINES]]
    return "\n".join([*shown, *([phrase("line.more")] if len(rows) > _LINES else [])])
