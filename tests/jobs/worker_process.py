"""A worker in a process of its own, for tests that kill it: stores a campaign, then runs every stage.

    python -m tests.jobs.worker_process DATABASE_URL ITEMS STATEMENTS

After that many SQL statements it kills itself with SIGKILL, in the middle of whatever it does; 0 lets it finish. Prints
how many statements it ran.
"""

from __future__ import annotations

import sys

from tests.jobs.tiny import TinyTagger, add_sources, campaign
from tests.killed import kill_after
from tests.rows import NOW
from waspada.items.service import store_item
from waspada.jobs.pipeline import run_waiting
from waspada.jobs.rank import RankingData
from waspada.settings import load_settings
from waspada.store import open_url

STORE_BATCH = 10


def main(url: str, items: int, statements: int) -> None:
    store = open_url(url)
    ran = kill_after(store, statements)
    with store.write() as session:
        add_sources(session)
    found = campaign(items)
    for start in range(0, items, STORE_BATCH):
        with store.write() as session:
            for one in found[start : start + STORE_BATCH]:
                store_item(session, one, NOW)
    run_waiting(store, TinyTagger(), RankingData.load(load_settings()), lambda: NOW)
    store.close()
    sys.stdout.write(f"{ran.statements}\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
