"""The log as JSON Lines with its hashes, for whoever checks it elsewhere (docs/audit.md).

The rows are those that are there when the export begins; its own row in the log is written before the first one leaves.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from waspada.alerts.exits import mask
from waspada.audit.service import AuditLog
from waspada.audit.types import AuditEntry, Detail
from waspada.store import Store

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class AuditExport:
    """What leaves: `rows` rows up to `up_to_id`, narrowed by `chosen` as `AuditLog.after` is."""

    up_to_id: int
    rows: int
    chosen: Mapping[str, Any] = field(default_factory=dict)

    @property
    def detail(self) -> Detail:
        """For its own row in the log: how much leaves, and by what it was narrowed."""
        return {"rows": self.rows, "narrowed": sorted(self.chosen)}


def planned(session: Session, log: AuditLog, **chosen: Any) -> AuditExport:
    """The export of the rows that there are now; what of `chosen` is None narrows nothing."""
    narrowing = {name: value for name, value in chosen.items() if value is not None}
    newest = log.entries(session, limit=1)
    up_to_id = newest[0].id if newest else 0
    return AuditExport(up_to_id, log.count(session, up_to_id=up_to_id, **narrowing), narrowing)


def lines(store: Store, log: AuditLog, export: AuditExport) -> Iterator[str]:
    """Its rows, oldest first, one JSON document a line; read in batches, so that a long log fits."""
    last = 0
    while True:
        with store.read() as session:
            batch = log.after(session, last, up_to_id=export.up_to_id, limit=_BATCH, **export.chosen)
        for entry in batch:
            yield json.dumps(_document(entry), ensure_ascii=False) + "\n"
        if len(batch) < _BATCH:
            return
        last = batch[-1].id


def _document(entry: AuditEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "at": entry.at.isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "action": entry.action,
        "object": entry.object,
        "purpose": mask(entry.purpose),
        "detail": dict(entry.detail),
        "previous": entry.previous,
        "hash": entry.hash,
    }
