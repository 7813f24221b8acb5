"""One look at the machine: processes, queues, storage, readiness."""

from __future__ import annotations

import shutil
from datetime import datetime

from sqlalchemy.orm import Session

from waspada.audit.types import AuditAction
from waspada.processes import repository
from waspada.processes.policy import life_checks, life_of, model_check
from waspada.processes.types import Check, Life, Machine, Process, Storage
from waspada.settings import Settings
from waspada.store.migrate import head


def readiness(session: Session, now: datetime) -> list[Check]:
    """What readiness depends on, the database first. Raises StoreError when that does not answer."""
    revision, newest = repository.revision(session), head()
    found = repository.processes(session)
    return [
        Check("database", True, "answers"),
        Check(
            "migrations",
            revision == newest,
            "of this version" if revision == newest else f"at {revision}, this version needs {newest}",
        ),
        *life_checks(found, now),
        model_check(found, now),
    ]


def machine(session: Session, settings: Settings, now: datetime) -> Machine:
    """All that operators look at. Raises StoreError."""
    return Machine(
        processes=lives(session, now),
        queues=repository.queues(session, now),
        storage=storage(session, settings),
        checks=readiness(session, now),
    )


def lives(session: Session, now: datetime) -> list[tuple[Process, Life]]:
    return [(one, life_of(one, now)) for one in repository.processes(session)]


def storage(session: Session, settings: Settings) -> Storage:
    """Sizes and the last backup that this installation knows of."""
    wal = None
    if settings.is_embedded:
        file = settings.data_dir / "waspada.db-wal"
        wal = file.stat().st_size if file.exists() else 0
    try:
        free: int | None = shutil.disk_usage(settings.data_dir).free
    except OSError:
        free = None
    return Storage(
        database=repository.size_bytes(session),
        wal=wal,
        free=free,
        backup_at=repository.last_audited(session, AuditAction.BACKUP_MADE),
    )
