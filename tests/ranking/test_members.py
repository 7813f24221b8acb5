"""The members of a story as ranking reads them from the store."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.rows import NOW, add_item
from waspada.alerts import writer
from waspada.store import Store
from waspada.store.tables import StoryItemRow, StoryRow


def test_a_giant_story_is_judged_by_its_newest_reports_not_by_what_came_last(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backfill brings in old articles with the highest ids."""
    monkeypatch.setattr(writer, "MAX_MEMBERS", 2)
    ages = {"Kabar baru": 1, "Kabar kemarin": 24, "Kabar lama": 9000, "Kabar terlama": 9001}
    with store.write() as session:
        session.add(StoryRow(id=1, opened_at=NOW, last_item_at=NOW, headline=""))
        session.flush()
        for number, (title, hours) in enumerate(ages.items()):
            at = NOW - timedelta(hours=hours)
            item = add_item(session, url=f"https://kabar-banjar.example/{number}", title=title, published_at=at)
            session.add(StoryItemRow(item_id=item, story_id=1, how="event", likeness=0.9, at=NOW))
        session.flush()
        assert [member.title for member in writer.members(session, 1)] == ["Kabar kemarin", "Kabar baru"]
