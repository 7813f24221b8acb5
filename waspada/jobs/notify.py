"""alert -> notice: what is due becomes ready once, or is held back with its reason."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from waspada.notify import repository
from waspada.notify.holding import plan
from waspada.notify.policy import rules_of
from waspada.notify.types import Step
from waspada.settings import Settings
from waspada.store import Store


def notify_due(store: Store, settings: Settings, now: datetime) -> int:
    """Decides the notices of all desks as of `now`; returns how many changed.

    It looks without a lock first and writes only where there is something to do: then all is decided once more, by one
    worker at a time, and committed as a whole. Killed at any moment, the next one decides the same.
    """
    with store.read() as session:
        waits = any(_steps(session, desk, settings, now) for desk in repository.desks(session, settings))
    if not waits:
        return 0

    def work(session: Session) -> int:
        repository.lock(session)
        count = 0
        for desk in repository.desks(session, settings):
            for step in _steps(session, desk, settings, now):
                repository.apply(session, desk, step, now)
                count += 1
        return count

    return store.retrying(work)


def _steps(session: Session, desk: str, settings: Settings, now: datetime) -> list[Step]:
    rules = rules_of(settings)
    return plan(repository.situation(session, desk, rules, now), rules, now)
