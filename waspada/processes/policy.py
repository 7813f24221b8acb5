"""When a process counts as alive, and a desk as ready. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from waspada.processes.types import Check, Life, Process, ProcessRole

BEAT_EVERY = timedelta(seconds=15)
#: Four beats: one may be late because the database is busy.
SILENT_AFTER = timedelta(seconds=60)
#: The longest that honest work takes between two looks at its queue: a purge or a catch-up of a day.
STUCK_AFTER = timedelta(minutes=30)
#: Processes without which nothing new comes in.
NEEDED = (ProcessRole.COLLECTOR, ProcessRole.WORKER)


def life_of(process: Process, now: datetime) -> Life:
    """How a process is at `now`. A clock that was set back makes no process silent."""
    if now - process.beat_at > SILENT_AFTER:
        return Life.SILENT
    if process.touched_at is not None and now - process.touched_at > STUCK_AFTER:
        return Life.STUCK
    return Life.ALIVE


def life_checks(processes: Sequence[Process], now: datetime) -> list[Check]:
    """A check for each process that is needed: fine where one of its kind is alive.

    One that was never seen is no failure: the API of a team may start before the machine that works, and a desk that is
    only read (a copy, an archive) has none.
    """
    found = []
    for role in NEEDED:
        own = [one for one in processes if one.role is role]
        lives = {life_of(one, now) for one in own}
        if not own:
            found.append(Check(role.value, True, "never seen"))
        elif Life.ALIVE in lives:
            found.append(Check(role.value, True, "alive"))
        else:
            last = max(one.beat_at for one in own)
            word = "does not go on" if Life.STUCK in lives else "is silent"
            found.append(Check(role.value, False, f"{word}; last beat {last:%Y-%m-%d %H:%M:%S}Z"))
    return found


def model_check(processes: Sequence[Process], now: datetime) -> Check:
    """Which model the living workers have loaded. Nothing is known without one."""
    models = {
        str(one.detail.get("model", ""))
        for one in processes
        if one.role is ProcessRole.WORKER and life_of(one, now) is not Life.SILENT
    } - {""}
    return Check("model", True, ", ".join(sorted(models)) or "no worker tells")
