"""The last look before a message leaves: what was permitted when it was approved may be permitted no more.

`waspada.notify.outbox` asks this of every mail right before it sends it, whoever put it. So no path leads to the police
or to intelligence but a report that two accounts agreed on, under a permission that is live at that moment.
"""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from waspada.alerts.types import AlertState
from waspada.escalations.policy import has_fallen
from waspada.escalations.types import EscalationState, ReportKind
from waspada.recipients import policy, repository
from waspada.recipients.types import Recipient, RecipientChannel, Refusal
from waspada.store.tables import AlertRow, EscalationRecipientRow, EscalationRow, RecipientRow

_ABOUT = re.compile(r"escalation/(\d{1,18})/(\d{1,9})")
#: What is kept beside a message that may not go: no content, no address.
PROBLEMS = {
    Refusal.OFF: "The recipient was switched off.",
    Refusal.ELSEWHERE: "The recipient is not responsible for this region.",
    Refusal.NO_GRANT: "There is no live permission to send to this recipient.",
}
NOT_APPROVED = "The report is not approved (any more)."
NOT_STANDING = "The alert does not stand any more."
NOT_A_REPORT = "Nothing but an approved report goes to this recipient."


def problem_of(session: Session, *, channel: str, target: str, about: str, now: datetime) -> str | None:
    """Why this message must not leave now; None where it may."""
    if channel != RecipientChannel.MAIL:
        return None
    guarded = list(repository.guarded_at(session, target))
    if not about.startswith("escalation/"):
        return NOT_A_REPORT if needs_permission(session, target) else None
    named = _ABOUT.fullmatch(about)
    link = session.get(EscalationRecipientRow, (int(named[1]), int(named[2]))) if named else None
    if link is None:
        return NOT_APPROVED
    report = session.get_one(EscalationRow, link.escalation_id)
    row = session.get_one(RecipientRow, link.recipient_id)
    if report.state != EscalationState.APPROVED or row.address != target:
        return NOT_APPROVED
    if not _stands(session, report):
        return NOT_STANDING
    found = _refusal(session, repository.as_recipient(row), guarded, report.regions, now)
    return None if found is None else PROBLEMS[found]


def needs_permission(session: Session, address: str) -> bool:
    """Whether an address is of the police or of intelligence: no account may name it as a way to reach it."""
    return bool(repository.guarded_at(session, address)) or policy.kind_told("", address.strip().lower()) is not None


def may_get_digests(session: Session, address: str, region: str, now: datetime) -> bool:
    """Whether digests of a region may go to a mail address: to the police and to intelligence only while somebody
    permits it, and to none of them that was switched off."""
    guarded = repository.guarded_at(session, address)
    if not guarded:
        return policy.kind_told("", address.strip().lower()) is None
    grants = repository.grants_of(session, [one.id for one in guarded]).values()
    is_permitted = any(policy.lets_through(grant, [region], now) for found in grants for grant in found)
    return is_permitted and all(one.active for one in guarded)


def _stands(session: Session, report: EscalationRow) -> bool:
    """A correction goes whatever became of its alert; a report only while its alert was not taken back."""
    if report.kind == ReportKind.RALAT:
        return True
    alert = session.get_one(AlertRow, report.alert_id)
    reached = (AlertState.VERIFIED.value, AlertState.CLOSED.value)
    return alert.state in reached and not has_fallen(alert.state, alert.reason, alert.level)


def _refusal(
    session: Session, recipient: Recipient, guarded: list[Recipient], regions: list[str], now: datetime
) -> Refusal | None:
    """The address counts: one that also stands as the police's needs the permission under every name."""
    grants = [grant for found in repository.grants_of(session, [one.id for one in guarded]).values() for grant in found]
    refused = policy.refusal(recipient, grants, regions, now)
    if refused is None and guarded and not any(policy.lets_through(grant, regions, now) for grant in grants):
        return Refusal.NO_GRANT
    return refused


def refusal_of(session: Session, recipient: Recipient, regions: list[str], now: datetime) -> Refusal | None:
    """Why a report on these regions may not go to a recipient now; None where it may."""
    return _refusal(session, recipient, list(repository.guarded_at(session, recipient.address)), regions, now)


def lock_recipients(session: Session, ids: list[int]) -> None:
    """Holds recipients while a report to them is decided: none is switched off in between."""
    session.execute(select(RecipientRow.id).where(RecipientRow.id.in_(ids)).with_for_update())
