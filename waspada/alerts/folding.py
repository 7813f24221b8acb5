"""What happens to two alerts when their stories become one, and when that is undone.

A story has one alert. The alert of the story that stays takes over the state that a person reached with the other; the
other one is kept with its history at level 0, off the lists, and its page leads to the one that stayed. What the desks
were told of it goes over (`waspada.notify.following`). What stood in both before is noted with the edit, so that an
undo restores it.

| the two alerts | the one that stays |
|---|---|
| both new | new |
| one new, one in hand (acknowledged, verified, needs clarification) | in hand |
| one new, one finished (no threat, duplicate, closed) | finished; new where its level is higher: it became more |
| one in hand, one finished | in hand: somebody still has something to do |
| both in hand | verified before the others, else the later step |
| both finished | the later step, with its reason |
| one a duplicate | as the other one: that it is the same event is what was said of it |

Owner and due time go with the state; where that alert has no owner, the other one's stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from waspada.alerts.changes import due_detail, owner_detail
from waspada.alerts.regions import rescore
from waspada.alerts.types import OPEN_STATES, AlertState, DuplicateReason, state_named
from waspada.notify import following, repository
from waspada.store.tables import AlertEventRow, AlertRow

#: Steps that say whose an alert is, and until when.
_OWNING = AlertEventRow.action.in_(("assigned", "due_set", "released"))


@dataclass(frozen=True, slots=True)
class Standing:
    """How far people are with an alert; `reached_at` is the time of the last step."""

    state: AlertState
    reason: str | None
    level: int
    reached_at: datetime
    owner: str | None = None
    due_at: datetime | None = None


def combined(one: Standing, other: Standing) -> Standing:
    """Whose state and reason the alert of both has from now on: the table above."""
    told = [s for s in (one, other) if s.reason != DuplicateReason.DUPLICATE] or [one, other]
    new = [s for s in told if s.state is AlertState.NEW]
    in_hand = [s for s in told if s.state in OPEN_STATES and s.state is not AlertState.NEW]
    finished = [s for s in told if s.state not in OPEN_STATES]
    if in_hand:
        return max(in_hand, key=lambda s: (s.state is AlertState.VERIFIED, s.reached_at))
    if not finished:
        return new[0]
    last = max(finished, key=lambda s: s.reached_at)
    return new[0] if new and new[0].level > last.level else last


def fold(session: Session, story_id: int, into_id: int, *, edit_id: int, actor: str, now: datetime) -> dict[str, Any]:
    """Joins the alerts of two stories of which the first ends; returns how they stood, for `unfold`.

    Where only the story that ends has an alert, that goes over to the other with its history. Facts and score follow
    when the story is ranked; a level that rises then brings back what was finished as less.
    """
    repository.lock(session)  # before the alerts: who decides notices holds it while it points to them
    rows = _alerts(session, story_id, into_id)
    lost, kept = rows.get(story_id), rows.get(into_id)
    if lost is None:
        return {}
    if kept is None:
        lost.story_id, lost.revision = into_id, lost.revision + 1
        _note(session, lost, "regrouped", actor, now, {"story": into_id, "edit": edit_id})
        return {"moved": lost.id}
    stood = {"folded": _snapshot(lost), "kept": {**_snapshot(kept), "event": 0}}
    chosen = combined(_standing(session, kept), _standing(session, lost))
    if chosen.owner is None:
        chosen = replace(chosen, owner=kept.owner or lost.owner)
    told: dict[str, Any] = {"alert": lost.id, "edit": edit_id}
    told |= owner_detail(kept.owner, chosen.owner) | due_detail(kept.due_at, chosen.due_at)
    change = _set_state(kept, chosen, now)
    if lost.level > kept.level:  # people knew of this level: ranking must not take it for one that rose
        told |= {"from": kept.level, "to": lost.level}
        kept.level = lost.level
    stood["kept"]["set"] = kept.level
    event = _note(session, kept, "merged", actor, now, told, change, kept.reason)
    stood["kept"]["event"] = event.id
    detail = {"alert": kept.id, "edit": edit_id, "from": lost.level, "to": 0}
    lost.level, lost.score, lost.parts, lost.changed_at = 0, 0.0, {}, now
    lost.revision += 1
    _note(session, lost, "merged_into", actor, now, detail)
    rescore(session, lost.id, lost.score)
    return stood | {"followed": following.follow(session, lost.id, kept.id, now)}


def unfold(
    session: Session, stood: Mapping[str, Any], story_id: int, into_id: int, *, edit_id: int, actor: str, now: datetime
) -> None:
    """Takes a fold back: the alert of the story that had ended stands as it stood.

    The other one gets its own state back, unless somebody took a step with it since: a person's later word stands. Its
    level goes back where it is the one that the fold set: one that ranking gave it since is for ranking to take.
    """
    repository.lock(session)
    rows = _alerts(session, story_id, into_id)
    kept, lost = rows.get(into_id), rows.get(story_id)
    if "moved" in stood and kept is not None and kept.id == stood["moved"] and lost is None:
        kept.story_id, kept.revision = story_id, kept.revision + 1
        _note(session, kept, "regrouped", actor, now, {"story": story_id, "edit": edit_id})
    if "folded" not in stood:
        return
    before, own = stood["folded"], stood["kept"]
    following.go_back(session, stood.get("followed", {}), before["id"], own["id"])
    if lost is not None and lost.id == before["id"]:
        lost.level, lost.score, lost.parts, lost.changed_at = before["level"], before["score"], before["parts"], now
        lost.revision += 1
        rescore(session, lost.id, lost.score)
        _note(session, lost, "unmerged", actor, now, {"alert": own["id"], "edit": edit_id})
    if kept is not None and kept.id == own["id"]:
        change = None
        if not _happened_since(session, kept.id, own["event"], AlertEventRow.to_state.is_not(None)):
            given = _stood(own)
            if _happened_since(session, kept.id, own["event"], _OWNING):
                given = replace(given, owner=kept.owner, due_at=kept.due_at)
            change = _set_state(kept, given, now)
            if kept.level == own.get("set", kept.level):  # an edit of before it was noted
                kept.level = own["level"]
        _note(session, kept, "unmerged", actor, now, {"alert": before["id"], "edit": edit_id}, change, kept.reason)


def _alerts(session: Session, *story_ids: int) -> dict[int, AlertRow]:
    """The alerts of the stories by story, locked."""
    query = select(AlertRow).where(AlertRow.story_id.in_(story_ids)).order_by(AlertRow.id).with_for_update()
    return {row.story_id: row for row in session.scalars(query.execution_options(populate_existing=True))}


def _snapshot(row: AlertRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "state": row.state,
        "reason": row.reason,
        "level": row.level,
        "score": row.score,
        "parts": dict(row.parts),
        "owner": row.owner,
        "due_at": row.due_at.isoformat() if row.due_at else None,
    }


def _stood(before: Mapping[str, Any]) -> Standing:
    """A snapshot; one of before owners were noted has none."""
    due, reason = before.get("due_at"), before["reason"]
    return Standing(
        state_named(before["state"], reason),
        reason,
        before["level"],
        datetime.min.replace(tzinfo=UTC),
        before.get("owner"),
        datetime.fromisoformat(due) if due else None,
    )


def _standing(session: Session, row: AlertRow) -> Standing:
    steps = select(func.max(AlertEventRow.id)).where(
        AlertEventRow.alert_id == row.id, AlertEventRow.to_state.is_not(None)
    )
    last = session.get(AlertEventRow, session.scalar(steps) or 0)
    reached_at = last.at if last else row.opened_at
    return Standing(AlertState(row.state), row.reason, row.level, reached_at, row.owner, row.due_at)


def _set_state(row: AlertRow, given: Standing, now: datetime) -> tuple[str, str] | None:
    """Gives the alert a state with its owner; returns from which to which it went, None where it had it."""
    before, state = row.state, given.state.value
    row.state, row.reason, row.changed_at = state, given.reason, now
    row.owner, row.due_at = given.owner, given.due_at
    row.revision += 1
    return (before, state) if before != state else None


def _happened_since(session: Session, alert_id: int, event_id: int, what: ColumnElement[bool]) -> bool:
    query = select(AlertEventRow.id).where(AlertEventRow.alert_id == alert_id, AlertEventRow.id > event_id, what)
    return session.scalar(query.limit(1)) is not None


def _note(
    session: Session,
    alert: AlertRow,
    action: str,
    actor: str,
    now: datetime,
    detail: dict[str, Any],
    change: tuple[str, str] | None = None,
    reason: str | None = None,
) -> AlertEventRow:
    event = AlertEventRow(
        alert_id=alert.id,
        at=now,
        actor=actor,
        action=action,
        revision=alert.revision,
        from_state=change[0] if change else None,
        to_state=change[1] if change else None,
        reason=reason if change else None,
        detail=detail,
    )
    session.add(event)
    session.flush()
    return event
