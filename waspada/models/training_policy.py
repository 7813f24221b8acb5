"""What becomes of a training, how long one takes, and how much of its log is kept: pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from waspada.errors import InputError
from waspada.models.types import Training, TrainingKind, TrainingState

#: A training whose process gave no sign for so long has none any more.
SILENT_AFTER = timedelta(minutes=2)
#: One that ended its process so often is not started again by itself.
MOST_TRIES = 3
MOST_LOG_LINES, MOST_LOG_CHARACTERS = 200, 20_000
OPEN = (TrainingState.WAITING, TrainingState.RUNNING)
#: A training needs answers for so many items, beside those that are kept for testing.
LEAST_ANSWERS = 50
#: Trainings that make a model. They learn; a comparison only reads.
LEARNING = (TrainingKind.HEADS, TrainingKind.FULL)
#: Seconds to begin with, and for each item: before one of the kind was made here.
_ROUGH = {TrainingKind.HEADS: (10.0, 0.01), TrainingKind.FULL: (900.0, 0.2), TrainingKind.COMPARE: (60.0, 0.2)}
LOST = (
    f"Its process ended {MOST_TRIES} times without a word. What it learned so far is kept. "
    "Look for a full disk or too little memory (`waspada doctor`, the log of the service), then resume it."
)


def check_enough(answered: int, least: int = LEAST_ANSWERS) -> None:
    """Raises InputError for fewer answered items than a training can learn from."""
    if answered < least:
        raise InputError(
            f"Answers for {answered} items are too few to learn from.",
            hint=f"{least} are needed beside those kept for testing (a fifth). Answer more at /labels.",
        )


def is_silent(training: Training, now: datetime) -> bool:
    """Whether it should be running and nobody runs it."""
    if training.state is not TrainingState.RUNNING:
        return False
    return training.beat_at is None or now - training.beat_at > SILENT_AFTER


def after_loss(training: Training) -> TrainingState:
    """What a running training becomes whose process is gone."""
    if training.cancel:
        return TrainingState.CANCELLED
    return TrainingState.FAILED if training.tries >= MOST_TRIES else TrainingState.WAITING


def may_resume(training: Training) -> bool:
    return training.state in (TrainingState.FAILED, TrainingState.CANCELLED)


def items_of(kind: TrainingKind, train: int, test: int) -> int:
    """How many items it works on: what it learns from, or what it is compared on."""
    return test if kind is TrainingKind.COMPARE else train


def estimate_seconds(kind: TrainingKind, items: int, past: Sequence[Training] = ()) -> float:
    """How long one takes, roughly: in proportion to the last one of its kind that ran through here (`past`, newest
    first), else by rule of thumb."""
    first, each = _ROUGH[kind]
    expected = first + each * items
    for one in past:
        learned = items_of(kind, one.asked.get("train", 0), one.asked.get("test", 0))
        if one.kind is kind and one.tries == 1 and one.started_at and one.ended_at and learned:
            took = (one.ended_at - one.started_at).total_seconds()
            return took * expected / (first + each * learned)
    return expected


def longer(log: str, lines: Sequence[str]) -> str:
    """The log with lines added, the oldest ones left out where it gets long."""
    kept = [*log.splitlines(), *lines][-MOST_LOG_LINES:]
    while kept and sum(map(len, kept)) + len(kept) > MOST_LOG_CHARACTERS:
        kept = kept[1:] if len(kept) > 1 else [kept[0][: MOST_LOG_CHARACTERS - 1]]
    return "\n".join(kept)
