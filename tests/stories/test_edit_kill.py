"""kill -9 in the middle of an edit: it is done, with its alerts and its note, or nothing of it is."""

from __future__ import annotations

import signal

import pytest
from sqlalchemy import func, select

from tests.killed import run_module
from tests.rows import NOW
from tests.stories.partition import add_story, partition
from waspada.jobs.rank import RankingData, rank_stale
from waspada.settings import load_settings
from waspada.store import Store
from waspada.store.tables import AlertEventRow, AlertRow, StoryEditRow, StoryRow

#: The partition after none, one, two and all three edits.
AFTER = [
    {1: (1, 2), 2: (3, 4)},
    {1: (1, 2, 3, 4)},
    {1: (2, 4), 3: (1, 3)},
    {1: (1, 2, 3, 4)},
]


def _fill(store: Store) -> None:
    with store.write() as session:
        add_story(session, ["Dua kelompok bentrok di pasar.", "Bentrok di pasar reda."])
        add_story(session, ["Warga saling dorong di terminal.", "Terminal tenang kembali."])
    rank_stale(store, RankingData.load(load_settings()), NOW)


def _run(url: str, statements: int) -> tuple[int, str]:
    return run_module("tests.stories.edit_process", url, statements)


def _check(store: Store) -> int:
    """Looks at everything; returns how many edits are done."""
    with store.read() as session:
        edits = session.scalar(select(func.count()).select_from(StoryEditRow)) or 0
        merged = session.scalar(select(StoryRow.merged_into).where(StoryRow.id == 2))
        levels = dict(session.execute(select(AlertRow.story_id, AlertRow.level)).all())
        folded = session.scalars(select(AlertEventRow.action).where(AlertEventRow.action == "merged_into")).all()
    assert partition(store) == AFTER[edits]
    assert (merged, levels[2], len(folded)) == ((None, 2, 0) if not edits else (1, 0, 1))
    return edits


@pytest.mark.parametrize("statements", [25, 45, 60, 80, 100, 125])
def test_killed_edit_is_done_or_not(store: Store, store_url: str, statements: int) -> None:
    _fill(store)
    code, said = _run(store_url, statements)
    assert code in (0, -signal.SIGKILL), said
    _check(store)


def test_left_alone_it_ends(store: Store, store_url: str) -> None:
    _fill(store)
    code, said = _run(store_url, 0)
    assert code == 0, said
    assert _check(store) == 3
    assert int(said) > 60  # so that the kills above come in the middle
