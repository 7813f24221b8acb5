"""A desk at work, to be killed: adds items and audit lines without an end.

python -m tests.backups.writer DATA
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.rows import add_item
from waspada.audit.service import audit_log
from waspada.clock import utc_now
from waspada.jobs.lock import data_dir_lock
from waspada.settings import Settings
from waspada.store import open_store


def main(data: Path) -> None:
    settings = Settings(data_dir=data)
    with data_dir_lock(data):
        store = open_store(settings)
        number = 0
        while True:
            number += 1
            with store.write() as session:
                add_item(session, url=f"https://kabar-banjar.example/tulis/{number}", text="Kabar dari Barabai. " * 200)
                audit_log(settings).append(
                    session, actor="test", action="item.read", object=f"item/{number}", now=utc_now()
                )
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
