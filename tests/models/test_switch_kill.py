"""kill -9 of a worker through a promotion and a roll-back: the same tags, the same alerts, the same notices."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.killed import same_after_kills
from tests.models.readers import NEW, OLD
from tests.models.switch_process import ITEMS
from waspada.store import Store
from waspada.store.tables import AlertRow, ItemRow, ModelEventRow, NoticeRow, StoryItemRow, TagRow


def _picture(store: Store) -> list[tuple[object, ...]]:
    with store.read() as session:
        events = session.scalars(select(ModelEventRow).order_by(ModelEventRow.id)).all()
        assert [(row.what, row.model) for row in events] == [("promote", NEW), ("rollback", OLD)]
        assert [row.walked_to for row in events] == [0, 0]
        tags = session.execute(
            select(ItemRow.url, TagRow.model, TagRow.beside, TagRow.alert_level)
            .join(TagRow, TagRow.item_id == ItemRow.id)
            .order_by(ItemRow.url, TagRow.model)
        ).all()
        alerts = session.execute(
            select(func.min(ItemRow.url), AlertRow.level)
            .join(StoryItemRow, StoryItemRow.item_id == ItemRow.id)
            .join(AlertRow, AlertRow.story_id == StoryItemRow.story_id)
            .group_by(AlertRow.id, AlertRow.level)
        ).all()
        told = session.scalar(select(func.count()).select_from(NoticeRow))
        return [*(tuple(row) for row in tags), *sorted(tuple(row) for row in alerts), ("notices", told)]


def test_three_kills(store: Store, store_url: str, tmp_path: Path) -> None:
    found = same_after_kills("tests.models.switch_process", store, store_url, 3, 7, tmp_path, _picture)
    assert len(found) > 2 * ITEMS


@pytest.mark.full
def test_thirty_kills(store: Store, store_url: str, tmp_path: Path) -> None:
    same_after_kills("tests.models.switch_process", store, store_url, 30, 3, tmp_path, _picture)
