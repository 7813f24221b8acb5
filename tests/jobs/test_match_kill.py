"""kill -9 of a worker that matches, then a restart: every match once, each with a history that leads to it."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.jobs.match_process import ITEMS
from tests.killed import same_after_kills
from tests.rows import pairs
from waspada.store import Store
from waspada.store.tables import ClaimMatchEventRow, ClaimMatchRow, FactCheckRow, ItemRow, RejectRow, UnmatchedItemRow


def _check(store: Store) -> None:
    """Whatever the moment: the state of every match is where its history leads, and none is there without one."""
    with store.read() as session:
        rows = session.scalars(select(ClaimMatchEventRow).order_by(ClaimMatchEventRow.item_id, ClaimMatchEventRow.id))
        last: dict[tuple[int, str], str | None] = {}
        for row in rows:
            assert last.get((row.item_id, row.claim_id)) == row.from_state
            last[row.item_id, row.claim_id] = row.to_state
        states = {(m.item_id, m.claim_id): m.state for m in session.scalars(select(ClaimMatchRow))}
    assert {key: state for key, state in last.items() if state is not None} == states


def _picture(store: Store) -> dict[str, Any]:
    with store.read() as session:
        url = pairs(session, select(ItemRow.id, ItemRow.url))
        checks = {row.id: row.url or row.id for row in session.scalars(select(FactCheckRow))}
        rows = session.scalars(select(ClaimMatchRow)).all()
        assert session.scalar(select(func.count()).select_from(UnmatchedItemRow)) == 0
        assert session.scalars(select(RejectRow.problem)).all() == []
        assert set(session.scalars(select(FactCheckRow.looked_back))) == {True}
        assert len(url) == ITEMS
        found = sorted((url[row.item_id], checks[row.claim_id], row.state) for row in rows)
    return {item: [rest for _, *rest in group] for item, group in groupby(found, key=lambda row: row[0])}


def _kill_and_restart(store: Store, url: str, kills: int, seed: int, tmp_path: Path) -> None:
    found = same_after_kills("tests.jobs.match_process", store, url, kills, seed, tmp_path, _picture, _check)
    assert len(found) == ITEMS - ITEMS // 8 - 2  # all but the fact-checker's own articles and the two edited ones


def test_three_kills(store: Store, store_url: str, tmp_path: Path) -> None:
    _kill_and_restart(store, store_url, 3, 5, tmp_path)


@pytest.mark.full
def test_thirty_kills(store: Store, store_url: str, tmp_path: Path) -> None:
    _kill_and_restart(store, store_url, 30, 2, tmp_path)
