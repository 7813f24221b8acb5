"""From what is known of the machine to the documents of the API."""

from __future__ import annotations

from dataclasses import asdict

from api import schemas
from waspada.processes.types import Machine


def machine(found: Machine) -> schemas.MachineOut:
    return schemas.MachineOut(
        ready=all(check.fine for check in found.checks),
        checks=[schemas.CheckOut(name=one.name, fine=one.fine, words=one.words) for one in found.checks],
        processes=[
            schemas.ProcessOut(
                role=one.role,
                life=life,
                host=one.host,
                pid=one.pid,
                version=one.version,
                started_at=one.started_at,
                beat_at=one.beat_at,
                touched_at=one.touched_at,
            )
            for one, life in found.processes
        ],
        queues=schemas.QueuesOut(**asdict(found.queues)),
        storage=schemas.StorageOut(
            database_bytes=found.storage.database,
            wal_bytes=found.storage.wal,
            free_bytes=found.storage.free,
            backup_at=found.storage.backup_at,
        ),
    )
