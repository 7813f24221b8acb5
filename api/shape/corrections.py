"""From requests from outside to the documents of the API."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from api import schemas
from waspada.alerts.exits import mask
from waspada.corrections.types import CorrectionRequest, Reach


def correction(found: CorrectionRequest, now: datetime) -> schemas.CorrectionOut:
    return schemas.CorrectionOut(**_fields(found, now))


def correction_detail(found: CorrectionRequest, reach: Reach, now: datetime) -> schemas.CorrectionDetailOut:
    of_it = {"items": list(reach.items), "alerts": list(reach.alerts), "above": list(reach.above)}
    return schemas.CorrectionDetailOut(**_fields(found, now), **of_it)


def _fields(found: CorrectionRequest, now: datetime) -> dict[str, Any]:
    return {
        "id": found.id,
        "at": found.at,
        "due_at": found.due_at,
        "late": found.is_late(now),
        "actor": found.actor,
        "kind": found.kind,
        "about": found.about,
        "region": found.region,
        "reason": mask(found.reason),
        "state": found.state,
        "decided_at": found.decided_at,
        "decided_by": found.decided_by,
        "decision": mask(found.decision),
        "effects": dict(found.effects),
        "revision": found.revision,
    }
