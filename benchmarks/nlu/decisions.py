"""What the trained model decides about messages: the whole pipeline of the model that the bot serves."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

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
from bot.cases import CHANNELS
from bot.cli.parse import understand
from tests.nlu.held_out import Message


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
    by_channel = {channel: [m for m in messages if m.channel == channel] for channel in CHANNELS}
    results, times = [], []
    for channel, here in by_channel.items():
        answers = understand(["pronto", *(message.text.replace("\n", " ") for message in here)], channel)
        next(answers)  # loads the model
        for _ in here:
            began = time.perf_counter()
            results.append(next(answers))
            times.append(1000 * (time.perf_counter() - began))
    return Decisions(
        [message for here in by_channel.values() for message in here],
        np.array([result["intent"] for result in results]),
        np.array([result["confidence"] for result in results]),
        np.array([not result["fallback"] for result in results]),
        np.array(times),
    )
