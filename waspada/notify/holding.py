"""What holds a due notice back, and which go first: pure decisions for one desk at one moment.

A notice is held by a silence, by an alert that speaks for it (its parent), or by the cap of the shift, in this order.
The reason is looked at anew each time, and so is what is to be told: a held notice comes free when its silence ends,
its parent is done, or another shift begins, unless it is needed no more by then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from waspada.alerts.types import AlertState
from waspada.notify import policy
from waspada.notify.types import (
    DropReason,
    Due,
    HeldReason,
    Notice,
    NoticeState,
    Occasion,
    Rules,
    Shift,
    Silence,
    Step,
    Subject,
)
from waspada.places import is_within
from waspada.taxonomy import MAX_LEVEL

#: A parent that was told speaks for its children so long: to the next shift at the latest.
PARENT_FOR = policy.SHIFT
#: An event in so many kabupaten of one province is one of the province.
WIDE_FROM = 3
_ORDER = {kind: position for position, kind in enumerate(Occasion)}


@dataclass(frozen=True, slots=True)
class Situation:
    """One desk at one moment: its alerts, their notices so far (oldest first), silences, and the shift with the number
    of interruptions in it."""

    alerts: Sequence[Subject]
    notices: Mapping[int, Sequence[Notice]]
    silences: Sequence[Silence]
    shift: Shift
    used: int


def plan(desk: Situation, rules: Rules, now: datetime) -> list[Step]:
    """What is to be done now, the most important first; nothing where all stays as it is.

    The cap is never passed: with those used already, at most `rules.per_shift` notices become ready in a shift.
    """
    steps: list[Step] = []
    waiting: list[tuple[Subject, Due, Notice | None]] = []
    for alert in desk.alerts:
        if not alert.is_ranked:
            continue
        notices = desk.notices.get(alert.alert_id, ())
        found = _next(alert, notices, rules, now)
        if isinstance(found, Step):
            steps.append(found)
            found = _next(alert, _with_dropped(notices, found, now), rules, now)
        if found is not None and not isinstance(found, Step):
            waiting.append((alert, *found))
    return steps + _decided(desk, waiting, rules, now)


def slots(level: int, rules: Rules) -> int:
    """How many interruptions of a shift are open to a level: the last one is kept for the highest, where there are
    several, so that a noisy morning does not swallow what must be looked at at once."""
    reserved = 1 if level < MAX_LEVEL and rules.per_shift > 1 else 0
    return rules.per_shift - reserved


def silence_over(alert: Subject, silences: Sequence[Silence], now: datetime) -> Silence | None:
    """The silence that holds the notices of an alert: the one that lasts longest.

    That of a region never holds the highest level; that of an alert holds it where it was so when it was silenced.
    """
    fitting = [one for one in silences if one.is_active(now) and _covers(one, alert)]
    return max(fitting, key=lambda one: (one.until, -one.id), default=None)


def wide_province(codes: Sequence[str], names_province: bool) -> str | None:
    """The province that an event is about as a whole, by its places (the main one first): its main place is the
    province and a text names it, or there are kabupaten enough. A text without a place has its outlet's home for one,
    which makes no province-wide event."""
    if codes and len(codes[0]) == 2:
        return codes[0] if names_province else None
    of_main = {code[:5] for code in codes if code[:2] == codes[0][:2] and len(code) > 2}
    return codes[0][:2] if len(of_main) >= WIDE_FROM else None


def _next(
    alert: Subject, notices: Sequence[Notice], rules: Rules, now: datetime
) -> Step | tuple[Due, Notice | None] | None:
    """The notice that waits or is due now; a step at once where it is needed no more."""
    last = notices[-1] if notices and notices[-1].is_waiting else None
    wanted = policy.due(alert, [one for one in notices if one.is_known], rules, now)
    if wanted is not None and wanted.at > now:
        if last is not None and last.kind is wanted.kind:  # it fell and rose again: what waits is told later
            return None
        wanted = None
    if last is not None:
        reason = policy.needless(alert, last.kind, rules, now)
        if reason is None and wanted is not None:
            return replace(wanted, at=last.due_at), last
        return _drop(alert, Due(last.kind, last.due_at, last.changes), last, reason or DropReason.UNCHANGED)
    if wanted is None:
        return None
    reason = policy.needless(alert, wanted.kind, rules, now)
    return (wanted, None) if reason is None else _drop(alert, wanted, None, reason)


def _drop(alert: Subject, wanted: Due, notice: Notice | None, reason: DropReason) -> Step:
    """A first notice that somebody forestalled is noted, too: what they know is what an update is measured by."""
    return Step(alert, wanted, NoticeState.DROPPED, notice, drop_reason=reason)


def _with_dropped(notices: Sequence[Notice], step: Step, now: datetime) -> list[Notice]:
    """The notices after a drop: what changed since the dropped one may be due at once."""
    alert, wanted = step.alert, step.due
    new = Notice(0, alert.alert_id, len(notices) + 1, wanted.kind, wanted.at, alert.facts, wanted.changes)
    dropped = replace(step.notice or new, dropped_at=now, drop_reason=step.drop_reason)
    return [*(one for one in notices if one is not step.notice), dropped]


def _decided(
    desk: Situation, waiting: Sequence[tuple[Subject, Due, Notice | None]], rules: Rules, now: datetime
) -> list[Step]:
    used, steps = desk.used, list[Step]()
    told = {alert_id: _told_at(notices) for alert_id, notices in desk.notices.items()}
    for alert, wanted, notice in sorted(waiting, key=_importance):
        held = _held(alert, desk, told, now)
        if held is None and used < slots(alert.facts.level, rules):
            used, told[alert.alert_id] = used + 1, now
            steps.append(Step(alert, wanted, NoticeState.READY, notice))
            continue
        reason, by = held or (HeldReason.CAP, f"shift/{desk.shift.start.isoformat()}")
        if notice is None or not _is_as_held(notice, alert, wanted, (reason, by)):
            steps.append(Step(alert, wanted, NoticeState.HELD, notice, reason, by))
    return steps


def _is_as_held(notice: Notice, alert: Subject, wanted: Due, held: tuple[HeldReason, str]) -> bool:
    told = (notice.kind, tuple(notice.changes), notice.facts)
    return told == (wanted.kind, tuple(wanted.changes), alert.facts) and (notice.held_reason, notice.held_by) == held


def _importance(waiting: tuple[Subject, Due, Notice | None]) -> tuple[int, bool, bool, int, float, int]:
    """Higher levels first; among equals a parent before its children, the first word before the second."""
    alert, wanted, _ = waiting
    is_child = (alert.parent_id is not None, alert.province is None)
    return -alert.facts.level, *is_child, _ORDER[wanted.kind], -alert.score, alert.alert_id


def _held(
    alert: Subject, desk: Situation, told: Mapping[int, datetime | None], now: datetime
) -> tuple[HeldReason, str] | None:
    if alert.muted_by is not None:
        return HeldReason.SILENCE, f"silence/{alert.muted_by}"
    silence = silence_over(alert, desk.silences, now)
    if silence is not None:
        return HeldReason.SILENCE, f"silence/{silence.id}"
    parent = _parent(alert, desk, told, now)
    return None if parent is None else (HeldReason.PARENT, f"alert/{parent.alert_id}")


def _parent(alert: Subject, desk: Situation, told: Mapping[int, datetime | None], now: datetime) -> Subject | None:
    """The alert that speaks for this one: never one of a lower level, nor one that is finished or that nobody knows."""
    able = [
        one
        for one in desk.alerts
        if one.alert_id != alert.alert_id and one.facts.level >= alert.facts.level and one.state not in policy.FINISHED
    ]
    named = [one for one in able if one.alert_id == alert.parent_id and _is_known(one, told)]
    wide = [one for one in able if _is_child(alert, one) and _speaks(told.get(one.alert_id), now)]
    return next(iter([*named, *sorted(wide, key=lambda one: (-one.facts.level, one.alert_id))]), None)


def _is_child(alert: Subject, parent: Subject) -> bool:
    """Never one of the highest level: a round-up of the province must not swallow a clash in one of its towns."""
    return (
        alert.facts.level < MAX_LEVEL
        and parent.province is not None
        and alert.province is None
        and alert.label == parent.label
        and alert.place is not None
        and alert.place.startswith(f"{parent.province}.")
    )


def _is_known(parent: Subject, told: Mapping[int, datetime | None]) -> bool:
    """Whether the desk was ever told of a named parent, or somebody took it in hand."""
    return told.get(parent.alert_id) is not None or parent.state is not AlertState.NEW


def _speaks(told_at: datetime | None, now: datetime) -> bool:
    """Whether the desk was told of a parent within the window: who knows nothing of it is not spared its children."""
    return told_at is not None and told_at > now - PARENT_FOR


def _told_at(notices: Sequence[Notice]) -> datetime | None:
    return max((notice.ready_at for notice in notices if notice.ready_at is not None), default=None)


def _covers(silence: Silence, alert: Subject) -> bool:
    if silence.alert_id is not None:
        return silence.alert_id == alert.alert_id and alert.facts.level <= (silence.level or 0)
    if silence.item_id is not None or alert.facts.level >= MAX_LEVEL:
        return False
    is_there = alert.place is not None and is_within(alert.place, silence.region)
    return is_there and silence.label in (None, alert.label)
