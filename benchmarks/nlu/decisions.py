"""What the trained model decides about messages: the whole pipeline of the model that the bot serves."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchmarks.nlu.measures import (
    Acting,
    Names,
    Numbers,
    Truths,
    acting,
    area_under_risk_coverage,
    calibration_error,
    macro_f1,
)
from benchmarks.nlu.noise import NOISES
from bot.cases import CHANNELS
from bot.cli.parse import understand
from tests.nlu.held_out import Message

PLAIN = "as written"


@dataclass(frozen=True)
class Decisions:
    """Messages, the likeliest intent of each with its probability, whether the bot acts on it, and its time."""

    messages: Sequence[Message]
    predicted: Names
    confidence: Numbers
    acted: Truths
    milliseconds: Numbers

    @property
    def truth(self) -> Names:
        return np.array([message.intent for message in self.messages])

    @property
    def right(self) -> Truths:
        return self.truth == self.predicted

    @property
    def accuracy(self) -> float:
        return float(self.right.mean())

    @property
    def macro_f1(self) -> float:
        return macro_f1(self.truth, self.predicted)

    @property
    def calibration_error(self) -> float:
        return calibration_error(self.confidence, self.right)

    @property
    def risk_coverage(self) -> float:
        return area_under_risk_coverage(self.confidence, self.right)

    @property
    def acting(self) -> Acting:
        return acting(self.truth, self.predicted, self.acted)

    def among(self, chosen: Truths) -> Decisions:
        """The decisions on some of the messages."""
        messages = [self.messages[i] for i in np.flatnonzero(chosen)]
        return Decisions(
            messages, self.predicted[chosen], self.confidence[chosen], self.acted[chosen], self.milliseconds[chosen]
        )


def decided(messages: Sequence[Message]) -> Decisions:
    """Let the model of the present sources decide, message after message; FileNotFoundError if it is not trained."""
    results: dict[int, dict[str, Any]] = {}
    times = np.zeros(len(messages))
    for channel in CHANNELS:
        here = [number for number, message in enumerate(messages) if message.channel == channel]
        answers = understand(["pronto", *(messages[number].text.replace("\n", " ") for number in here)], channel)
        next(answers)  # loads the model
        for number in here:
            began = time.perf_counter()
            results[number] = next(answers)
            times[number] = 1000 * (time.perf_counter() - began)
    in_order = [results[number] for number in range(len(messages))]
    return Decisions(
        messages,
        np.array([result["intent"] for result in in_order]),
        np.array([result["confidence"] for result in in_order]),
        np.array([not result["fallback"] for result in in_order]),
        times,
    )


def decided_with_noise(messages: Sequence[Message]) -> dict[str, Decisions]:
    """Decisions on the messages as they are (`PLAIN`) and under each noise, by its name."""
    kinds: dict[str, Callable[[str], str]] = {PLAIN: str, **NOISES}
    together = decided([replace(m, text=noise(m.text)) for noise in kinds.values() for m in messages])
    kind_of_each = np.repeat(list(kinds), len(messages))
    return {name: together.among(kind_of_each == name) for name in kinds}
