"""SQL about reports that leave the team. Never commits."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Select, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql import ColumnElement

from waspada.alerts.policy import REFUTED_STATES, REFUTING_REASONS
from waspada.alerts.types import ERASED, AlertState
from waspada.errors import NotFoundError
from waspada.escalations.types import (
    OPEN_STATES,
    Body,
    Escalation,
    EscalationState,
    ReportKind,
    SentTo,
)
from waspada.recipients.repository import as_recipient
from waspada.recipients.types import RecipientKind
from waspada.sources.types import SourceRole
from waspada.store.asking import ask
from waspada.store.tables import (
    AlertEventRow,
    AlertRegionRow,
    AlertRow,
    DeliveryRow,
    EscalationRecipientRow,
    EscalationRow,
    RecipientRow,
    SourceRow,
)
from waspada.stories.edits import end_of

ABOUT = "escalation"


def about(escalation_id: int, recipient_id: int) -> str:
    """What a delivery to one recipient is about, and its key."""
    return f"{ABOUT}/{escalation_id}/{recipient_id}"


def key_in(about: str) -> tuple[int, int] | None:
    """The report and the recipient that a delivery is about; None where it is about anything else."""
    found = re.fullmatch(rf"{ABOUT}/(\d+)/(\d+)", about, re.ASCII)
    return (int(found[1]), int(found[2])) if found else None


def about_alerts(session: Session, alert_ids: Collection[int]) -> list[str]:
    """How deliveries name the reports about these alerts."""
    query = select(EscalationRecipientRow.escalation_id, EscalationRecipientRow.recipient_id).join(
        EscalationRow, EscalationRow.id == EscalationRecipientRow.escalation_id
    )
    return [about(*row) for row in session.execute(query.where(EscalationRow.alert_id.in_(alert_ids)))]


def escalation(session: Session, escalation_id: int, *, within: str | None = None) -> Escalation:
    """One report with its recipients. Raises NotFoundError, also where its alert lies outside somebody's region."""
    row = session.scalar(select(EscalationRow).where(EscalationRow.id == escalation_id, *_inside(within)))
    if row is None:
        raise NotFoundError(f"There is no report {escalation_id} in your area.", hint="See the list of reports.")
    return _with_recipients(session, [row])[0]


def search(
    session: Session,
    states: Collection[EscalationState] = (),
    *,
    within: str | None = None,
    before_id: int | None = None,
    limit: int = 50,
) -> list[Escalation]:
    """Reports, the newest first; of any state where none is named."""
    query = select(EscalationRow).where(*_inside(within)).order_by(EscalationRow.id.desc()).limit(limit)
    if states:
        query = query.where(EscalationRow.state.in_([state.value for state in states]))
    if before_id is not None:
        query = query.where(EscalationRow.id < before_id)
    return _with_recipients(session, session.scalars(query).all())


def of_alert(session: Session, alert_id: int) -> list[Escalation]:
    """The reports of an alert, the newest first."""
    query = select(EscalationRow).where(EscalationRow.alert_id == alert_id).order_by(EscalationRow.id.desc())
    return _with_recipients(session, session.scalars(query).all())


def ids_in(session: Session, state: EscalationState, *, limit: int = 200) -> Sequence[int]:
    query = select(EscalationRow.id).where(EscalationRow.state == state.value).order_by(EscalationRow.id).limit(limit)
    return session.scalars(query).all()


def expired_ids(session: Session, now: datetime) -> Sequence[int]:
    """Proposals that nobody answered in time."""
    query = select(EscalationRow.id).where(
        EscalationRow.state == EscalationState.PROPOSED.value, EscalationRow.expires_at <= now
    )
    return session.scalars(query.order_by(EscalationRow.id)).all()


