"""Training, only when something that it reads has changed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from bot.models import FOLDER, current_model
from bot.services.environment import prepare
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
    prepare()
    log = settings().home / "log" / "train.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    name = model.name.removesuffix(".tar.gz")
    command = [sys.executable, "-m", "rasa", "train", "--out", str(FOLDER), "--fixed-model-name", name]
    with log.open("wb") as output:
        ended = subprocess.run(command, stdout=output, stderr=output, env=os.environ, check=False)  # noqa: S603
    if ended.returncode or not model.exists():
        raise TrainingFailed(f"{tail(log)}\nThe whole log is in {log}.")
    for other in FOLDER.glob("portiere-*.tar.gz"):
        if other != model:
            other.unlink()
    return model
