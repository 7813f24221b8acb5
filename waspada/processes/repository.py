"""SQL of processes and queues."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, func, select, text
from sqlalchemy.orm import Session

from waspada.items.types import Stage
from waspada.notify.outbox import IS_WAITING
from waspada.processes.types import Process, ProcessRole, Queues
from waspada.store.tables import (
    AlertRow,
    AuditRow,
    DeliveryRow,
    ItemRow,
    PageRow,
    ProcessRow,
    RejectRow,
    SourceHealthRow,
    StoryRow,
    TopicQueueRow,
    UnmatchedItemRow,
)
from waspada.store.upsert import insert_into

_LATE = timedelta(minutes=5)


def beat(
    session: Session,
    role: str,
    host: str,
    pid: int,
    *,
    started_at: datetime,
    now: datetime,
    version: str,
    detail: dict[str, Any],
) -> None:
    """Writes a sign of life; two of one process at once are one."""
    said = {"started_at": started_at, "beat_at": now, "version": version, "detail": detail}
    row = insert_into(session, ProcessRow).values(role=role, host=host, pid=pid, **said)
    session.execute(row.on_conflict_do_update(index_elements=["role", "host", "pid"], set_=said))


def forget(session: Session, role: str, host: str, pids: Iterable[int]) -> None:
    """Takes away processes of a machine that are known to be dead."""
    session.execute(
        delete(ProcessRow).where(ProcessRow.role == role, ProcessRow.host == host, ProcessRow.pid.in_(sorted(pids)))
    )


def pids(session: Session, role: str, host: str) -> list[int]:
    return list(session.scalars(select(ProcessRow.pid).where(ProcessRow.role == role, ProcessRow.host == host)))


def processes(session: Session) -> list[Process]:
    """All that ever beat, by role, the last beat first."""
    rows = session.scalars(select(ProcessRow).order_by(ProcessRow.role, ProcessRow.beat_at.desc())).all()
    roles = set(ProcessRole)
    return [_process(row) for row in rows if row.role in roles]


def _process(row: ProcessRow) -> Process:
    touched = row.detail.get("touched_at")
    return Process(
        role=ProcessRole(row.role),
        host=row.host,
        pid=row.pid,
        started_at=row.started_at,
        beat_at=row.beat_at,
        touched_at=datetime.fromisoformat(touched) if isinstance(touched, str) else None,
        version=row.version,
        detail={name: value for name, value in row.detail.items() if name != "touched_at"},
    )


def queues(session: Session, now: datetime) -> Queues:
    def count(query: Select[Any]) -> int:
        return session.scalar(query) or 0

    waiting = select(func.count()).select_from(DeliveryRow).where(IS_WAITING)
    return Queues(
        pages=count(select(func.count()).select_from(PageRow).where(PageRow.state == "waiting")),
        to_tag=count(select(func.count()).select_from(ItemRow).where(ItemRow.stage == Stage.NEW)),
        to_group=count(select(func.count()).select_from(ItemRow).where(ItemRow.stage == Stage.TAGGED)),
        to_match=count(select(func.count()).select_from(UnmatchedItemRow)),
        to_topics=count(select(func.count()).select_from(TopicQueueRow)),
        stories=count(select(func.count()).select_from(StoryRow).where(StoryRow.stale)),
        deliveries=count(waiting),
        deliveries_late=count(waiting.where(DeliveryRow.due_at < now - _LATE)),
        deliveries_failed=count(
            select(func.count()).select_from(DeliveryRow).where(DeliveryRow.failed_at > now - timedelta(days=1))
        ),
        rejects=count(select(func.count()).select_from(RejectRow)),
    )


def items_by_stage(session: Session) -> dict[str, int]:
    rows = session.execute(select(ItemRow.stage, func.count()).group_by(ItemRow.stage))
    return {row[0]: row[1] for row in rows}


def alerts_by_level_and_state(session: Session) -> dict[tuple[int, str], int]:
    query = select(AlertRow.level, AlertRow.state, func.count()).where(~AlertRow.exercise)
    return {(level, state): n for level, state, n in session.execute(query.group_by(AlertRow.level, AlertRow.state))}


def sources_by_state(session: Session) -> dict[str, int]:
    rows = session.execute(select(SourceHealthRow.state, func.count()).group_by(SourceHealthRow.state))
    return {row[0]: row[1] for row in rows}


def deliveries_by_channel(session: Session) -> dict[tuple[str, str], int]:
    """Rows of the outbox by channel and how they stand."""
    found: dict[tuple[str, str], int] = {}
    states = {
        "waiting": IS_WAITING,
        "sent": DeliveryRow.sent_at.is_not(None),
        "failed": DeliveryRow.failed_at.is_not(None),
        "dropped": DeliveryRow.dropped_at.is_not(None),
    }
    for state, condition in states.items():
        query = select(DeliveryRow.channel, func.count()).where(condition).group_by(DeliveryRow.channel)
        found |= {(channel, state): count for channel, count in session.execute(query)}
    return found


def newest_item_at(session: Session) -> datetime | None:
    return session.scalar(select(func.max(ItemRow.found_at)))


def last_audited(session: Session, action: str) -> datetime | None:
    """When an action last stood in the audit log."""
    query = select(AuditRow.at).where(AuditRow.action == action).order_by(AuditRow.id.desc()).limit(1)
    return session.scalar(query)


def revision(session: Session) -> str | None:
    """The migration that the database stands at."""
    found = session.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return str(found) if found is not None else None


def size_bytes(session: Session) -> int | None:
    """The size of the database as it says itself."""
    if session.get_bind().dialect.name == "postgresql":
        return session.execute(text("SELECT pg_database_size(current_database())")).scalar()
    pages = session.execute(text("PRAGMA page_count")).scalar() or 0
    return int(pages) * int(session.execute(text("PRAGMA page_size")).scalar() or 0)
