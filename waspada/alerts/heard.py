"""The coverage line of a list, remembered: it is asked with every page and changes when the sources are looked at.

What is remembered stands for as long as the last look at the sources (`waspada.jobs.watch`), the number of sources that
are on, parked, or were asked since that look, and the minute; where a source was not looked at, nothing is remembered.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime
from threading import Lock

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from waspada.alerts import repository
from waspada.alerts.types import Coverage
from waspada.sources.types import HealthState, SourceRole
from waspada.store.asking import ask
from waspada.store.tables import SourceHealthRow, SourceRow

_MOST = 256
_Key = tuple[object, ...]


class HeardLines:
    """Lines of one process, by region and by what they were told from."""

    def __init__(self) -> None:
        self._known: OrderedDict[_Key, Coverage] = OrderedDict()
        self._lock = Lock()

    def line(self, session: Session, region: str | None, now: datetime, *, home: str | None = None) -> Coverage:
        """`repository.coverage`, worked out once for what the sources are like."""
        state = _state(session, now)
        if state is None:
            return repository.coverage(session, region, now, home=home)
        key = (region, home, *state)
        with self._lock:
            found = self._known.get(key)
        if found is None:
            found = repository.coverage(session, region, now, home=home)
            with self._lock:
                self._known[key] = found
                while len(self._known) > _MOST:
                    self._known.popitem(last=False)
        return found


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
    .where(SourceRow.enabled.is_(True), SourceRow.role != SourceRole.EXERCISE)
)


def _state(session: Session, now: datetime) -> _Key | None:
    """What the line is told from; None where a source that is on was not looked at."""
    found = ask(session, _STATE).one()
    if not found[0] or found[0] != found[1]:
        return None
    return (*found, now.replace(second=0, microsecond=0))
