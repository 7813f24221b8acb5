"""A worker in a process of its own that decides notices, for tests that kill it.

    python -m tests.jobs.notify_process DATABASE_URL STATEMENTS

After that many SQL statements it kills itself with SIGKILL; 0 lets it finish. Decides over a day, a quarter of an hour
at a time, and prints how many notices changed.
"""

from __future__ import annotations

import sys
from datetime import timedelta

from tests.api.sample import NOW
from tests.killed import kill_after
from waspada.jobs.notify import notify_due
from waspada.settings import load_settings
from waspada.store import open_url

QUARTERS = 96


def main(url: str, statements: int) -> None:
    store, settings = open_url(url), load_settings()
    kill_after(store, statements)
    changed = sum(notify_due(store, settings, NOW + n * timedelta(minutes=15)) for n in range(QUARTERS))
    store.close()
    sys.stdout.write(f"{changed}\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
