"""SQL of what people decided about alerts: for the part `feedback`, and for learning weights. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from waspada.alerts import weight_versions
from waspada.alerts.feedback import DAYS, Feedback, feedback_of, verdict
from waspada.alerts.types import SYSTEM, AlertState
from waspada.alerts.weights import PARTS, Outcome
from waspada.clock import local_day
from waspada.places import regency_or_self
from waspada.store.tables import AlertEventRow, AlertPlaceRow, AlertRow, StoryRow
from waspada.stories.edits import merged_in
from waspada.taxonomy import Label

_DECIDED = (AlertState.VERIFIED, AlertState.NOT_A_THREAT, AlertState.CLOSED)
#: Steps that take a verdict back where they give none themselves.
_UNDECIDES = (AlertState.NOT_A_THREAT, AlertState.DUPLICATE, AlertState.NEEDS_CLARIFICATION)
#: So many of a region's newest alerts are looked at, and so many decisions among them: the cost stays flat.
_MAX_ALERTS = 1000
_MAX_DECISIONS = 200
#: A region stands first or, behind its own desa or kecamatan, second among an alert's places.
_LAST_POSITION = 1


@dataclass(frozen=True, slots=True)
class Decided:
    """Decisions to learn from, and how many more there are of which it is not known what the person saw."""

    decisions: list[Outcome]
    unknown: int


def feedback(session: Session, region: str | None, label: Label, story_id: int, now: datetime) -> Feedback:
    """What people made of other alerts of this label in the kabupaten of `region` in the last `DAYS` days.

    An alert that was merged speaks for nothing of its own; the one that stays has the decision that it took over from
    whoever took it.
    """
    if region is None:
        return Feedback()
    recent = (
        select(AlertPlaceRow.alert_id)
        .where(AlertPlaceRow.code == regency_or_self(region), AlertPlaceRow.position <= _LAST_POSITION)
        .order_by(AlertPlaceRow.alert_id.desc())
        .limit(_MAX_ALERTS)
    )
    query = select(AlertRow.id, AlertRow.story_id, AlertRow.state, AlertRow.reason).join(
        StoryRow, StoryRow.id == AlertRow.story_id
    )
    query = query.where(
        AlertRow.id.in_(recent),
        StoryRow.merged_into.is_(None),
        AlertRow.label == label.value,
        AlertRow.state.in_([state.value for state in _DECIDED]),
        AlertRow.changed_at > now - timedelta(days=DAYS),
        AlertRow.story_id != story_id,
        AlertRow.exercise.is_(False),
    )
    found = [
        (id_, story, verified)
        for id_, story, state, reason in session.execute(query.order_by(AlertRow.id.desc()).limit(_MAX_DECISIONS))
        if (verified := verdict(state, reason)) is not None
    ]
    own = _last_steps(session, AlertRow.id.in_([id_ for id_, _, _ in found])) if found else {}
    verdicts: list[tuple[str, bool]] = []
    for id_, story, verified in found:
        actor, said = own.get(id_, ("", None))
        if said is not verified:  # taken over in a merge
            actor = _actor_of_merged(session, story, verified)
        if actor:
            verdicts.append((actor, verified))
    return feedback_of(verdicts)


def _last_steps(session: Session, which: ColumnElement[bool]) -> dict[int, tuple[str, bool | None]]:
    """Who took the last step with alerts, and its verdict; the latest of these steps last."""
    steps = select(AlertEventRow).join(AlertRow, AlertRow.id == AlertEventRow.alert_id).where(which, _is_decision())
    found: dict[int, tuple[str, bool | None]] = {}
    for step in session.scalars(steps.order_by(AlertEventRow.id)):
        found.pop(step.alert_id, None)
        found[step.alert_id] = step.actor, verdict(step.to_state or "", step.reason)
    return found


def _actor_of_merged(session: Session, story_id: int, verified: bool) -> str:
    """Who decided so on an alert that was merged into the one of this story; empty where nobody did."""
    steps = _last_steps(session, AlertRow.story_id.in_(merged_in(session, story_id)))
    return next((actor for actor, said in reversed(steps.values()) if said is verified), "")


def _is_decision() -> ColumnElement[bool]:
    """Steps that people took; what a merge of stories does to their alerts is none."""
    return and_(AlertEventRow.actor != SYSTEM, AlertEventRow.action.in_(("moved", "reopened")))


def seen(session: Session, alert: AlertRow) -> dict[str, object]:
    """What a person sees of an alert when deciding: kept with the step, so that weights can be learned from it."""
    weights = weight_versions.by_version(session, [alert.weights_version])[alert.weights_version]
    region = session.scalar(
        select(AlertPlaceRow.code).where(AlertPlaceRow.alert_id == alert.id).order_by(AlertPlaceRow.position).limit(1)
    )
    if set(alert.parts) != set(PARTS):
        return {"region": region}
    values = {part: round(alert.parts[part] / weights[part], 4) if weights[part] else 0.0 for part in PARTS}
    return {"region": region, "values": values}


def decided(session: Session, zone: ZoneInfo) -> Decided:
    """The last decision of people on each alert, oldest first.

    One that a person re-opened is undecided again. Where the machine did, because it became more, it stands for less.
    """
    steps = (
        select(AlertEventRow)
        .join(AlertRow, AlertRow.id == AlertEventRow.alert_id)
        .where(_is_decision(), AlertRow.exercise.is_(False))
        .order_by(AlertEventRow.id)
    )
    last: dict[int, tuple[AlertEventRow, bool]] = {}
    for step in session.scalars(steps):
        verified = verdict(step.to_state or "", step.reason)
        if verified is not None:
            if step.alert_id not in last or last[step.alert_id][1] is not verified:  # the first sight is the fresh one
                last[step.alert_id] = step, verified
        elif step.action == "reopened" or step.to_state in _UNDECIDES:
            last.pop(step.alert_id, None)
    found = [_decision(step, verified, zone) for step, verified in last.values()]
    known = [one for one in found if one is not None]
    return Decided(known, len(found) - len(known))


def _decision(step: AlertEventRow, verified: bool, zone: ZoneInfo) -> Outcome | None:
    values, region = step.detail.get("values"), step.detail.get("region")
    if not isinstance(values, Mapping) or set(values) != set(PARTS):
        return None
    desk = str(region)[:2] if region else ""
    return Outcome(step.alert_id, local_day(step.at, zone), desk, step.actor, verified, dict(values))
