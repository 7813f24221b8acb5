"""Why an alert ranks where it does and not higher: the alerts right above and below it in the default list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from waspada.alerts import repository
from waspada.alerts.compare import Comparison, compare
from waspada.alerts.policy import LISTED_FOR
from waspada.alerts.types import OPEN_STATES, AlertFilter, AlertSummary


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Both sides of an alert in the list that its reader sees by default, part by part; None beyond an end of it.

    `is_listed` is False of an alert that does not stand in that list (finished, merged, an exercise, without a report
    of the time): it has no neighbours.
    """

    is_listed: bool
    above: Comparison | None = None
    below: Comparison | None = None

    @property
    def ids(self) -> list[int]:
        """The neighbours, for the audit log."""
        found = [self.above.upper.id] if self.above else []
        return [*found, self.below.lower.id] if self.below else found


def default_list(now: datetime, within: str | None) -> AlertFilter:
    """What a reader bound to a region (or to none) sees who chose nothing."""
    return AlertFilter(within=within, states=OPEN_STATES, since=now - LISTED_FOR)


def is_listed(alert: AlertSummary, now: datetime) -> bool:
    """Pure: whether an alert of the reader's region stands in the default list."""
    is_whole = alert.merged_into is None and not alert.exercise
    return is_whole and alert.state in OPEN_STATES and alert.last_item_at >= now - LISTED_FOR


def neighbours(session: Session, alert: AlertSummary, now: datetime, *, within: str | None = None) -> Neighbours:
    """The neighbours of an alert that the reader may see; two look-ups from its place in the ranking."""
    if not is_listed(alert, now):
        return Neighbours(False)
    wanted = default_list(now, within)
    above = repository.right_above(session, wanted, alert.position)
    below = repository.right_below(session, wanted, alert.position)
    return Neighbours(True, compare(above, alert) if above else None, compare(alert, below) if below else None)