def fallen_ids(session: Session) -> Sequence[int]:
    """Proposals whose alert does not stand any more; of corrections, those whose alert stands again."""
    query = select(EscalationRow.id).join(AlertRow, AlertRow.id == EscalationRow.alert_id)
    is_correction = EscalationRow.kind == ReportKind.RALAT.value
    stands = (AlertRow.state == AlertState.VERIFIED.value) & (AlertRow.level > 0)
    query = query.where(
        EscalationRow.state == EscalationState.PROPOSED.value, or_(~is_correction & ~stands, is_correction & stands)
    )
    return session.scalars(query.order_by(EscalationRow.id)).all()


def uncorrected_ids(session: Session, *, limit: int = 1000) -> Sequence[int]:
    """Reports that reached somebody, that no correction takes back yet, and whose alert was refuted since, or has
    nothing of its own any more (its story may have been merged: `standing` says where it went)."""
    follower = aliased(EscalationRow)
    followed = select(follower.id).where(
        follower.corrects_id == EscalationRow.id,
        follower.state.not_in([EscalationState.WITHDRAWN.value, EscalationState.FAILED.value]),
    )
    reached = select(EscalationRecipientRow.recipient_id).where(
        EscalationRecipientRow.escalation_id == EscalationRow.id, EscalationRecipientRow.sent_at.is_not(None)
    )
    query = (
        select(EscalationRow.id)
        .join(AlertRow, AlertRow.id == EscalationRow.alert_id)
        .where(
            EscalationRow.kind.not_in([ReportKind.RALAT.value, ReportKind.NAIK.value]),
            or_(
                AlertRow.state.in_(sorted(REFUTED_STATES)),
                AlertRow.reason.in_(sorted(REFUTING_REASONS)),
                AlertRow.level == 0,
            ),
            reached.exists(),
            ~followed.exists(),
        )
    )
    return session.scalars(query.order_by(EscalationRow.id).limit(limit)).all()


def standing(session: Session, alert_id: int) -> tuple[str, str | None, int] | None:
    """State, reason and level of the alert that speaks for the items of this one now, None where there is none."""
    row = session.get(AlertRow, alert_id)
    if row is None:
        return None
    into = end_of(session, row.story_id)
    if into != row.story_id:
        row = session.scalar(select(AlertRow).where(AlertRow.story_id == into))
    return None if row is None else (row.state, row.reason, row.level)


_RAISED = (
    select(EscalationRow.alert_id, EscalationRow.desk)
    .where(EscalationRow.alert_id.in_(bindparam("alerts", expanding=True)), EscalationRow.desk.is_not(None))
    .order_by(EscalationRow.id)
)


def raised_to(session: Session, alert_ids: Collection[int]) -> dict[int, list[str]]:
    """The desks of the team that alerts were raised to, the widest last; alerts that were not are left out."""
    found: dict[int, list[str]] = {}
    for alert_id, desk in ask(session, _RAISED, {"alerts": list(alert_ids)}):
        if desk is not None and desk not in found.setdefault(alert_id, []):
            found[alert_id].append(desk)
    return found


def open_recipients(session: Session, alert_id: int) -> set[int]:
    """The recipients to whom a report on this alert is proposed or on its way."""
    query = (
        select(EscalationRecipientRow.recipient_id)
        .join(EscalationRow, EscalationRow.id == EscalationRecipientRow.escalation_id)
        .where(EscalationRow.alert_id == alert_id, EscalationRow.state.in_([state.value for state in OPEN_STATES]))
    )
    return set(session.scalars(query))


def counts_by_kind(session: Session, start: datetime, end: datetime) -> dict[RecipientKind, int]:
    """How many reports reached recipients of each kind in `start` <= time < `end`; kinds without any are left out.

    A report to three institutions counts three times; corrections count, too.
    """
    query = select(EscalationRecipientRow.kind, func.count()).where(
        EscalationRecipientRow.sent_at >= start, EscalationRecipientRow.sent_at < end
    )
    found = session.execute(query.group_by(EscalationRecipientRow.kind).order_by(EscalationRecipientRow.kind))
    return {RecipientKind(kind): count for kind, count in found}


