"""A merge, a split and an undo in a process of its own, for tests that kill it.

    python -m tests.stories.edit_process DATABASE_URL STATEMENTS

Kills itself with SIGKILL after that many SQL statements; 0 lets it finish. Each edit is one transaction.
"""

from __future__ import annotations

import sys

from tests.killed import kill_after
from tests.rows import NOW
from waspada.store import open_url
from waspada.stories import service
from waspada.stories.edits import revision_of


def main(url: str, statements: int) -> None:
    store = open_url(url)
    ran = kill_after(store, statements)
    with store.write() as session:
        merged = service.merge(session, 1, 2, actor="a", revision=revision_of(session, 1), now=NOW)
    with store.write() as session:
        service.split(session, 1, [1, 3], actor="a", revision=revision_of(session, 1), now=NOW)
    with store.write() as session:
        service.undo(session, 1, merged.edit.id + 1, actor="a", now=NOW)
    store.close()
    sys.stdout.write(f"{ran.statements}\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
