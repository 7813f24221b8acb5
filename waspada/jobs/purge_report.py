"""Purging with its line in the audit log, and the report of what was removed by class of data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from waspada.alerts.types import SYSTEM
from waspada.archive.service import Archive
from waspada.audit.service import audit_log
from waspada.audit.types import AuditAction
from waspada.jobs.purge import Purged, purge
from waspada.privacy import retention
from waspada.settings import Settings
from waspada.store import Store
from waspada.store.tables import AuditRow, CorrectionRow, ErasureRow

#: What `Purged` counts -> the class of data that it is (waspada.privacy.retention).
CLASS_OF: Mapping[str, str] = {
    "posts": "posts",
    "article_texts": "articles",
    "pseudonym_keys": "pseudonym_keys",
    "page_texts": "pages",
    "rejects": "rejects",
    "raw_pages": "raw_pages",
    "archive_files": "raw_pages",
    "exercises": "exercises",
    "notices": "notices",
    "claims": "own_checks",
    "deliveries": "deliveries",
    "sign_ins": "sign_ins",
    "attempts": "webhook_tries",
    "erasures": "erased",
    "contacts": "contacts",
    "duty_shifts": "duty",
    "calls": "calls",
    "reports": "reports",
    "cap_messages": "cap",
    "corrections": "corrections",
    "coverage_days": "coverage_days",
    "field_reports": "field_reports",
    "report_senders": "report_senders",
    "report_drafts": "report_drafts",
    "digests": "digests",
    "subscriptions": "subscriptions",
    "subscription_sends": "subscription_sends",
}


@dataclass(frozen=True, slots=True)
class ClassReport:
    """What went of one class of data: for its age, and because somebody asked."""

    key: str
    data: str
    kept_for: str
    aged: int
    asked: int


@dataclass(frozen=True, slots=True)
class RemovalReport:
    """What was removed from `start` on and before `end`. Counts of rows; no words and no ids.

    `purges` ran in that time, `requests` were granted, `deleted_at_place` alerts lost posts that were deleted where
    they had been published.
    """

    start: datetime
    end: datetime
    purges: int
    requests: int
    deleted_at_place: int
    classes: tuple[ClassReport, ...]

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "start": self.start.isoformat(), "end": self.end.isoformat()}


def purge_audited(
    store: Store, settings: Settings, now: datetime, archive: Archive | None = None, *, actor: str = SYSTEM
) -> Purged:
    """Removes what is past the periods of this desk. The line in the audit log is written where anything went, and for
    everybody but the program itself always."""
    done = purge(store, now, archive, retention.periods_of(settings))
    counts = asdict(done)
    if actor != SYSTEM or any(counts.values()):
        log = audit_log(settings)
        store.retrying(
            lambda session: log.append(
                session, actor=actor, action=AuditAction.PURGED, object="store", detail=counts, now=now
            )
        )
    return done


def removals(session: Session, settings: Settings, start: datetime, end: datetime) -> RemovalReport:
    """The report of a time, from the audit log and from the requests that were granted in it."""
    periods = retention.periods_of(settings)
    aged: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    purged = session.scalars(
        select(AuditRow.detail).where(AuditRow.action == AuditAction.PURGED, AuditRow.at >= start, AuditRow.at < end)
    ).all()
    for detail in purged:
        aged.update({CLASS_OF[name]: int(count) for name, count in detail.items() if name in CLASS_OF})
    granted = session.scalars(
        select(CorrectionRow.effects).where(
            CorrectionRow.state == "granted", CorrectionRow.decided_at >= start, CorrectionRow.decided_at < end
        )
    ).all()
    for effects in granted:
        asked.update({key: int(count) for key, count in effects.get("counts", {}).items()})
    gone = select(ErasureRow.id).where(ErasureRow.cause == "place", ErasureRow.at >= start, ErasureRow.at < end)
    classes = tuple(
        ClassReport(one.key, one.data, retention.kept_for(one, periods), aged[one.key], asked[one.key])
        for one in retention.CLASSES
    )
    return RemovalReport(start, end, len(purged), len(granted), len(session.scalars(gone).all()), classes)


def as_text(report: RemovalReport) -> str:
    """The report for people: what went, one class of data a line; classes of which nothing went are left out."""
    lines = [
        f"Removed from {report.start:%Y-%m-%d %H:%M}Z to {report.end:%Y-%m-%d %H:%M}Z"
        f" ({report.purges} purges, {report.requests} requests granted):"
    ]
    for one in report.classes:
        if one.aged or one.asked:
            lines.append(f"  {one.data}: {one.aged} past their time, {one.asked} on request")
    if len(lines) == 1:
        lines.append("  nothing")
    if report.deleted_at_place:
        lines.append(f"  alerts that lost posts deleted at their place: {report.deleted_at_place}")
    return "\n".join(lines)
