"""Once a month the worker makes the report of the model in use (waspada.drift).

Made while reading, kept in one statement: a worker that is killed in between makes it again.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from waspada.clock import last_month, month_bounds
from waspada.drift import repository
from waspada.drift.service import make_report
from waspada.drift.types import ModelReport
from waspada.errors import StoreError
from waspada.items.repository import clear_reject, reject
from waspada.store import Store

log = logging.getLogger("waspada.models")
#: What was said on the last day is read and grouped by then.
SETTLED_AFTER = timedelta(days=1)
#: Under this name what went wrong is kept aside, in `rejects`.
_STAGE = "report"


def report_due(store: Store, zone: ZoneInfo, model: str, now: datetime) -> ModelReport | None:
    """Makes the report of the last month where there is none and the month is settled; a desk that had not begun then
    has none. `model` is the one that reads, where no promotion says which."""
    month = last_month(now, zone)
    end = month_bounds(month, zone)[1]
    with store.read() as session:
        if now - end < SETTLED_AFTER or repository.has(session, f"{month:%Y-%m}"):
            return None
        if not repository.heard_before(session, end):
            return None
    try:
        with store.read() as session:
            report = make_report(session, month, default=model, zone=zone, now=now)
    except StoreError:
        raise
    except Exception as error:  # rows of an older version or a damaged one: the worker has other things to do
        log.exception("the report of %s could not be made", f"{month:%Y-%m}")
        problem = type(error).__name__
        store.retrying(lambda session: reject(session, _STAGE, f"{month:%Y-%m}", problem, now))
        return None
    store.retrying(lambda session: repository.save(session, report))
    store.retrying(lambda session: clear_reject(session, _STAGE, report.month))
    log.info("the report of %s is made: see /models/reports/%s", report.month, report.month)
    return report