def deliveries(session: Session, escalation_id: int) -> Mapping[str, DeliveryRow]:
    """The messages of a report in the outbox, by their key."""
    prefix = f"{ABOUT}/{escalation_id}/"
    query = select(DeliveryRow).where(func.substr(DeliveryRow.about, 1, len(prefix)) == prefix)
    return {row.key: row for row in session.scalars(query.execution_options(populate_existing=True))}


def reached_at(session: Session, alert_id: int, state: AlertState) -> datetime | None:
    """When a person last took an alert to a state."""
    query = select(func.max(AlertEventRow.at)).where(
        AlertEventRow.alert_id == alert_id, AlertEventRow.to_state == state.value
    )
    return session.scalar(query)


def official_sources(session: Session, source_ids: Collection[str]) -> set[str]:
    """Those of the sources that are official ones."""
    query = select(SourceRow.id).where(SourceRow.id.in_(source_ids), SourceRow.role == SourceRole.OFFICIAL.value)
    return set(session.scalars(query))


def erased_ids(session: Session) -> Sequence[int]:
    """Reports with words on alerts whose news were erased; a correction repeats none of the news and keeps its own."""
    query = (
        select(EscalationRow.id)
        .join(AlertRow, AlertRow.id == EscalationRow.alert_id)
        .where(AlertRow.headline == ERASED, EscalationRow.kind != ReportKind.RALAT.value, EscalationRow.reason != "")
    )
    return session.scalars(query).all()


def old_words(before: datetime) -> Select[int]:
    """Reports whose words are past their time."""
    return select(EscalationRow.id).where(EscalationRow.proposed_at < before, EscalationRow.reason != "")


def forget_words(session: Session, ids: Sequence[int]) -> None:
    """Takes the words of reports; who, when, to whom and the hash of what left stay."""
    for row in session.scalars(select(EscalationRow).where(EscalationRow.id.in_(ids))):
        row.bodies, row.remark, row.reason, row.decision_reason = {}, "", "", ""


def _inside(within: str | None) -> list[ColumnElement[bool]]:
    if within is None:
        return []
    standing = select(AlertRegionRow.code).where(
        AlertRegionRow.alert_id == EscalationRow.alert_id, AlertRegionRow.code == within
    )
    return [standing.exists()]


def _with_recipients(session: Session, rows: Sequence[EscalationRow]) -> list[Escalation]:
    found: dict[int, list[SentTo]] = {row.id: [] for row in rows}
    query = (
        select(EscalationRecipientRow, RecipientRow)
        .join(RecipientRow, RecipientRow.id == EscalationRecipientRow.recipient_id)
        .where(EscalationRecipientRow.escalation_id.in_(list(found)))
        .order_by(RecipientRow.institution, RecipientRow.id)
    )
    for link, recipient in session.execute(query.execution_options(populate_existing=True)):
        sent = SentTo(as_recipient(recipient), RecipientKind(link.kind), link.sent_at, link.problem)
        found[link.escalation_id].append(sent)
    return [_escalation(row, found[row.id]) for row in rows]


def _escalation(row: EscalationRow, sent: Sequence[SentTo]) -> Escalation:
    return Escalation(
        id=row.id,
        alert_id=row.alert_id,
        alert_revision=row.alert_revision,
        kind=ReportKind(row.kind),
        desk=row.desk,
        regions=list(row.regions),
        bodies={language: Body(**body) for language, body in row.bodies.items()},
        body_sha256=row.body_sha256,
        remark=row.remark,
        reason=row.reason,
        state=EscalationState(row.state),
        revision=row.revision,
        corrects_id=row.corrects_id,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        expires_at=row.expires_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        decision_reason=row.decision_reason,
        ended_at=row.ended_at,
        problem=row.problem,
        recipients=sent,
    )
