"""The newest learning curve that a training kept with its model, and what it advises those who label."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from waspada.labels.advice import MORE, Advice, advice, curve_of
from waspada.store.tables import ModelRow

#: So many of the newest models are looked at: only trainings of heads measure a curve.
_LOOKED_AT = 20


@dataclass(frozen=True, slots=True)
class TrainingAdvice:
    """What the training that made `model` at `at` advises."""

    model: str
    at: datetime
    advice: Advice


def newest_advice(session: Session, more: int = MORE) -> TrainingAdvice | None:
    """What another `more` answers are expected to gain; None before a first training of heads."""
    query = select(ModelRow.name, ModelRow.at, ModelRow.made_of).where(~ModelRow.shipped)
    for name, at, made_of in session.execute(query.order_by(ModelRow.at.desc(), ModelRow.name).limit(_LOOKED_AT)):
        if "curve" in made_of:
            return TrainingAdvice(name, at, advice(curve_of(made_of["curve"]), more))
    return None
