"""What a log says of an exception."""

from __future__ import annotations

import logging
import sys

from bot.services.logs import WithoutValues


def test_an_exception_is_logged_by_type_and_place_without_its_text() -> None:
    try:
        raise ValueError("maria.rossi@example.com is wrong")
    except ValueError:
        record = logging.LogRecord("bot", logging.ERROR, __file__, 1, "it failed", (), sys.exc_info())
    written = WithoutValues("%(message)s").format(record)
    assert "ValueError" in written
    assert "test_logs.py" in written
    assert "maria.rossi" not in written
