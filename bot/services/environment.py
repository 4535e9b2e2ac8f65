"""What a service's process needs before its first heavy import."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1

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


def die_with_parent() -> None:
    """Have the kernel end this process when its parent ends, however that ends (prctl(2), Linux only)."""
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before the call
        os.kill(os.getpid(), signal.SIGKILL)
