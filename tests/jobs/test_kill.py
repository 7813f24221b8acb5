"""kill -9 of a worker at any moment, then a restart: no item lost, none twice, every item in exactly one story."""

from __future__ import annotations

import random
import signal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.alerts.standing import check_in_step
from tests.jobs.tiny import campaign
from tests.killed import run_module
from tests.rows import pairs
from waspada.items.types import Stage
from waspada.store import Store
from waspada.store.tables import (
    AlertEventRow,
    AlertPlaceRow,
    AlertRegionRow,
    AlertRow,
    BandRow,
    ItemRow,
    ItemVersionRow,
    PlaceRow,
    RejectRow,
    StoryItemRow,
    StoryPlaceRow,
    StoryRow,
    TagRow,
)

ITEMS = 60


def _work(url: str, statements: int = 0) -> tuple[int, str]:
    return run_module("tests.jobs.worker_process", url, ITEMS, statements)


def _kill_and_restart(store: Store, url: str, kills: int, seed: int) -> None:
    """Kills `kills` workers, each after a random share of the work that was left, then lets one finish."""
    rng = random.Random(seed)
    for number in range(kills):
        code, said = _work(url, rng.randint(1, 1_500 // (1 + number // 4)))
        if code == 0:
            break  # it finished before it could be killed
        assert code == -signal.SIGKILL, said
        _check_halfway(store)
    code, said = _work(url)
    assert code == 0, said
    _check_done(store)


def _check_halfway(store: Store) -> None:
    """Whatever the moment, what stands in the store is whole."""
    with store.read() as session:
        check_in_step(session)
        items = session.scalar(select(func.count()).select_from(ItemRow))
        assert session.scalar(select(func.count()).select_from(ItemVersionRow)) == items
        grouped = session.scalars(select(ItemRow.id).where(ItemRow.stage == Stage.GROUPED)).all()
        tagged = session.scalars(select(ItemRow.id).where(ItemRow.stage != Stage.NEW)).all()
        assert sorted(session.scalars(select(StoryItemRow.item_id))) == sorted(grouped)
        assert sorted(session.scalars(select(TagRow.item_id))) == sorted(tagged)
        empty = select(StoryRow.id).where(StoryRow.id.not_in(select(StoryItemRow.story_id)))
        assert session.scalars(empty).all() == []


def _check_done(store: Store) -> None:
    _check_halfway(store)
    with store.read() as session:
        urls = session.scalars(select(ItemRow.url)).all()
        assert sorted(urls) == sorted(one.url for one in campaign(ITEMS))
        assert set(session.scalars(select(ItemRow.stage))) == {Stage.GROUPED}
        assert session.scalars(select(StoryRow.id).where(StoryRow.stale)).all() == []
        assert session.scalars(select(RejectRow.problem)).all() == []
        opened = select(func.count()).select_from(AlertEventRow).where(AlertEventRow.action == "opened")
        assert session.scalar(opened) == session.scalar(select(func.count()).select_from(AlertRow))


def _picture(store: Store) -> dict[str, Any]:
    """Everything but the ids that a database hands out and the pseudonyms of this installation."""
    with store.read() as session:
        url = pairs(session, select(ItemRow.id, ItemRow.url))
        story = pairs(session, select(StoryItemRow.item_id, StoryItemRow.story_id))
        first = {s: min(url[i] for i, other in story.items() if other == s) for s in story.values()}
        alert = {row.id: first[row.story_id] for row in session.scalars(select(AlertRow))}
        return {
            "stories": {url[i]: first[s] for i, s in story.items()},
            "how": {url[r.item_id]: (r.how, r.likeness) for r in session.scalars(select(StoryItemRow))},
            "alerts": {alert[r.id]: (r.label, r.level, r.score, r.why) for r in session.scalars(select(AlertRow))},
            "alert places": sorted(
                (alert[r.alert_id], r.code, r.position) for r in session.scalars(select(AlertPlaceRow))
            ),
            "alert regions": sorted(
                (alert[r.alert_id], r.code, r.score) for r in session.scalars(select(AlertRegionRow))
            ),
            "places": sorted((url[r.item_id], r.code, r.start) for r in session.scalars(select(PlaceRow))),
            "bands": sorted((url[r.item_id], r.value) for r in session.scalars(select(BandRow))),
            "story places": sorted(
                (first[r.story_id], r.code, r.eventful) for r in session.scalars(select(StoryPlaceRow))
            ),
        }


def test_three_kills(store: Store, store_url: str) -> None:
    _kill_and_restart(store, store_url, kills=3, seed=9)


@pytest.mark.full
def test_forty_kills(store: Store, store_url: str) -> None:
    _kill_and_restart(store, store_url, kills=40, seed=1)


@pytest.mark.full
def test_killed_work_ends_like_work_that_was_left_alone(store: Store, store_url: str, tmp_path: Path) -> None:
    from waspada.store import open_url

    _kill_and_restart(store, store_url, kills=10, seed=4)
    calm_url = f"sqlite:///{tmp_path / 'calm.db'}"
    assert _work(calm_url)[0] == 0
    calm = open_url(calm_url)
    assert _picture(store) == _picture(calm)
    calm.close()
