"""The coverage line of a list, remembered: it is asked with every page and changes when the sources are looked at.

What is remembered stands for as long as the last look at the sources (`waspada.jobs.watch`), the number of sources that
are on, parked, or were asked since that look, and the minute; where a source was not looked at, nothing is remembered.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from threading import Lock
from typing import Generic, TypeVar

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from waspada.alerts import repository
from waspada.alerts.types import Coverage
from waspada.places import Place
from waspada.sources import service
from waspada.sources.types import OWN_ROLES, CoverageState, HealthState
from waspada.store.asking import ask
from waspada.store.tables import SourceHealthRow, SourceRow

_MOST = 256
_Key = tuple[object, ...]


_T = TypeVar("_T")


class _Known(Generic[_T]):
    """What one process knows by what it was told from; the oldest goes."""

    def __init__(self) -> None:
        self._found: OrderedDict[_Key, _T] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._found)

    def get(self, key: _Key, make: Callable[[], _T]) -> _T:
        with self._lock:
            if key in self._found:
                return self._found[key]
        made = make()
        with self._lock:
            self._found[key] = made
            while len(self._found) > _MOST:
                self._found.popitem(last=False)
        return made


class HeardLines:
    """Lines of one process, by region and by what they were told from; and the states of regions, in the same way."""

    def __init__(self) -> None:
        self._known: _Known[Coverage] = _Known()
        self._states: _Known[Mapping[str, CoverageState]] = _Known()

    def line(self, session: Session, region: str | None, now: datetime, *, home: str | None = None) -> Coverage:
        """`repository.coverage`, worked out once for what the sources are like."""
        state = _state(session, now)
        if state is None:
            return repository.coverage(session, region, now, home=home)
        key = (region, home, *state)
        return self._known.get(key, lambda: repository.coverage(session, region, now, home=home))

    def states(self, session: Session, regions: Sequence[Place], now: datetime) -> Mapping[str, CoverageState]:
        """How well each of these regions, all of one level, can be heard, by its code."""

        def make() -> Mapping[str, CoverageState]:
            found = service.coverages(session, service.healths(session, now), regions, now)
            return {one.region.code: one.state for one in found}

        state = _state(session, now)
        return make() if state is None else self._states.get((*(one.code for one in regions), *state), make)


_POLLED_SINCE = or_(
    and_(SourceHealthRow.state == HealthState.NEW, SourceRow.last_poll_at > SourceHealthRow.at),
    and_(SourceHealthRow.state == HealthState.BROKEN, SourceRow.last_success_at > SourceHealthRow.at),
)
#: Made once: it is asked with every page.
_STATE = (
    select(
        func.count(),
        func.count(SourceHealthRow.source_id),
        func.sum(case((SourceRow.parked, 1), else_=0)),
        func.sum(case((_POLLED_SINCE, 1), else_=0)),
        func.min(SourceHealthRow.at),
        func.max(SourceHealthRow.at),
    )
    .select_from(SourceRow)
    .outerjoin(SourceHealthRow, SourceHealthRow.source_id == SourceRow.id)
    .where(SourceRow.enabled.is_(True), SourceRow.role.not_in(OWN_ROLES))
)


def _state(session: Session, now: datetime) -> _Key | None:
    """What the line is told from; None where a source that is on was not looked at."""
    found = ask(session, _STATE).one()
    if not found[0] or found[0] != found[1]:
        return None
    return (*found, now.replace(second=0, microsecond=0))
