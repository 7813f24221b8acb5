"""The benchmark of scale, at a size that only proves that it runs."""

from __future__ import annotations

from sqlalchemy import func, select

from benchmarks import scale
from benchmarks.scale_rows import Filler, fill
from waspada.store import open_url
from waspada.store.tables import AlertRow, BandRow, ItemRow, StoryItemRow


def test_a_filled_store_holds_what_was_asked_for_and_is_worked_on() -> None:
    store = open_url("sqlite://")
    fill(store, 300, Filler())
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(ItemRow)) == 300
        assert session.scalar(select(func.count()).select_from(StoryItemRow)) == 300
        assert session.scalar(select(func.count()).select_from(BandRow)) == 300 * 32
        assert session.scalar(select(func.count()).select_from(AlertRow))
        assert session.scalar(select(func.count()).select_from(ItemRow).where(ItemRow.published_at.is_(None))) == 6
    cost = scale.measured(store, Filler(seed=2), 20)
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(StoryItemRow)) == 320
    store.close()
    assert set(cost.of) == {"group", "rank"}
    assert all(value > 0 for value in cost.of.values())
    assert any("bands" in sql and "SEARCH" in plan for sql, plan in cost.plans.items())


def test_the_same_seed_gives_the_same_rows() -> None:
    assert [Filler().place() for _ in range(3)] == [Filler().place() for _ in range(3)]
    assert Filler(seed=1).packed == Filler(seed=1).packed != Filler(seed=2).packed


def test_items_are_matched_with_fact_checks() -> None:
    cost = scale.of_claims(50, 5, lambda _stage, _done, _total: None)
    assert set(cost.of) == {"first index", "match", "look back"}
