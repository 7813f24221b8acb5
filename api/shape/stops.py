"""From stops of the collection to the documents of the API."""

from __future__ import annotations

from api import schemas
from waspada.access.types import Role
from waspada.alerts.exits import mask
from waspada.stops.types import Stop


def stop(found: Stop) -> schemas.StopOut:
    return schemas.StopOut(
        id=found.id,
        at=found.at,
        actor=found.actor,
        source_id=found.source_id,
        region=found.region,
        reason=mask(found.reason),
        in_force=found.in_force,
        needs_another=found.role == Role.AUDITOR,
        lifted_at=found.lifted_at,
        lifted_by=found.lifted_by,
        lifted_why=mask(found.lifted_why),
    )
