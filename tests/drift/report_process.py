"""A worker that makes the report of a month, in a process of its own, for tests that kill it.

python -m tests.drift.report_process DATABASE_URL STATEMENTS
"""

from __future__ import annotations

import sys

from tests.drift.months import MODEL, NOW, fill
from tests.killed import kill_after
from waspada.clock import DEFAULT_ZONE
from waspada.drift.repository import heard_before
from waspada.jobs.model_report import report_due
from waspada.store import open_url


def main(url: str, statements: int) -> None:
    store = open_url(url)
    with store.read() as session:
        is_new = not heard_before(session, NOW)
    if is_new:
        with store.write() as session:
            fill(session)
    ran = kill_after(store, statements)
    report_due(store, DEFAULT_ZONE, MODEL, NOW)
    report_due(store, DEFAULT_ZONE, MODEL, NOW)
    store.close()
    sys.stdout.write(f"{ran.statements}\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
