"""What a service's process needs before its first heavy import."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import warnings

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform.startswith("linux") else None

# Rasa, TensorFlow and SQLAlchemy read these when they are imported.
_VARIABLES = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "",
    "TICKET_LOCK_LIFETIME": "60",  # seconds: well above the time budget of all actions of one turn
    "PYTHONWARNINGS": "ignore::DeprecationWarning,ignore::UserWarning:rasa",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


def prepare() -> None:
    """Set the variables that an operator has not set."""
    for name, value in _VARIABLES.items():
        os.environ.setdefault(name, value)
    if not sys.warnoptions:  # libraries' warnings are for their developers; -W shows them
        warnings.showwarning = _say_nothing  # a filter would not do: Sanic puts its own before it


def _say_nothing(*_warning: object, **_options: object) -> None:
    pass


def end_with(parent: int, number: signal.Signals = signal.SIGKILL) -> None:
    """Have the kernel end this process when its parent ``parent`` ends, however that ends (prctl(2), Linux only).

    Best called between fork and exec: a program that asks for it only once it runs can be orphaned before.
    """
    if _LIBC is None:
        return
    _LIBC.prctl(_PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:  # it ended before the call
        os.kill(os.getpid(), number)
