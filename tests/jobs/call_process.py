"""A worker in a process of its own that makes calls over half an hour, for tests that kill it.

    python -m tests.jobs.call_process DATABASE_URL DATA_FOLDER STATEMENTS MINUTES

After that many SQL statements it kills itself with SIGKILL; 0 lets it finish.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.api.sample import NOW
from tests.jobs.calling import MINUTE, Recorder, settings_in
from tests.killed import kill_after
from waspada.jobs.messages import one_round
from waspada.store import open_url


def main(url: str, folder: str, statements: int, minutes: int) -> None:
    store, settings = open_url(url), settings_in(Path(folder))
    kill_after(store, statements)
    for minute in range(minutes):
        one_round(store, settings, [Recorder()], lambda at=NOW + minute * MINUTE: at)  # type: ignore[misc]
    store.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
