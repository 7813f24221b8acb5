"""What the worker does with what leaves the team: what became of reports, what expired, what must be taken back; and
the CAP messages of verified alerts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from waspada.alerts.types import SYSTEM
from waspada.audit import AuditAction, audit_log
from waspada.cap import service as cap
from waspada.escalations import service
from waspada.escalations.types import Escalation
from waspada.settings import Settings
from waspada.store import Store


def issue_cap(store: Store, settings: Settings, now: datetime) -> int:
    """Issues the CAP messages that are due; returns how many. One transaction with their audit lines."""
    with store.read() as session:
        if not cap.has_work(session, now):
            return 0
    log = audit_log(settings)

    def work(session: Session) -> int:
        made = cap.issue_due(session, settings, now)
        for one in made:
            log.append(
                session,
                actor=SYSTEM,
                action=AuditAction.CAP_ISSUED,
                object=f"cap/{one.identifier}",
                detail={"alert": one.alert_id, "type": one.msg_type.value, "status": one.status.value},
                now=now,
            )
        return len(made)

    return store.retrying(work)


def follow_reports(store: Store, settings: Settings, now: datetime) -> int:
    """One round; returns how many reports changed. All of it is one transaction with its audit lines: killed at any
    moment, the next round does the same."""
    log = audit_log(settings)

    def note(session: Session, action: AuditAction, found: Escalation) -> None:
        detail = {"state": found.state.value, "alert": found.alert_id, "corrects": found.corrects_id}
        log.append(session, actor=SYSTEM, action=action, object=f"escalation/{found.id}", detail=detail, now=now)

    with store.read() as session:
        if not service.has_work(session, now):
            return 0

    def work(session: Session) -> int:
        ended = [*service.settle(session, now), *service.expire(session, now)]
        proposed = service.propose_corrections(session, settings, now)
        for one in ended:
            note(session, AuditAction.ESCALATION_DECIDED, one)
        for one in proposed:
            note(session, AuditAction.ESCALATION_PROPOSED, one)
        return len(ended) + len(proposed) + service.forget_erased(session, now)

    return store.retrying(work)
