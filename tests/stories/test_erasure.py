"""What is erased leaves no words in headlines and edits; ids of what is gone go too."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.rows import NOW
from tests.stories.partition import add_story
from waspada.alerts.types import ERASED
from waspada.jobs.purge import remove_items
from waspada.jobs.rank import RankingData, rank_stale
from waspada.settings import load_settings
from waspada.store import Store
from waspada.store.tables import AlertRow, StoryEditItemRow, StoryEditRow, StoryHeadlineRow, StoryItemRow, StoryRow
from waspada.stories import service
from waspada.stories.edits import edits_of, merged_in

LATER = NOW + timedelta(hours=5)


@pytest.fixture
def merged(store: Store) -> Store:
    """Two stories with alerts, merged with a reason."""
    with store.write() as session:
        add_story(session, ["Dua kelompok bentrok di pasar.", "Bentrok di pasar reda."])
        add_story(session, ["Warga saling dorong di terminal."], place="63.04", at=NOW + timedelta(hours=1))
    _rank(store)
    with store.write() as session:
        service.merge(session, 1, 2, actor="analyst-1", revision=0, reason="Kata camat sama.", now=LATER)
    _rank(store)
    return store


def _rank(store: Store) -> None:
    while rank_stale(store, RankingData.load(load_settings()), LATER):
        pass


def test_of_one_item_its_headline_and_its_id_go(merged: Store) -> None:
    with merged.write() as session:
        remove_items(session, [3])
    _rank(merged)
    with merged.read() as session:
        assert 3 not in session.scalars(select(StoryEditItemRow.item_id)).all()
        assert 3 not in session.scalars(select(StoryHeadlineRow.item_id)).all()
        (edit,) = edits_of(session, 1)
    assert (list(edit.item_ids), edit.reason) == ([], "Kata camat sama.")


def test_of_the_last_item_every_word_goes_also_with_the_stories_merged_into_it(merged: Store) -> None:
    with merged.write() as session:
        assert merged_in(session, 1) == [2]
        remove_items(session, [1, 2, 3])
    _rank(merged)
    with merged.read() as session:
        assert session.scalars(select(StoryItemRow.item_id)).all() == []
        assert session.scalars(select(StoryHeadlineRow.headline)).all() == []
        assert session.scalars(select(StoryEditRow.reason)).all() == [""]
        assert session.scalars(select(StoryRow.headline)).all() == ["", ""]
        assert {(row.headline, row.why) for row in session.scalars(select(AlertRow))} == {(ERASED, "")}
        assert [edit.actor for edit in edits_of(session, 1)] == ["analyst-1"]  # the step stays


def test_a_merged_story_forgets_nothing_while_the_other_has_items(merged: Store) -> None:
    with merged.write() as session:
        session.get_one(StoryRow, 2).stale = True
    _rank(merged)
    with merged.read() as session:
        lost = session.scalars(select(AlertRow).where(AlertRow.story_id == 2)).one()
        assert (lost.level, lost.headline) == (0, "Judul Warga saling dorong di termina")
        assert set(session.scalars(select(StoryHeadlineRow.story_id))) == {1, 2}
