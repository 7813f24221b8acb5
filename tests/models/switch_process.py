"""A worker through a switch of models, in a process of its own, for tests that kill it.

    python -m tests.models.switch_process DATABASE_URL STATEMENTS

Stores items, reads them with one model, notifies, promotes another, reads anew, rolls back, reads anew, notifies.
After that many SQL statements it kills itself with SIGKILL; 0 lets it finish. Every step can be done again.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

from tests.jobs.tiny import TinyTagger, add_sources, campaign
from tests.killed import kill_after
from tests.models.readers import NEW, OLD, SecondTagger
from tests.rows import NOW
from waspada.items.service import store_item
from waspada.jobs.notify import notify_due
from waspada.jobs.pipeline import run_waiting
from waspada.jobs.rank import RankingData
from waspada.jobs.reread import reread_step
from waspada.jobs.taggers import Taggers
from waspada.models import repository, service
from waspada.settings import load_settings
from waspada.store import Store, open_url
from waspada.taxonomy import Tagger

ITEMS = 16
SOON = NOW + timedelta(hours=1)


def main(url: str, statements: int) -> None:
    store = open_url(url)
    ran = kill_after(store, statements)
    settings = load_settings(notify_per_shift=20)
    data = RankingData.load(settings)
    with store.write() as session:
        add_sources(session)
        for name in (OLD, NEW):
            service.register(session, name, name, kind="tiny", actor="tuan", now=NOW)
        if not repository.events(session):
            for one in campaign(ITEMS):
                store_item(session, one, NOW)
    taggers = Taggers(store, settings, TinyTagger(), _load)
    if _steps(store) == 0:
        _work(store, data, taggers)
        notify_due(store, settings, NOW + timedelta(minutes=30))
    for number in (1, 2):
        if _steps(store) < number:
            _decide(store, number)
        if _steps(store) == number:
            _work(store, data, taggers)
    notify_due(store, settings, SOON + timedelta(hours=5))
    store.close()
    sys.stdout.write(f"{ran.statements}\n")


def _load(path: Path) -> Tagger:
    return TinyTagger() if path.name == OLD else SecondTagger(path.name)


def _steps(store: Store) -> int:
    with store.read() as session:
        return len(repository.events(session))


def _decide(store: Store, number: int) -> None:
    with store.write() as session:
        who = {"default": OLD, "actor": "ana", "now": SOON + timedelta(minutes=number)}
        if number == 1:
            service.promote(session, NEW, seen=OLD, reason="coba", override=True, **who)  # type: ignore[arg-type]
        else:
            service.rollback(session, seen=NEW, reason="salah", **who)  # type: ignore[arg-type]


def _work(store: Store, data: RankingData, taggers: Taggers) -> None:
    """What a worker does, round by round, until nothing waits."""
    taggers.look(SOON)
    while run_waiting(store, taggers.current, data, lambda: SOON) or reread_step(store, taggers.current, SOON, limit=5):
        taggers.look(SOON)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
