"""Training, only when something that it reads has changed."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bot.models import FOLDER, current_model
from bot.services.environment import end_with, prepare
from bot.services.lock import alone
from bot.services.supervisor import tail
from bot.settings import settings


class TrainingFailed(Exception):
    """Rasa could not train; the text is the end of its log."""


def train(report: Callable[[str], None]) -> Path:
    """The model of the present sources, trained now if it is not there. Older models are removed."""
    model = current_model()
    if model.exists():
        report(f"Model {model.name} is up to date.")
        return model
    with alone(FOLDER / "training.lock", report):
        if model.exists():  # another process has trained it in the meantime
            return model
        log = settings().home / "log" / "train.log"
        report(f"Training {model.name}; log: {log}")
        began = time.monotonic()
        # Trained aside and moved at the end: an interrupted training leaves no half model behind.
        aside = FOLDER / "training"
        shutil.rmtree(aside, ignore_errors=True)
        _train_into(aside, model.name, log)
        (aside / model.name).replace(model)
        shutil.rmtree(aside)
        for other in FOLDER.glob("portiere-*.tar.gz"):
            if other != model:
                other.unlink()
    report(f"Trained in {time.monotonic() - began:.0f} s.")
    return model


def _train_into(folder: Path, name: str, log: Path) -> None:
    prepare()
    log.parent.mkdir(parents=True, exist_ok=True)
    # What Rasa would validate here, with warnings that end in a log, `make test` has checked without exception.
    command = [sys.executable, "-m", "bot.nlu.training", "train", "--skip-validation"]
    command += ["--out", str(folder), "--fixed-model-name", name]
    with log.open("wb") as output:
        ended = subprocess.run(  # noqa: S603 - our own interpreter and arguments
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            check=False,
            preexec_fn=functools.partial(end_with, os.getpid()),
        )
    if ended.returncode or not (folder / name).exists():
        raise TrainingFailed(f"{tail(log)}\nThe whole log is in {log}.")
