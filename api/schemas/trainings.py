"""Documents of trainings and comparisons."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from api.schemas.common import Document
from waspada.models.types import TrainingKind, TrainingState


class NewTraining(Document):
    kind: Literal[TrainingKind.HEADS, TrainingKind.FULL] = Field(
        description="New heads on stored embeddings (a minute), or the encoder as well (twenty minutes and more)."
    )


class TrainingOut(Document):
    """A training or comparison. `done` of `total` is of its stage; `total` is 0 where that is not known."""

    id: int
    kind: TrainingKind
    state: TrainingState
    cancelling: bool = Field(description="It was told to stop, and does so at its next step.")
    stage: str
    done: int
    total: int
    train: int = Field(description="Items with an answer to learn from, when it was asked for.")
    test: int = Field(description="Items with an answer that are never learned from.")
    estimate_seconds: int = Field(description="How long it takes, roughly.")
    problem: str = Field(description="What went wrong and what to do; empty where nothing did.")
    model: str | None = Field(description="The model that it made, or compares.")
    actor: str
    at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class TrainingDetailOut(TrainingOut):
    log: list[str] = Field(description="What it did, oldest first; the last 200 lines.")


class SpeedOut(Document):
    """What a training of a kind would take now."""

    kind: TrainingKind
    estimate_seconds: int
    missing: str | None = Field(description="Packages that are missing here; null where all are there.")
    install: str | None = Field(description="What installs them.")


class LearnedFromOut(Document):
    """What there is to learn from now. No item of the test fold is ever learned from."""

    train: int
    test: int
    fresh: int = Field(description="Answers since the last training.")
    least: int = Field(description="So many items to learn from are needed for a training.")
    speeds: list[SpeedOut]
