"""What is taken out of the console: files that no cache keeps, tables that no spreadsheet takes for programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from starlette.responses import Response

from bot.console.access import NO_STORE

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would take for a formula (OWASP, CSV injection)

Cell = str | int | None


def attachment(content: str | bytes, media_type: str, name: str) -> Response:
    """A file to keep, under its name."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', **NO_STORE}
    return Response(content, media_type=media_type, headers=headers)


def table(name: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """Rows under their headings as CSV; a cell of None is empty."""
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(head)
    for row in rows:
        writer.writerow([f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell for cell in row])
    return attachment(target.getvalue(), "text/csv; charset=utf-8", f"{name}.csv")
