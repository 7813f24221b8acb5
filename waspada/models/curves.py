"""The newest learning curve that a training kept with its model, and what it advises those who label."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from waspada.labels.advice import MORE, Advice, advice, curve_of
from waspada.models.repository import newest_made_of


@dataclass(frozen=True, slots=True)
class TrainingAdvice:
    """What the training that made `model` at `at` advises."""

    model: str
    at: datetime
    advice: Advice


def newest_advice(session: Session, more: int = MORE) -> TrainingAdvice | None:
    """What another `more` answers are expected to gain; None before a first training of heads."""
    found = newest_made_of(session, "curve")
    if found is None:
        return None
    name, at, kept = found
    return TrainingAdvice(name, at, advice(curve_of(kept), more))
