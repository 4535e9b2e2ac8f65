"""Logging for all processes: what failed and where, never with which values.

The text of an exception may hold a message or a statement's parameters, so a traceback is written as the exception's
type and the places it passed.
"""

from __future__ import annotations

import logging
import sys
import traceback
from types import TracebackType

import structlog

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_PLACES = 6


class WithoutValues(logging.Formatter):
    """Formats exceptions as types and places."""

    def formatException(
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        """The exception's type and the last places that it passed, innermost last."""
        kind, error, _ = ei
        if kind is None or error is None:
            return ""
        frames = traceback.extract_tb(error.__traceback__)[-_PLACES:]
        places = "\n".join(f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
        return f"{kind.__module__}.{kind.__name__} at\n{places}"


def configure() -> None:
    """Write warnings and errors of this process to standard error, Rasa's structured ones among them."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler()
    handler.setFormatter(WithoutValues(_FORMAT))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.captureWarnings(False)
