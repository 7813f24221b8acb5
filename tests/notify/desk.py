"""A desk in memory: alerts, a clock, and the decisions as the job would keep them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from waspada.alerts.types import AlertState
from waspada.clock import ZONES
from waspada.notify import policy
from waspada.notify.holding import Situation, plan
from waspada.notify.types import Facts, Notice, NoticeState, Rules, Silence, Step, Subject

#: Tuesday 10.00 WITA: three hours into the day's shift.
NOW = datetime(2024, 11, 19, 2, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
RULES = Rules(
    wait=12 * MINUTE,
    update_every=2 * HOUR,
    repeat_after=12 * HOUR,
    min_level=2,
    per_shift=2,
    shift_start=time(7),
    zone=ZONES["WITA"],
)


def facts(
    level: int = 2, labels: Iterable[str] = ("conflict",), places: Iterable[str] = ("63.03",), **more: int
) -> Facts:
    return Facts(level, frozenset(labels), frozenset(places), more.get("outlets", 1), more.get("texts", 1))


def subject(alert_id: int = 1, **given: Any) -> Subject:
    """An alert of level 2 that opens now in Kabupaten Banjar."""
    values: dict[str, Any] = {
        "revision": 1,
        "state": AlertState.NEW,
        "label": "conflict",
        "score": 50.0,
        "place": "63.03",
        "reached_at": NOW,
        "last_item_at": NOW,
        "facts": facts(),
        **given,
    }
    return Subject(alert_id, **values)


@dataclass
class Memory:
    """What the job keeps in the database, kept here."""

    rules: Rules = RULES
    notices: dict[int, list[Notice]] = field(default_factory=dict)
    silences: list[Silence] = field(default_factory=list)

    def decide(self, alerts: Iterable[Subject], now: datetime) -> list[Step]:
        shift = policy.shift_of(now, self.rules)
        used = sum(shift.start <= one < shift.end for one in self.ready())
        steps = plan(Situation(list(alerts), self.notices, self.silences, shift, used), self.rules, now)
        for step in steps:
            self._keep(step, now)
        return steps

    def ready(self) -> list[datetime]:
        return sorted(one.ready_at for mine in self.notices.values() for one in mine if one.ready_at is not None)

    def _keep(self, step: Step, now: datetime) -> None:
        mine = self.notices.setdefault(step.alert.alert_id, [])
        if step.notice is None:
            number = len(mine) + 1
            mine.append(
                Notice(
                    number, step.alert.alert_id, number, step.due.kind, step.due.at, step.alert.facts, step.due.changes
                )
            )
        last = mine[-1]
        if step.outcome is NoticeState.DROPPED:
            mine[-1] = replace(last, dropped_at=now, drop_reason=step.drop_reason)
            return
        last = replace(last, kind=step.due.kind, facts=step.alert.facts, changes=step.due.changes)
        if step.outcome is NoticeState.READY:
            mine[-1] = replace(last, ready_at=now)
        else:
            mine[-1] = replace(last, held_at=last.held_at or now, held_reason=step.held_reason, held_by=step.held_by)
