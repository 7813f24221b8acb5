"""From trainings to the documents of the API."""

from __future__ import annotations

from typing import Any

from api import schemas
from waspada.alerts.exits import mask
from waspada.models.types import Training


def training(one: Training) -> schemas.TrainingOut:
    return schemas.TrainingOut(**_fields(one))


def training_detail(one: Training) -> schemas.TrainingDetailOut:
    return schemas.TrainingDetailOut(**_fields(one), log=[mask(line) for line in one.log.splitlines()])


def _fields(one: Training) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": one.kind,
        "state": one.state,
        "cancelling": one.cancel,
        "stage": one.stage,
        "done": one.done,
        "total": one.total,
        "train": one.asked.get("train", 0),
        "test": one.asked.get("test", 0),
        "estimate_seconds": one.asked.get("estimate_seconds", 0),
        "problem": mask(one.problem),
        "model": one.model,
        "actor": one.actor,
        "at": one.at,
        "started_at": one.started_at,
        "ended_at": one.ended_at,
    }
