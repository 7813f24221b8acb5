"""The shapes of a saved view."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from waspada.alerts.types import STATE_GROUPS, AlertFilter, AlertState


class Period(StrEnum):
    """How far back a view looks, by the newest item of an alert."""

    ANY = "any"
    DAY = "1d"
    THREE_DAYS = "3d"
    WEEK = "7d"
    MONTH = "30d"


LENGTHS = {
    Period.DAY: timedelta(days=1),
    Period.THREE_DAYS: timedelta(days=3),
    Period.WEEK: timedelta(days=7),
    Period.MONTH: timedelta(days=30),
}
#: Choices of state beside each single one.
OPEN, ANY = "open", "any"
STATE_CHOICES = (*STATE_GROUPS, ANY, *(state.value for state in AlertState))


@dataclass(frozen=True, slots=True)
class ViewFilter:
    """What a view narrows the list by. It has no words to look for, and no account but the one that looks (`mine`)."""

    region: str | None = None
    label: str | None = None
    min_level: int = 0
    state: str = OPEN
    period: Period = Period.ANY
    topic: int | None = None
    mine: bool = False

    def as_filter(self, *, within: str | None, reader: str, now: datetime) -> AlertFilter:
        """The same for the list of alerts; `within` is the region that the account `reader` is bound to."""
        length = LENGTHS.get(self.period)
        return AlertFilter(
            region=self.region,
            within=within,
            labels=[self.label] if self.label else [],
            min_level=self.min_level,
            states=_states(self.state),
            since=now - length if length else None,
            topic=self.topic,
            owner=reader if self.mine else None,
        )


@dataclass(frozen=True, slots=True)
class View:
    """A view as somebody sees it. `owner` is the account that saved it; `new` counts the alerts that came since the
    reader last looked, at most `service.MOST_NEW`."""

    id: int
    owner: str
    title: str
    shared: bool
    filter: ViewFilter
    created_at: datetime
    new: int = 0


@dataclass(frozen=True, slots=True)
class NewView:
    title: str
    filter: ViewFilter
    shared: bool = False


@dataclass(frozen=True, slots=True)
class ViewSaved:
    """`actor` made or changed a view."""

    actor: str
    view: View
    at: datetime


def _states(choice: str) -> tuple[AlertState, ...]:
    if choice == ANY:
        return ()
    return tuple(STATE_GROUPS.get(choice) or (AlertState(choice),))
