"""From what the store says of the audit log to the documents of the API."""

from __future__ import annotations

from api import schemas
from waspada.alerts.exits import mask
from waspada.audit import AuditEntry


def audit_entry(entry: AuditEntry) -> schemas.AuditOut:
    return schemas.AuditOut(
        id=entry.id,
        at=entry.at,
        actor=entry.actor,
        action=entry.action,
        object=entry.object,
        purpose=mask(entry.purpose),
        detail=dict(entry.detail),
        hash=entry.hash,
    )
