"""A worker in a process of its own that sends digests by mail at a pace, for tests that kill it.

    python -m tests.subscriptions.digest_process DATABASE_URL DATA_FOLDER PORT STATEMENTS MINUTE PER_MINUTE

Its clock begins so many minutes after the digests are due, and goes on a minute a round. After that many SQL statements
it kills itself with SIGKILL; 0 lets it go on to the end.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.killed import kill_after
from tests.subscriptions.people import DAY, DUE, MINUTE, settings_in
from waspada.jobs.digest import one_round, senders_of
from waspada.store import open_url
from waspada.subscriptions.repository import due, waiting_bulk

#: Three hours: longer than any lease, shorter than what is caught up.
_ROUNDS = 180


def main(url: str, folder: str, port: int, statements: int, minute: int, per_minute: int) -> None:
    store = open_url(url)
    settings = settings_in(Path(folder), mail_url=f"smtp://127.0.0.1:{port}", mail_per_minute=per_minute)
    ran = kill_after(store, statements)
    moment = [DUE + minute * MINUTE]
    senders = senders_of(settings, store, lambda: moment[0])
    for _ in range(_ROUNDS):
        one_round(store, settings, senders, lambda: moment[0])
        moment[0] += MINUTE
        with store.read() as session:
            if not waiting_bulk(session, "mail", moment[0] + DAY) and not due(session, moment[0], ["mail"], 1):
                break
    store.close()
    sys.stdout.write(f"{ran.statements}\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:]))
