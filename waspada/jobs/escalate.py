"""What the worker does with reports that leave the team: what became of them, what expired, what must be taken back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from waspada.alerts.types import SYSTEM
from waspada.audit import AuditAction, audit_log
from waspada.escalations import service
from waspada.escalations.types import Escalation
from waspada.settings import Settings
from waspada.store import Store


def follow_reports(store: Store, settings: Settings, now: datetime) -> int:
    """One round; returns how many reports changed. All of it is one transaction with its audit lines: killed at any
    moment, the next round does the same."""
    log = audit_log(settings)

    def note(session: Session, action: AuditAction, found: Escalation) -> None:
        detail = {"state": found.state.value, "alert": found.alert_id, "corrects": found.corrects_id}
        log.append(session, actor=SYSTEM, action=action, object=f"escalation/{found.id}", detail=detail, now=now)

    def work(session: Session) -> int:
        ended = [*service.settle(session, now), *service.expire(session, now)]
        proposed = service.propose_corrections(session, settings, now)
        for one in ended:
            note(session, AuditAction.ESCALATION_DECIDED, one)
        for one in proposed:
            note(session, AuditAction.ESCALATION_PROPOSED, one)
        return len(ended) + len(proposed) + service.forget_erased(session)

    return store.retrying(work)
